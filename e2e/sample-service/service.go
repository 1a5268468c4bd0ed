package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// service is one service: its databases, its neighbours, and what its role does with them.
type service struct {
	settings settings
	stores   map[string]store
	role     role
	client   *http.Client
	metrics  *metrics
}

// role is what a service does besides what all do.
type role interface {
	// routes adds what it answers.
	routes(mux *http.ServeMux)
	// work goes on until the context is done.
	work(ctx context.Context)
	// tables are the statements that make what it keeps in a database with a schema.
	tables() []string
	// seed fills its databases with something to try it with.
	seed(ctx context.Context) error
}

// How long what was begun may take to end, below a pod's grace of 35 s of which 5 have gone.
const grace = 25 * time.Second

func newService(settings settings) (*service, error) {
	made := &service{
		settings: settings,
		stores:   map[string]store{},
		client:   &http.Client{Timeout: patience},
		metrics:  newMetrics(),
	}
	for _, database := range settings.databases {
		opened, err := openStore(settings, database)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", database.name, err)
		}
		made.stores[database.name] = opened
	}
	var err error
	made.role, err = newRole(made)
	return made, err
}

func newRole(s *service) (role, error) {
	switch s.settings.role {
	case "":
		return plain{}, nil
	case "account":
		return newAccount(s)
	case "cart":
		return newCart(s)
	case "inventory":
		return newInventory(s)
	case "mail":
		return newMail(s)
	case "order":
		return newOrders(s)
	case "payment":
		return newPayments(s)
	}
	return nil, fmt.Errorf("ROLE is %q: it is account, cart, inventory, mail, order, payment, or not set", s.settings.role)
}

// plain is the role of a service that has none.
type plain struct{}

func (plain) routes(*http.ServeMux)      {}
func (plain) work(context.Context)       {}
func (plain) tables() []string           { return nil }
func (plain) seed(context.Context) error { return nil }

// the database of the kind that a role needs; of several, the first by name.
func the[kind any](s *service) (kind, error) {
	for _, database := range s.settings.databases {
		if found, is := s.stores[database.name].(kind); is {
			return found, nil
		}
	}
	var none kind
	return none, fmt.Errorf("the role %s needs a database of another kind (%T) than those whose URLs are set", s.settings.role, none)
}

func (s *service) close() {
	for name, store := range s.stores {
		if err := store.close(); err != nil {
			slog.Warn("closing", "database", name, "because", err.Error())
		}
	}
}

// serve answers until the context is done; then it finishes what it began.
func (s *service) serve(ctx context.Context) error {
	server := &http.Server{
		Addr:              ":" + s.settings.port,
		Handler:           s.handler(),
		ReadHeaderTimeout: patience,
	}
	var working sync.WaitGroup
	working.Go(func() { s.role.work(ctx) })
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	slog.Info("serving", "service", s.settings.service, "port", s.settings.port)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("ending: no new request is taken, and those that were begun are answered")
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(last)
	working.Wait()
	return err
}

// migrate brings each database that has a schema to the version that is asked for.
func (s *service) migrate(ctx context.Context) error {
	steps := [][]string{
		{"CREATE TABLE IF NOT EXISTS writes (id VARCHAR(200) PRIMARY KEY, at BIGINT NOT NULL)"},
		s.role.tables(),
		{"CREATE INDEX IF NOT EXISTS writes_at ON writes (at)"},
	}
	for _, database := range s.settings.databases {
		store, has := s.stores[database.name].(migrated)
		if !has {
			continue
		}
		plan := migration{database.name, steps[:s.settings.schema], s.settings.migration}
		if err := store.migrate(ctx, plan); err != nil {
			return err
		}
	}
	return nil
}

// seed writes something to each database, and what the role has.
func (s *service) seed(ctx context.Context) error {
	for _, database := range s.settings.databases {
		if err := s.stores[database.name].write(ctx, "seed"); err != nil {
			return fmt.Errorf("%s: %w", database.name, err)
		}
	}
	if err := s.role.seed(ctx); err != nil {
		return err
	}
	slog.Info("seeded", "databases", len(s.settings.databases))
	return nil
}

// read prints what was written to each database. What cannot be read is told, and fails.
func (s *service) read(ctx context.Context, output io.Writer) error {
	found := map[string][]string{}
	var errs []error
	for _, database := range s.settings.databases {
		ids, err := s.stores[database.name].list(ctx)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", database.name, err))
			continue
		}
		found[database.name] = ids
	}
	if err := json.NewEncoder(output).Encode(found); err != nil {
		return err
	}
	return errors.Join(errs...)
}
