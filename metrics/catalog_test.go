package metrics_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

func TestCatalogHasMetricsWithoutAValue(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	wrapped := prometheus.WrapRegistererWith(prometheus.Labels{"name": "a"}, registry)
	for _, register := range []error{
		registry.Register(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "test_events_total", Help: "Events."}, []string{"b", "a"})),
		registry.Register(prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "test_level", Help: "Level."}, []string{"a"})),
		registry.Register(prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "test_seconds", Help: "Time."}, []string{"a"})),
		wrapped.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: "test_one", Help: "One."})),
	} {
		if register != nil {
			t.Fatal(register)
		}
	}
	all, err := registry.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]metrics.Metric{}
	for _, m := range all {
		got[m.Name] = m
	}
	for _, want := range []metrics.Metric{
		{Name: "test_events_total", Type: "counter", Labels: []string{"a", "b"}, Help: "Events."},
		{Name: "test_level", Type: "gauge", Labels: []string{"a"}, Help: "Level."},
		{Name: "test_seconds", Type: "histogram", Labels: []string{"a"}, Help: "Time."},
		{Name: "test_one", Type: "gauge", Labels: []string{"name"}, Help: "One."},
		{Name: "wheelhouse_build_info", Type: "gauge", Labels: []string{"version"}, Help: "1, labelled with the version."},
	} {
		if diff := cmp.Diff(want, got[want.Name]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", want.Name, diff)
		}
	}
}

func TestCollectorIsNotRegisteredTwice(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "test_one", Help: "One."})
	if err := registry.Register(gauge); err != nil {
		t.Fatal(err)
	}
	if err := registry.Register(gauge); err == nil {
		t.Error("the same gauge was registered twice")
	}
}
