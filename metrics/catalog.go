package metrics

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Registry is a registry that can tell of each metric in it, also of those that have no value yet.
type Registry struct {
	*prometheus.Registry

	mu         sync.Mutex
	collectors []prometheus.Collector // guarded by mu
}

// Register adds the collector.
func (r *Registry) Register(c prometheus.Collector) error {
	if err := r.Registry.Register(c); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.collectors = append(r.collectors, c)
	return nil
}

// Metric describes a metric.
type Metric struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"` // counter, gauge or histogram
	Labels []string `json:"labels,omitempty"`
	Help   string   `json:"help"`
}

// Catalog returns all metrics, sorted by name. It gives those without a value a series with empty labels, so that the registry is of
// no other use afterwards.
func (r *Registry) Catalog() ([]Metric, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.collectors {
		giveSeries(c)
	}
	families, err := r.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather metrics: %w", err)
	}
	all := make([]Metric, 0, len(families))
	for _, f := range families {
		all = append(all, Metric{Name: f.GetName(), Type: strings.ToLower(f.GetType().String()), Labels: labelsOf(f), Help: f.GetHelp()})
	}
	return all, nil
}

func labelsOf(f *dto.MetricFamily) []string {
	var names []string
	for _, m := range f.GetMetric() {
		for _, label := range m.GetLabel() {
			if !slices.Contains(names, label.GetName()) {
				names = append(names, label.GetName())
			}
		}
	}
	slices.Sort(names)
	return names
}

// maxLabels is more than any metric has.
const maxLabels = 10

// giveSeries makes a vector have a series. How many labels it takes, a vector doesn't tell.
func giveSeries(c prometheus.Collector) {
	for n := range maxLabels {
		values := make([]string, n)
		var err error
		switch vector := c.(type) {
		case *prometheus.CounterVec:
			_, err = vector.GetMetricWithLabelValues(values...)
		case *prometheus.GaugeVec:
			_, err = vector.GetMetricWithLabelValues(values...)
		case *prometheus.HistogramVec:
			_, err = vector.GetMetricWithLabelValues(values...)
		}
		if err == nil {
			return
		}
	}
}
