package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"

	amqp "github.com/rabbitmq/amqp091-go"
)

// payments takes the payment of each order that is created, and tells how it went. The first
// answer to an order is the only one, however often it is asked.
type payments struct {
	plain
	service *service
	store   *sqlStore
	broker  *rabbit
}

// The number of a card that every provider's sandbox declines.
const declined = "4000000000000002"

// created is the event of an order that waits for its payment.
type created struct {
	Order    string `json:"order"`
	Customer string `json:"customer"`
	Card     string `json:"card"`
	Amount   int    `json:"amount"`
}

// paid is the event that answers it.
type paid struct {
	Order string `json:"order"`
	State string `json:"state"`
}

const (
	orderCreated     = "order.created"
	paymentCompleted = "payment.completed"
	paymentFailed    = "payment.failed"
)

func newPayments(s *service) (role, error) {
	store, err := the[*sqlStore](s)
	if err != nil {
		return nil, err
	}
	broker, err := the[*rabbit](s)
	return &payments{service: s, store: store, broker: broker}, err
}

func (*payments) tables() []string {
	return []string{"CREATE TABLE IF NOT EXISTS payments (order_id VARCHAR(100) PRIMARY KEY, customer VARCHAR(100) NOT NULL, amount BIGINT NOT NULL, state VARCHAR(20) NOT NULL, at BIGINT NOT NULL)"}
}

func (p *payments) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/payments/{order}", p.get)
}

func (p *payments) work(ctx context.Context) {
	p.broker.subscribe(ctx, p.service.settings.queue, p.take)
}

func (p *payments) take(ctx context.Context, message amqp.Delivery) error {
	var order created
	if err := json.Unmarshal(message.Body, &order); err != nil {
		return err
	}
	pause(ctx, p.service.settings.paymentTime)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := p.store.ExecContext(ctx, p.store.newRow("payments (order_id, customer, amount, state, at) VALUES (?, ?, ?, ?, ?)"),
		order.Order, order.Customer, order.Amount, charge(order), now())
	if err != nil {
		return err
	}
	var state string
	if err := p.store.QueryRowContext(ctx, p.store.bind("SELECT state FROM payments WHERE order_id = ?"), order.Order).Scan(&state); err != nil {
		return err
	}
	body, err := json.Marshal(paid{order.Order, state})
	if err != nil {
		return err
	}
	return p.broker.publish(ctx, p.service.settings.exchange, state, order.Order, body)
}

// charge asks the provider, whose sandbox knows cards by their numbers.
func charge(order created) string {
	if order.Card == declined {
		return paymentFailed
	}
	return paymentCompleted
}

func (p *payments) get(answer http.ResponseWriter, request *http.Request) {
	found := paid{Order: request.PathValue("order")}
	err := p.store.QueryRowContext(request.Context(), p.store.bind("SELECT state FROM payments WHERE order_id = ?"), found.Order).Scan(&found.State)
	switch {
	case err == nil:
		reply(answer, http.StatusOK, found)
	case errors.Is(err, sql.ErrNoRows):
		refuse(answer, http.StatusNotFound, errors.New("nothing was paid for that order"))
	default:
		refuse(answer, http.StatusServiceUnavailable, err)
	}
}
