package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// order is one order, and how far it has come.
type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Cart     string `json:"cart"`
	Card     string `json:"card,omitempty"`
	// From the cart.
	Product  string `json:"product"`
	Quantity int    `json:"quantity"`
	State    state  `json:"state"`
	Reason   string `json:"reason,omitempty"`
}

// price is the same for all, in cents.
const price = 250

// orders takes orders. How far each has come is in its row and nowhere else, so whoever
// finds an order that is not finished can go on with it: see saga.go.
type orders struct {
	plain
	service                *service
	store                  *sqlStore
	broker                 *rabbit
	inventoryURL, cartsURL string
	wake                   chan struct{}
}

func newOrders(s *service) (role, error) {
	made := &orders{service: s, wake: make(chan struct{}, 1)}
	var errs [4]error
	made.store, errs[0] = the[*sqlStore](s)
	made.broker, errs[1] = the[*rabbit](s)
	made.inventoryURL, errs[2] = s.dependency("inventory-service")
	made.cartsURL, errs[3] = s.dependency("cart-service")
	return made, errors.Join(errs[:]...)
}

func (*orders) tables() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS orders (id VARCHAR(100) PRIMARY KEY, customer VARCHAR(100) NOT NULL, cart VARCHAR(100) NOT NULL,
		 card VARCHAR(40) NOT NULL, product VARCHAR(100) NOT NULL, quantity BIGINT NOT NULL,
		 state VARCHAR(20) NOT NULL, reason VARCHAR(200) NOT NULL, made BIGINT NOT NULL, due BIGINT NOT NULL)`,
		"CREATE INDEX IF NOT EXISTS orders_due ON orders (due)",
	}
}

func (o *orders) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/orders", o.post)
	mux.HandleFunc("GET /api/orders/{id}", o.get)
	mux.HandleFunc("GET /api/orders", o.list)
	mux.HandleFunc("POST /api/orders/expire", o.expire)
}

// post answers with 202 when the order is in the database; all else follows.
func (o *orders) post(answer http.ResponseWriter, request *http.Request) {
	var wanted order
	if !o.service.take(answer, request, &wanted) {
		return
	}
	if wanted.ID == "" {
		wanted.ID = uuid.NewString()
	}
	for _, id := range []string{wanted.ID, wanted.Customer, wanted.Cart} {
		if !identifier.MatchString(id) {
			refuse(answer, http.StatusBadRequest, errors.New("an order has a customer and a cart; "+errIdentifier.Error()))
			return
		}
	}
	if len(wanted.Card) > 40 {
		refuse(answer, http.StatusBadRequest, errors.New("the number of a card has at most 40 digits"))
		return
	}
	var chosen cart
	if err := o.service.call(request.Context(), http.MethodGet, o.cartsURL+"/api/carts/"+wanted.Cart, nil, &chosen); err != nil {
		refuseAsCalled(answer, "cart-service", err)
		return
	}
	wanted.Product, wanted.Quantity, wanted.State, wanted.Reason = chosen.Product, chosen.Quantity, fresh, ""
	if err := o.keep(request.Context(), wanted); err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	o.hurry()
	wanted.Card = ""
	reply(answer, http.StatusAccepted, wanted)
}

// refuseAsCalled tells what a neighbour said: what it refuses is the caller's mistake.
func refuseAsCalled(answer http.ResponseWriter, name string, err error) {
	var said *httpError
	if errors.As(err, &said) && said.status < 500 {
		refuse(answer, http.StatusUnprocessableEntity, errors.New(name+" says "+err.Error()))
		return
	}
	refuse(answer, http.StatusServiceUnavailable, errors.New(name+": "+err.Error()))
}

// keep writes a new order; one that was sent twice is the first one.
func (o *orders) keep(ctx context.Context, wanted order) error {
	_, err := o.store.ExecContext(ctx, o.store.newRow("orders (id, customer, cart, card, product, quantity, state, reason, made, due) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?)"),
		wanted.ID, wanted.Customer, wanted.Cart, wanted.Card, wanted.Product, wanted.Quantity, wanted.State, now(), now())
	return err
}

const columns = "SELECT id, customer, cart, card, product, quantity, state, reason FROM orders "

func scan(row interface{ Scan(...any) error }) (order, error) {
	var read order
	err := row.Scan(&read.ID, &read.Customer, &read.Cart, &read.Card, &read.Product, &read.Quantity, &read.State, &read.Reason)
	return read, err
}

func (o *orders) get(answer http.ResponseWriter, request *http.Request) {
	found, err := scan(o.store.QueryRowContext(request.Context(), o.store.bind(columns+"WHERE id = ?"), request.PathValue("id")))
	found.Card = ""
	switch {
	case err == nil:
		reply(answer, http.StatusOK, found)
	case errors.Is(err, sql.ErrNoRows):
		refuse(answer, http.StatusNotFound, errors.New("there is no such order"))
	default:
		refuse(answer, http.StatusServiceUnavailable, err)
	}
}

// list tells the state of every order, by its identifier.
func (o *orders) list(answer http.ResponseWriter, request *http.Request) {
	states, err := o.states(request.Context())
	if err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	reply(answer, http.StatusOK, states)
}

func (o *orders) states(ctx context.Context) (map[string]state, error) {
	rows, err := o.store.QueryContext(ctx, "SELECT id, state FROM orders")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[string]state{}
	for rows.Next() {
		var id string
		var is state
		if err := rows.Scan(&id, &is); err != nil {
			return nil, err
		}
		states[id] = is
	}
	return states, rows.Err()
}

// expire gives up orders that nothing was done for in all that time. One whose payment
// may have been asked for is not given up: the answer decides.
func (o *orders) expire(answer http.ResponseWriter, request *http.Request) {
	age, err := time.ParseDuration(request.URL.Query().Get("older-than"))
	if err != nil {
		refuse(answer, http.StatusBadRequest, err)
		return
	}
	result, err := o.store.ExecContext(request.Context(),
		o.store.bind("UPDATE orders SET state = ?, reason = ?, due = ? WHERE made < ? AND state = ?"),
		refused, "it expired", now(), now()-age.Milliseconds(), fresh)
	var expired int64
	if err == nil {
		expired, err = result.RowsAffected()
	}
	if err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	o.hurry()
	reply(answer, http.StatusOK, map[string]int64{"expired": expired})
}

// hurry wakes whoever goes on with orders.
func (o *orders) hurry() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// expire is the command that a cron service runs.
func expire(ctx context.Context, settings settings, arguments []string) error {
	age := "1h"
	if len(arguments) > 0 {
		age = arguments[0]
	}
	s := &service{settings: settings, client: &http.Client{Timeout: patience}}
	address, err := s.dependency("order-service")
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, address+"/api/orders/expire?older-than="+age, nil, nil)
}
