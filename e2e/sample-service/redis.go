package main

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"
)

// redisStore keeps all under the prefix that the service has, if it has one.
type redisStore struct {
	client *redis.Client
	prefix string
}

func openRedis(database database) (store, error) {
	options, err := redis.ParseURL(database.url.String())
	if err != nil {
		return nil, err
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = patience, patience, patience
	return &redisStore{redis.NewClient(options), database.keyPrefix}, nil
}

func (s *redisStore) write(ctx context.Context, id string) error {
	return s.client.HSet(ctx, s.prefix+"writes", id, now()).Err()
}

func (s *redisStore) list(ctx context.Context) ([]string, error) {
	ids, err := s.client.HKeys(ctx, s.prefix+"writes").Result()
	slices.Sort(ids)
	return ids, err
}

func (s *redisStore) ping(ctx context.Context) error { return s.client.Ping(ctx).Err() }

func (s *redisStore) close() error { return s.client.Close() }
