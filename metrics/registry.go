// Package metrics makes what a process says of itself to Prometheus: the registry, the metrics of its API clients, and the
// page that is scraped. Nothing in it is global: each process, or test, has a registry of its own.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// NewRegistry returns a registry with the metrics of the Go runtime, of the process, and of the build.
func NewRegistry(version string) *Registry {
	registry := &Registry{Registry: prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "wheelhouse_build_info",
		Help:        "1, labelled with the version.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry.MustRegister( // can't fail: the registry is empty, and the names differ
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build,
	)
	return registry
}

// maxScrapes bounds what scrapes may cost: Prometheus needs one, a second server of a pair another, and a person a third.
const maxScrapes = 3

// Handler returns the page that Prometheus scrapes.
func Handler(registry *Registry, log *zap.Logger) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            zap.NewStdLog(log),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: maxScrapes,
		Registry:            registry,
	})
}
