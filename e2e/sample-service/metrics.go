package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics is what /metrics tells.
type metrics struct {
	registry         *prometheus.Registry
	requests, writes *prometheus.HistogramVec
	calls, orders    *prometheus.CounterVec
}

func newMetrics() *metrics {
	made := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds",
			Help: "How long requests took, by route and status.",
		}, []string{"route", "status"}),
		writes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "database_write_duration_seconds",
			Help: "How long writes took, by database and outcome.",
		}, []string{"database", "outcome"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dependency_calls_total",
			Help: "Calls of other services, by outcome.",
		}, []string{"dependency", "outcome"}),
		orders: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "order_steps_total",
			Help: "The states that orders came to.",
		}, []string{"state"}),
	}
	made.registry.MustRegister(made.requests, made.writes, made.calls, made.orders,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return made
}

func outcome(ok bool) string {
	if ok {
		return "ok"
	}
	return "failed"
}
