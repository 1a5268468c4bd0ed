package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// sqlStore is a database that speaks SQL. Statements are written once, with ? for values;
// what differs from engine to engine is in its dialect.
type sqlStore struct {
	*sql.DB
	dialect dialect
}

type dialect struct {
	// Values are $1, $2, … rather than ?.
	numbered bool
	// What is written around INSERT to leave a row that is there as it is.
	insertNew, insertNewEnd string
	// Takes and gives back a lock that one migration at a time holds.
	lock, unlock string
}

func openSQL(driver, source string, dialect dialect) (*sqlStore, error) {
	pool, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(4)
	pool.SetConnMaxIdleTime(time.Minute)
	return &sqlStore{pool, dialect}, nil
}

func (s *sqlStore) write(ctx context.Context, id string) error {
	_, err := s.ExecContext(ctx, s.newRow("writes (id, at) VALUES (?, ?)"), id, now())
	return err
}

func (s *sqlStore) list(ctx context.Context) ([]string, error) {
	rows, err := s.QueryContext(ctx, "SELECT id FROM writes ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ids := []string{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (s *sqlStore) ping(ctx context.Context) error { return s.PingContext(ctx) }

func (s *sqlStore) close() error { return s.Close() }

// bind writes the values' places as the engine has them.
func (s *sqlStore) bind(statement string) string {
	if !s.dialect.numbered {
		return statement
	}
	var bound strings.Builder
	number := 0
	for _, letter := range statement {
		if letter != '?' {
			bound.WriteRune(letter)
			continue
		}
		number++
		bound.WriteString("$" + strconv.Itoa(number))
	}
	return bound.String()
}

// newRow is a statement that inserts a row unless one of the same key is there.
func (s *sqlStore) newRow(into string) string {
	return s.bind(s.dialect.insertNew + " INTO " + into + s.dialect.insertNewEnd)
}

// inTransaction does the work, and keeps all of it or nothing.
func (s *sqlStore) inTransaction(ctx context.Context, work func(*sql.Tx) error) error {
	transaction, err := s.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(transaction); err != nil {
		// What the work says is the cause; that its connection is gone as well tells nobody more.
		_ = transaction.Rollback()
		return err
	}
	return transaction.Commit()
}

// migration is where a schema has to go, and how a test wants it to end.
type migration struct {
	database string
	// For each version, what makes it of the one before.
	steps  [][]string
	ending string
}

// Each statement can be run twice, for not every engine takes back a table that was made.
func (s *sqlStore) migrate(ctx context.Context, plan migration) error {
	// A lock belongs to a connection.
	connection, err := s.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.ExecContext(ctx, s.dialect.lock); err != nil {
		return err
	}
	defer connection.ExecContext(context.WithoutCancel(ctx), s.dialect.unlock)
	if _, err := connection.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)"); err != nil {
		return err
	}
	var current int
	if err := connection.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_versions").Scan(&current); err != nil {
		return err
	}
	for version := current + 1; version <= len(plan.steps); version++ {
		slog.Info("migrating", "database", plan.database, "version", version)
		for _, statement := range plan.steps[version-1] {
			if _, err := connection.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: version %d: %s: %w", plan.database, version, statement, err)
			}
		}
		if err := end(ctx, plan, version); err != nil {
			return err
		}
		if _, err := connection.ExecContext(ctx, s.bind("INSERT INTO schema_versions (version, at) VALUES (?, ?)"), version, now()); err != nil {
			return err
		}
	}
	slog.Info("migrated", "database", plan.database, "from", current, "to", len(plan.steps))
	return nil
}

// end ends the newest step as a test asks for it.
func end(ctx context.Context, plan migration, version int) error {
	switch {
	case version < len(plan.steps) || plan.ending == "":
		return nil
	case plan.ending == "hang":
		slog.Warn("this migration never ends, as it was asked to", "database", plan.database)
		<-ctx.Done()
		return ctx.Err()
	}
	return fmt.Errorf("%s: version %d failed, as it was asked to", plan.database, version)
}

// now is in milliseconds, which every engine keeps alike.
func now() int64 { return time.Now().UnixMilli() }
