package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// state is how far an order has come:
//
//	NEW ──▶ RESERVED ──▶ PAYING ──▶ PAID ──▶ CONFIRMED
//	 │                     │
//	 └─────────────────────┴──────▶ REFUSED ──▶ CANCELLED
//
// A step is done while its row is locked, and the new state is kept after the step. So a
// step may be done twice, which everybody whom it calls takes for once; and none is left out.
type state string

const (
	fresh     state = "NEW"
	reserved  state = "RESERVED"
	paying    state = "PAYING"
	settled   state = "PAID"
	confirmed state = "CONFIRMED"
	refused   state = "REFUSED"
	cancelled state = "CANCELLED"
)

const (
	orderConfirmed = "order.confirmed"
	orderCancelled = "order.cancelled"

	// How many orders go on at once.
	workers = 4
	// How long an order waits after a step that failed.
	retry = time.Second
	// How long a payment may be without an answer before it is asked for again.
	overdue = 10 * time.Second
	// How long nobody looks when nobody calls: an order that another process left behind
	// waits for as long as this.
	rest = time.Second
)

// after is the state that the answer of the payment leads to. What comes late or twice
// changes nothing.
func (s state) after(event string) state {
	switch {
	case s != reserved && s != paying:
		return s
	case event == paymentCompleted:
		return settled
	case event == paymentFailed:
		return refused
	}
	return s
}

// work goes on with orders, and hears of payments.
func (o *orders) work(ctx context.Context) {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { o.drive(ctx) })
	}
	o.broker.subscribe(ctx, o.service.settings.queue, o.hear)
	all.Wait()
}

func (o *orders) drive(ctx context.Context) {
	for ctx.Err() == nil {
		found, err := o.step(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Warn("an order waits", "because", err.Error())
		}
		if found && err == nil {
			continue
		}
		select {
		case <-o.wake:
		case <-time.After(rest):
		case <-ctx.Done():
		}
	}
}

// step takes one order that is due a step further. A step that was begun is finished, also
// when the service ends.
func (o *orders) step(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
	defer cancel()
	err = o.store.inTransaction(ctx, func(transaction *sql.Tx) error {
		due, err := scan(transaction.QueryRowContext(ctx, o.store.bind(columns+
			"WHERE due <= ? AND state NOT IN ('CONFIRMED', 'CANCELLED') ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED"), now()))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		next, reason, failed := o.next(ctx, due)
		again := now()
		switch {
		case failed != nil:
			// Kept as well, or the same order would be the first one for ever.
			slog.Warn("a step is tried again", "order", due.ID, "state", due.State, "because", failed.Error())
			next, reason, again = due.State, due.Reason, again+retry.Milliseconds()
		case next == paying:
			again += overdue.Milliseconds()
		}
		if next != due.State {
			o.service.metrics.orders.WithLabelValues(string(next)).Inc()
			slog.Info("order", "id", due.ID, "state", next)
		}
		_, err = transaction.ExecContext(ctx, o.store.bind("UPDATE orders SET state = ?, reason = ?, due = ? WHERE id = ?"), next, reason, again, due.ID)
		return err
	})
	return found, err
}

// next does what an order's state asks for, and tells the state that follows and why.
func (o *orders) next(ctx context.Context, due order) (state, string, error) {
	reservation := o.inventoryURL + "/api/inventory/reservations/" + due.ID
	switch due.State {
	case fresh:
		err := o.service.call(ctx, http.MethodPut, reservation, cart{due.Product, due.Quantity}, nil)
		var said *httpError
		if errors.As(err, &said) && said.status == http.StatusConflict {
			return refused, "there is not enough of it", nil
		}
		return reserved, "", err
	case reserved, paying:
		return paying, "", o.tell(ctx, orderCreated, due.ID, created{due.ID, due.Customer, due.Card, price * due.Quantity})
	case settled:
		return confirmed, "", o.tell(ctx, orderConfirmed, due.ID, paid{due.ID, string(confirmed)})
	case refused:
		if err := o.service.call(ctx, http.MethodDelete, reservation, nil, nil); err != nil {
			return refused, "", err
		}
		return cancelled, due.Reason, o.tell(ctx, orderCancelled, due.ID, paid{due.ID, string(cancelled)})
	}
	return due.State, due.Reason, errors.New("nobody knows this state")
}

func (o *orders) tell(ctx context.Context, key, id string, event any) error {
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return o.broker.publish(ctx, o.service.settings.exchange, key, id, body)
}

// hear takes the answer of a payment.
func (o *orders) hear(ctx context.Context, message amqp.Delivery) error {
	var answer paid
	if err := json.Unmarshal(message.Body, &answer); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer o.hurry()
	return o.store.inTransaction(ctx, func(transaction *sql.Tx) error {
		var is state
		// The row may be locked by the step that asked for the payment: its state comes first.
		err := transaction.QueryRowContext(ctx, o.store.bind("SELECT state FROM orders WHERE id = ? FOR UPDATE"), answer.Order).Scan(&is)
		if errors.Is(err, sql.ErrNoRows) {
			slog.Warn("a payment for an order that nobody knows", "order", answer.Order)
			return nil
		}
		next := is.after(message.RoutingKey)
		if err != nil || next == is {
			return err
		}
		reason := ""
		if next == refused {
			reason = "the payment was refused"
		}
		_, err = transaction.ExecContext(ctx, o.store.bind("UPDATE orders SET state = ?, reason = ?, due = ? WHERE id = ?"), next, reason, now(), answer.Order)
		return err
	})
}
