package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
)

// inventory keeps how much of each product there is, and what of it is reserved for an
// order. To reserve or to release twice is the same as once.
type inventory struct {
	plain
	service *service
	store   *sqlStore
}

func newInventory(s *service) (role, error) {
	store, err := the[*sqlStore](s)
	return &inventory{service: s, store: store}, err
}

func (*inventory) tables() []string {
	return []string{
		"CREATE TABLE IF NOT EXISTS stock (product VARCHAR(100) PRIMARY KEY, available BIGINT NOT NULL)",
		"CREATE TABLE IF NOT EXISTS reservations (order_id VARCHAR(100) PRIMARY KEY, product VARCHAR(100) NOT NULL, quantity BIGINT NOT NULL, state VARCHAR(20) NOT NULL)",
	}
}

func (i *inventory) seed(ctx context.Context) error {
	_, err := i.store.ExecContext(ctx, i.store.newRow("stock (product, available) VALUES (?, ?)"), "tea", 1000)
	return err
}

func (i *inventory) routes(mux *http.ServeMux) {
	mux.HandleFunc("PUT /api/inventory/{product}", i.put)
	mux.HandleFunc("GET /api/inventory/{product}", i.get)
	mux.HandleFunc("PUT /api/inventory/reservations/{order}", i.reserve)
	mux.HandleFunc("DELETE /api/inventory/reservations/{order}", i.release)
}

// stock is how much can still be ordered.
type stock struct {
	Available int64 `json:"available"`
}

func (i *inventory) put(answer http.ResponseWriter, request *http.Request) {
	var put stock
	product := request.PathValue("product")
	if !i.service.take(answer, request, &put) {
		return
	}
	if !identifier.MatchString(product) || put.Available < 0 {
		refuse(answer, http.StatusBadRequest, errors.New("stock has a product, and 0 or more are available"))
		return
	}
	err := i.store.inTransaction(request.Context(), func(transaction *sql.Tx) error {
		ctx := request.Context()
		if _, err := transaction.ExecContext(ctx, i.store.newRow("stock (product, available) VALUES (?, ?)"), product, put.Available); err != nil {
			return err
		}
		_, err := transaction.ExecContext(ctx, i.store.bind("UPDATE stock SET available = ? WHERE product = ?"), put.Available, product)
		return err
	})
	i.tell(answer, put, err)
}

func (i *inventory) get(answer http.ResponseWriter, request *http.Request) {
	var found stock
	err := i.store.QueryRowContext(request.Context(), i.store.bind("SELECT available FROM stock WHERE product = ?"), request.PathValue("product")).Scan(&found.Available)
	i.tell(answer, found, err)
}

func (i *inventory) reserve(answer http.ResponseWriter, request *http.Request) {
	var wanted cart
	if !i.service.take(answer, request, &wanted) {
		return
	}
	i.tell(answer, wanted, i.store.inTransaction(request.Context(), func(transaction *sql.Tx) error {
		return i.reserveIn(request.Context(), transaction, request.PathValue("order"), wanted)
	}))
}

var errSoldOut = errors.New("there is not enough of it")

func (i *inventory) reserveIn(ctx context.Context, transaction *sql.Tx, order string, wanted cart) error {
	made, err := transaction.ExecContext(ctx, i.store.newRow("reservations (order_id, product, quantity, state) VALUES (?, ?, ?, 'reserved')"), order, wanted.Product, wanted.Quantity)
	if err != nil {
		return err
	}
	if rows, err := made.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	taken, err := transaction.ExecContext(ctx, i.store.bind("UPDATE stock SET available = available - ? WHERE product = ? AND available >= ?"), wanted.Quantity, wanted.Product, wanted.Quantity)
	if err != nil {
		return err
	}
	rows, err := taken.RowsAffected()
	if err == nil && rows == 0 {
		return errSoldOut
	}
	return err
}

func (i *inventory) release(answer http.ResponseWriter, request *http.Request) {
	i.tell(answer, struct{}{}, i.store.inTransaction(request.Context(), func(transaction *sql.Tx) error {
		return i.releaseIn(request.Context(), transaction, request.PathValue("order"))
	}))
}

func (i *inventory) releaseIn(ctx context.Context, transaction *sql.Tx, order string) error {
	released, err := transaction.ExecContext(ctx, i.store.bind("UPDATE reservations SET state = 'released' WHERE order_id = ? AND state = 'reserved'"), order)
	if err != nil {
		return err
	}
	if rows, err := released.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	_, err = transaction.ExecContext(ctx, i.store.bind(
		"UPDATE stock SET available = available + (SELECT quantity FROM reservations WHERE order_id = ?) WHERE product = (SELECT product FROM reservations WHERE order_id = ?)"), order, order)
	return err
}

func (i *inventory) tell(answer http.ResponseWriter, value any, err error) {
	switch {
	case err == nil:
		reply(answer, http.StatusOK, value)
	case errors.Is(err, sql.ErrNoRows):
		refuse(answer, http.StatusNotFound, errors.New("there is no such product"))
	case errors.Is(err, errSoldOut):
		refuse(answer, http.StatusConflict, err)
	default:
		refuse(answer, http.StatusServiceUnavailable, err)
	}
}
