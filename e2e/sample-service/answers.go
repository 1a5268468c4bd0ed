package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

var (
	errStatus = errors.New("a status is a number from 200 to 599")
	errAfter  = errors.New("after is a time up to a minute, as 300ms or 2s")
)

// answerAs answers with the status, and after the time, that it is asked for, as a service
// that is slow or failing would; and it says how the request has reached it.
func (s *service) answerAs(answer http.ResponseWriter, request *http.Request) {
	status, err := strconv.Atoi(request.PathValue("status"))
	if err != nil || status < 200 || status > 599 {
		refuse(answer, http.StatusBadRequest, errStatus)
		return
	}
	after, err := time.ParseDuration(or(request.URL.Query().Get("after"), "0s"))
	if err != nil || after < 0 || after > time.Minute {
		refuse(answer, http.StatusBadRequest, errAfter)
		return
	}
	select {
	case <-request.Context().Done():
		return
	case <-time.After(after):
	}
	reply(answer, status, map[string]any{
		"service": s.settings.service,
		"method":  request.Method,
		"host":    request.Host,
		"path":    request.URL.Path,
		"headers": request.Header,
	})
}
