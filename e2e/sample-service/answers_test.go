package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAnAnswerIsAsItIsAskedFor(t *testing.T) {
	s, err := newService(settings{service: "page"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) *httptest.ResponseRecorder {
		recorded := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodPost, path, nil)
		request.Header.Set("X-Request-ID", "one")
		s.handler().ServeHTTP(recorded, request)
		return recorded
	}
	began := time.Now()
	said := ask("/answers/503?after=50ms")
	if said.Code != http.StatusServiceUnavailable || time.Since(began) < 50*time.Millisecond {
		t.Errorf("%d after %s", said.Code, time.Since(began))
	}
	var told struct {
		Service, Method, Path string
		Headers               http.Header
	}
	if err := json.Unmarshal(said.Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	if told.Service != "page" || told.Method != "POST" || told.Path != "/answers/503" || told.Headers.Get("X-Request-ID") != "one" {
		t.Errorf("%+v", told)
	}
	for _, path := range []string{"/answers/99", "/answers/well", "/answers/200?after=2h"} {
		if code := ask(path).Code; code != http.StatusBadRequest {
			t.Errorf("%s: %d", path, code)
		}
	}
}
