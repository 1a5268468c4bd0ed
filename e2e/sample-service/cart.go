package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/redis/go-redis/v9"
)

// cart is what somebody wants to buy.
type cart struct {
	Product  string `json:"product"`
	Quantity int    `json:"quantity"`
}

// carts keeps carts in Redis.
type carts struct {
	plain
	service *service
	store   *redisStore
}

func newCart(s *service) (role, error) {
	store, err := the[*redisStore](s)
	return &carts{service: s, store: store}, err
}

func (c *carts) routes(mux *http.ServeMux) {
	mux.HandleFunc("PUT /api/carts/{id}", c.put)
	mux.HandleFunc("GET /api/carts/{id}", c.get)
}

func (c *carts) key(request *http.Request) string {
	return c.store.prefix + "cart:" + request.PathValue("id")
}

func (c *carts) put(answer http.ResponseWriter, request *http.Request) {
	var put cart
	if !c.service.take(answer, request, &put) {
		return
	}
	if !identifier.MatchString(put.Product) || put.Quantity < 1 {
		refuse(answer, http.StatusBadRequest, errors.New("a cart has a product and a quantity of at least 1"))
		return
	}
	text, err := json.Marshal(put)
	if err == nil {
		err = c.store.client.Set(request.Context(), c.key(request), text, 0).Err()
	}
	if err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	reply(answer, http.StatusOK, put)
}

func (c *carts) get(answer http.ResponseWriter, request *http.Request) {
	text, err := c.store.client.Get(request.Context(), c.key(request)).Bytes()
	var found cart
	switch {
	case errors.Is(err, redis.Nil):
		refuse(answer, http.StatusNotFound, errors.New("there is no such cart"))
		return
	case err == nil:
		err = json.Unmarshal(text, &found)
	}
	if err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	reply(answer, http.StatusOK, found)
}

func (c *carts) seed(ctx context.Context) error {
	return c.store.client.SetNX(ctx, c.store.prefix+"cart:sample", `{"product":"tea","quantity":1}`, 0).Err()
}
