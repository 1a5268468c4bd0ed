package main

import (
	"context"
	"fmt"
	"time"
)

// store is one database of the service, as far as all engines are alike.
//
// None of them connects before it is asked for something, and each connects again by itself.
type store interface {
	// write keeps the identifier; once it has returned nil, it is there whatever happens to
	// the server's process. To write one twice is the same as once.
	write(ctx context.Context, id string) error
	// list tells all that was written, in the order of the identifiers.
	list(ctx context.Context) ([]string, error)
	// ping asks whether the server answers, and lets the service in.
	ping(ctx context.Context) error
	close() error
}

// migrated is a store that has a schema.
type migrated interface {
	// migrate brings the schema to a version; the statements are those of the service's role.
	migrate(ctx context.Context, plan migration) error
}

// How long one question to a database may take.
const patience = 5 * time.Second

func openStore(settings settings, database database) (store, error) {
	switch database.url.Scheme {
	case "postgresql":
		return openPostgreSQL(database)
	case "mysql":
		return openMariaDB(database)
	case "redis":
		return openRedis(database)
	case "amqp":
		return openRabbitMQ(settings, database)
	case "s3":
		return openS3(database)
	}
	return nil, fmt.Errorf("%s: no database has the scheme %q", database.name, database.url.Scheme)
}
