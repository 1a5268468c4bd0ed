package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// rabbit is a virtual host of a broker: what the service writes is kept in a queue of its
// own, which nobody takes from, and events go to and come from those of the application.
type rabbit struct {
	url string
	// Both the exchange and the queue of what was written.
	writes string

	mutex      sync.Mutex
	connection *amqp.Connection
	publishing *amqp.Channel
}

// What the library's calls are told, for a row of bare words says nothing.
const (
	durable    = true
	autoDelete = false
	internal   = false
	shared     = false
	exclusive  = true
	mandatory  = false
	immediate  = false
	autoAck    = false
	local      = false
	noWait     = false
	requeue    = true
	multiple   = false
	global     = false
)

func openRabbitMQ(settings settings, database database) (store, error) {
	return &rabbit{url: database.url.String(), writes: settings.service + ".writes"}, nil
}

func (r *rabbit) write(ctx context.Context, id string) error {
	return r.publish(ctx, r.writes, "", id, nil)
}

// publish sends a message, and returns nil when the broker has it on its disk.
func (r *rabbit) publish(ctx context.Context, exchange, key, id string, body []byte) error {
	confirmation, err := r.send(ctx, exchange, key, id, body)
	if err != nil {
		return err
	}
	confirmed, err := confirmation.WaitContext(ctx)
	if err != nil {
		// The broker is gone, or as good as gone: the next one tries another connection.
		r.disconnect()
		return err
	}
	if !confirmed {
		return errors.New("the broker did not take the message")
	}
	return nil
}

func (r *rabbit) send(ctx context.Context, exchange, key, id string, body []byte) (*amqp.DeferredConfirmation, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	channel, err := r.publisher()
	if err != nil {
		return nil, err
	}
	return channel.PublishWithDeferredConfirmWithContext(ctx, exchange, key, mandatory, immediate, amqp.Publishing{
		MessageId:    id,
		DeliveryMode: amqp.Persistent,
		ContentType:  "application/json",
		Body:         body,
	})
}

// publisher is the channel that all messages go by. Called with the lock held.
func (r *rabbit) publisher() (*amqp.Channel, error) {
	if r.publishing != nil && !r.publishing.IsClosed() {
		return r.publishing, nil
	}
	channel, err := r.channel()
	if err != nil {
		return nil, err
	}
	if err := r.declare(channel); err != nil {
		channel.Close()
		return nil, err
	}
	r.publishing = channel
	return channel, channel.Confirm(false)
}

// declare is done by everybody who writes, so that a message finds its queue.
func (r *rabbit) declare(channel *amqp.Channel) error {
	if err := channel.ExchangeDeclare(r.writes, "fanout", durable, autoDelete, internal, noWait, nil); err != nil {
		return err
	}
	if _, err := channel.QueueDeclare(r.writes, durable, autoDelete, shared, noWait, nil); err != nil {
		return err
	}
	return channel.QueueBind(r.writes, "", r.writes, noWait, nil)
}

// channel opens one, and a connection where there is none. Called with the lock held.
func (r *rabbit) channel() (*amqp.Channel, error) {
	if r.connection == nil || r.connection.IsClosed() {
		connection, err := amqp.DialConfig(r.url, amqp.Config{Heartbeat: patience, Dial: amqp.DefaultDial(patience)})
		if err != nil {
			return nil, err
		}
		r.connection = connection
	}
	return r.connection.Channel()
}

func (r *rabbit) ownChannel() (*amqp.Channel, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.channel()
}

func (r *rabbit) disconnect() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.connection != nil {
		r.connection.Close()
	}
	r.connection, r.publishing = nil, nil
}

// list looks at all messages, and lets them go back to the queue. While one looks, another
// would see a part only, so it is turned away.
func (r *rabbit) list(ctx context.Context) ([]string, error) {
	channel, err := r.ownChannel()
	if err != nil {
		return nil, err
	}
	// With the channel, whatever was not acknowledged goes back to where it was.
	defer channel.Close()
	if err := r.declare(channel); err != nil {
		return nil, err
	}
	queue, err := channel.QueueDeclarePassive(r.writes, durable, autoDelete, shared, noWait, nil)
	if err != nil {
		return nil, err
	}
	if queue.Consumers > 0 {
		return nil, fmt.Errorf("the queue %s is being looked at by another", r.writes)
	}
	messages, err := channel.ConsumeWithContext(ctx, r.writes, "", autoAck, exclusive, local, noWait, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, queue.Messages)
	for len(ids) < queue.Messages {
		select {
		case message, open := <-messages:
			if !open {
				return nil, errors.New("the broker went away")
			}
			ids = append(ids, message.MessageId)
		case <-ctx.Done():
			return nil, fmt.Errorf("of %d messages %d came: %w", queue.Messages, len(ids), ctx.Err())
		}
	}
	slices.Sort(ids)
	// One that was written again, for its first answer was lost, is there twice.
	return slices.Compact(ids), nil
}

func (r *rabbit) ping(context.Context) error {
	channel, err := r.ownChannel()
	if err != nil {
		return err
	}
	return channel.Close()
}

func (r *rabbit) close() error {
	r.disconnect()
	return nil
}

// subscribe hands over each message of a queue until the context is done. A message is
// acknowledged after the work, and comes again when the work failed.
func (r *rabbit) subscribe(ctx context.Context, queue string, work func(context.Context, amqp.Delivery) error) {
	for ctx.Err() == nil {
		err := r.receive(ctx, queue, work)
		if ctx.Err() == nil {
			slog.Warn("subscribing again", "queue", queue, "because", err.Error())
			pause(ctx, time.Second)
		}
	}
}

func (r *rabbit) receive(ctx context.Context, queue string, work func(context.Context, amqp.Delivery) error) error {
	channel, err := r.ownChannel()
	if err != nil {
		return err
	}
	defer channel.Close()
	if err := channel.Qos(4, 0, global); err != nil {
		return err
	}
	messages, err := channel.ConsumeWithContext(ctx, queue, "", autoAck, shared, local, noWait, nil)
	if err != nil {
		return err
	}
	for message := range messages {
		if err := work(ctx, message); err != nil {
			slog.Warn("an event waits", "key", message.RoutingKey, "id", message.MessageId, "because", err.Error())
			pause(ctx, time.Second)
			if err := message.Nack(multiple, requeue); err != nil {
				return err
			}
			continue
		}
		if err := message.Ack(multiple); err != nil {
			return err
		}
	}
	return errors.New("the broker went away")
}

// pause waits, but not beyond the end of the context.
func pause(ctx context.Context, wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}
