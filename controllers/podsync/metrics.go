package podsync

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// times are bucket bounds in seconds, fit for a pod whose image is there (1 s) and for one that waits for a node (30 min).
var times = [...]float64{1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800}

// metrics are what podsync counts but for the gauges, which are the book's.
type metrics struct {
	times    [milestones]prometheus.Histogram
	restarts prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{restarts: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "wheelhouse_podsync_container_restarts_total",
		Help: "Restarts of containers, init and sidecar containers among them, that happened while podsync was running.",
	})}
	m.times[scheduled] = histogram("scheduled", "its PodScheduled condition became true")
	m.times[started] = histogram("started", "the first of its containers ran, init containers aside")
	m.times[ready] = histogram("ready", "its Ready condition first became true")
	return m
}

func histogram(step, when string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "wheelhouse_podsync_time_to_" + step + "_seconds",
		Help: "Time from the creation of a pod until " + when + ", once for each pod. Taken from timestamps in the API, " +
			"which are in whole seconds.",
		Buckets:                         times[:],
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100, // bounds the memory of one histogram
		NativeHistogramMinResetDuration: time.Hour,
	})
}

func (m *metrics) register(registerer prometheus.Registerer, b *book) error {
	for _, c := range []prometheus.Collector{m.times[scheduled], m.times[started], m.times[ready], m.restarts, b} {
		if err := registerer.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *metrics) add(a actions) {
	m.restarts.Add(float64(a.restarts))
	for _, t := range a.times {
		m.times[t.milestone].Observe(t.after.Seconds())
	}
}
