package manager

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// registerMetrics registers those of the caches and, for each controller, its state and how often its Run panicked.
func (m *Manager) registerMetrics() error {
	if err := m.config.Metrics.Register(newCacheMetrics(m.caches)); err != nil {
		return err
	}
	for _, h := range m.hosted {
		labelled := prometheus.WrapRegistererWith(prometheus.Labels{"controller": h.descriptor.Name}, m.config.Metrics)
		for _, c := range append(h.stateMetrics(), h.stateAgeMetric(), h.panicMetric()) {
			if err := labelled.Register(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *hosted) stateMetrics() []prometheus.Collector {
	var list []prometheus.Collector
	for _, state := range states {
		list = append(list, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "wheelhouse_controller_state",
			Help:        "1 for the state that the controller is in, 0 for the others.",
			ConstLabels: prometheus.Labels{"state": string(state)},
		}, func() float64 {
			if h.status.get().State == state {
				return 1
			}
			return 0
		}))
	}
	return list
}

func (h *hosted) stateAgeMetric() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "wheelhouse_controller_state_age_seconds",
		Help: "How long the controller has been in its state.",
	}, func() float64 { return time.Since(h.status.get().Since).Seconds() })
}

func (h *hosted) panicMetric() prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "wheelhouse_controller_panics_total",
		Help: "Panics that ended a controller's Run. Panics of a single reconcile are counted as its result.",
	}, func() float64 { return float64(h.panics.Load()) })
}
