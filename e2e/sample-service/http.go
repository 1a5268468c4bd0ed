package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// handler has what all services answer, and what the role does.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.health)
	mux.HandleFunc("GET /health/detailed", s.detailedHealth)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("POST /writes", s.postWrite)
	mux.HandleFunc("GET /writes", s.getWrites)
	mux.HandleFunc("/answers/{status}", s.answerAs)
	mux.HandleFunc("GET /{$}", s.index)
	s.role.routes(mux)
	return s.measured(mux)
}

// health is of the process only: a restart heals nothing that is outside of it.
func (s *service) health(answer http.ResponseWriter, _ *http.Request) {
	reply(answer, http.StatusOK, map[string]string{"status": "ok"})
}

// detailedHealth asks everybody. Databases decide; a neighbour that is away is told.
func (s *service) detailedHealth(answer http.ResponseWriter, request *http.Request) {
	databases := s.ask(request.Context())
	status := http.StatusOK
	for _, said := range databases {
		if said != "ok" {
			status = http.StatusServiceUnavailable
		}
	}
	reply(answer, status, map[string]any{
		"databases":    databases,
		"dependencies": s.callAll(request.Context()),
	})
}

// ask pings all databases at once, within the time that a probe waits.
func (s *service) ask(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, patience/2)
	defer cancel()
	return s.each(func(name string, store store) error { return store.ping(ctx) })
}

// each does something with all databases at once, and tells how it went with each.
func (s *service) each(do func(name string, store store) error) map[string]string {
	said := map[string]string{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	for name, store := range s.stores {
		all.Go(func() {
			result := "ok"
			if err := do(name, store); err != nil {
				result = err.Error()
				slog.Warn("a database did not do as it was asked", "database", name, "because", result)
			}
			mutex.Lock()
			defer mutex.Unlock()
			said[name] = result
		})
	}
	all.Wait()
	return said
}

// callAll asks each dependency how it is.
func (s *service) callAll(ctx context.Context) map[string]string {
	said := map[string]string{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	for _, dependency := range s.settings.dependencies {
		all.Go(func() {
			result := "ok"
			if err := s.call(ctx, http.MethodGet, dependency.url+"/health", nil, nil); err != nil {
				result = err.Error()
			}
			s.metrics.calls.WithLabelValues(dependency.name, outcome(result == "ok")).Inc()
			mutex.Lock()
			defer mutex.Unlock()
			said[dependency.name] = result
		})
	}
	all.Wait()
	return said
}

// An identifier is a part of keys and of addresses.
var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

var errIdentifier = errors.New("an id has 1 to 100 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit")

// postWrite writes an identifier to every database. What it answers with 201 is kept by all
// of them that keep anything; after any other answer the same may be sent again.
func (s *service) postWrite(answer http.ResponseWriter, request *http.Request) {
	var asked struct {
		ID string `json:"id"`
	}
	if !s.take(answer, request, &asked) {
		return
	}
	if asked.ID == "" {
		asked.ID = uuid.NewString()
	}
	if !identifier.MatchString(asked.ID) {
		refuse(answer, http.StatusBadRequest, errIdentifier)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), patience)
	defer cancel()
	said := s.each(func(name string, store store) error { return s.write(ctx, name, store, asked.ID) })
	status := http.StatusCreated
	for _, database := range s.settings.databases {
		if said[database.name] != "ok" && !database.cache {
			status = http.StatusServiceUnavailable
		}
	}
	reply(answer, status, map[string]any{
		"id":        asked.ID,
		"databases": said,
		// They have no part in what is kept.
		"dependencies": s.callAll(ctx),
	})
}

func (s *service) write(ctx context.Context, name string, store store, id string) error {
	began := time.Now()
	err := store.write(ctx, id)
	s.metrics.writes.WithLabelValues(name, outcome(err == nil)).Observe(time.Since(began).Seconds())
	return err
}

// getWrites reads all back, from each database by itself.
func (s *service) getWrites(answer http.ResponseWriter, request *http.Request) {
	kept, cached := map[string][]string{}, map[string][]string{}
	for _, database := range s.settings.databases {
		ids, err := s.stores[database.name].list(request.Context())
		if err != nil {
			refuse(answer, http.StatusServiceUnavailable, fmt.Errorf("%s: %w", database.name, err))
			return
		}
		if database.cache {
			cached[database.name] = ids
		} else {
			kept[database.name] = ids
		}
	}
	reply(answer, http.StatusOK, map[string]any{"databases": kept, "caches": cached})
}

// index is the page of whoever comes by a browser.
func (s *service) index(answer http.ResponseWriter, request *http.Request) {
	reply(answer, http.StatusOK, map[string]any{
		"service":      s.settings.service,
		"dependencies": s.callAll(request.Context()),
	})
}

// take reads a body of JSON, or refuses it; none at all is an empty one.
func (s *service) take(answer http.ResponseWriter, request *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, 1<<20))
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		refuse(answer, http.StatusBadRequest, err)
	}
	return err == nil
}

func reply(answer http.ResponseWriter, status int, value any) {
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(status)
	// Whoever asked has gone if this fails.
	_ = json.NewEncoder(answer).Encode(value)
}

func refuse(answer http.ResponseWriter, status int, err error) {
	reply(answer, status, map[string]string{"error": err.Error()})
}

// httpError is what a neighbour answers that is no success.
type httpError struct {
	status int
	said   string
}

func (e *httpError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.said) }

// call sends JSON to a neighbour, and reads its answer into a value.
func (s *service) call(ctx context.Context, method, address string, body, into any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, sent)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= 300:
		return &httpError{response.StatusCode, strings.TrimSpace(string(text))}
	case into == nil:
		return nil
	}
	return json.Unmarshal(text, into)
}

// dependency is the address of a neighbour that the role cannot do without.
func (s *service) dependency(name string) (string, error) {
	for _, dependency := range s.settings.dependencies {
		if dependency.name == name {
			return dependency.url, nil
		}
	}
	return "", fmt.Errorf("the role %s calls %s, whose URL is not set", s.settings.role, name)
}

// measured counts requests, and writes a line for each that went wrong here.
func (s *service) measured(next *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		recorded := &recorder{answer, http.StatusOK}
		began := time.Now()
		next.ServeHTTP(recorded, request)
		s.metrics.requests.WithLabelValues(request.Pattern, fmt.Sprint(recorded.status)).Observe(time.Since(began).Seconds())
		if recorded.status >= 500 {
			slog.Warn("answered", "request", request.Method+" "+request.URL.Path, "status", recorded.status)
		}
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
