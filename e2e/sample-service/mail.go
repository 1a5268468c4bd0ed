package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/minio/minio-go/v7"
	amqp "github.com/rabbitmq/amqp091-go"
)

// mail writes a letter for each event of an order, and keeps a copy in a bucket. The same
// event twice makes the same letter.
type mail struct {
	plain
	service *service
	copies  *s3Store
	broker  *rabbit
}

func newMail(s *service) (role, error) {
	copies, err := the[*s3Store](s)
	if err != nil {
		return nil, err
	}
	broker, err := the[*rabbit](s)
	return &mail{service: s, copies: copies, broker: broker}, err
}

func (m *mail) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /mails/{order}/{event}", m.get)
}

func (m *mail) work(ctx context.Context) {
	m.broker.subscribe(ctx, m.service.settings.queue, m.send)
}

func (m *mail) send(ctx context.Context, message amqp.Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	letter := fmt.Sprintf("Your order %s: %s\n", message.MessageId, message.RoutingKey)
	return m.copies.put(ctx, copyOf(message.MessageId, message.RoutingKey), letter)
}

func copyOf(order, event string) string { return "mails/" + order + "/" + event }

func (m *mail) get(answer http.ResponseWriter, request *http.Request) {
	letter, err := m.copies.get(request.Context(), copyOf(request.PathValue("order"), request.PathValue("event")))
	switch {
	case err == nil:
		reply(answer, http.StatusOK, map[string]string{"letter": letter})
	case minio.ToErrorResponse(err).StatusCode == http.StatusNotFound:
		refuse(answer, http.StatusNotFound, errors.New("there was no such letter"))
	default:
		refuse(answer, http.StatusServiceUnavailable, err)
	}
}
