package leaderelection

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// refusal is why a write was not sent; its text is the label of the metric.
type refusal string

const (
	noTerm     refusal = "no_term"    // its context is of no term of this lease
	termOver   refusal = "term_over"  // before it was sent
	cutShort   refusal = "cut_short"  // on its way when the term ended
	connection refusal = "connection" // between the two, at the connection
)

var refusals = [...]refusal{noTerm, termOver, cutShort, connection}

// fate is how a term ended; its text is the label of the metric.
type fate string

const (
	fateDrained fate = "drained"
	fateExpired fate = "expired" // it could not be renewed in time
	fateTaken   fate = "taken"   // by another holder
	fateVacated fate = "vacated" // somebody released or deleted the lease
)

var fates = [...]fate{fateDrained, fateExpired, fateTaken, fateVacated}

// fateOf returns what the cause of a term's end makes of it.
func fateOf(cause error) fate {
	switch {
	case errors.Is(cause, drained):
		return fateDrained
	case errors.Is(cause, expired):
		return fateExpired
	case errors.Is(cause, vacated):
		return fateVacated
	}
	return fateTaken
}

// metrics are those of one lease.
type metrics struct {
	leading prometheus.Gauge // 1 during a term
	slow    prometheus.Counter
	begun   prometheus.Counter
	ended   map[fate]prometheus.Counter
	refused map[refusal]prometheus.Counter
	all     []prometheus.Collector
}

func newMetrics(lease string) *metrics {
	labels := prometheus.Labels{"name": lease}
	m := &metrics{
		leading: prometheus.NewGauge(prometheus.GaugeOpts{
			Name:        "leader_election_master_status",
			Help:        "Whether this process holds the lease: 1 if it does, 0 if not.",
			ConstLabels: labels,
		}),
		slow: prometheus.NewCounter(prometheus.CounterOpts{
			Name:        "leader_election_slowpath_total",
			Help:        "Renewals for which the lease had to be read first, because it was not as this process had last seen it.",
			ConstLabels: labels,
		}),
		begun: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "wheelhouse_terms_begun_total", Help: "Terms that this process has begun.", ConstLabels: labels,
		}),
		ended:   map[fate]prometheus.Counter{},
		refused: map[refusal]prometheus.Counter{},
	}
	ended := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wheelhouse_terms_ended_total",
		Help: "Terms of this process that have ended, by how: drained, expired (it could not be renewed in time), taken (by another " +
			"holder) or vacated (somebody released or deleted the lease).",
		ConstLabels: labels,
	}, []string{"how"})
	for _, f := range fates {
		m.ended[f] = ended.WithLabelValues(string(f))
	}
	refused := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wheelhouse_fence_refused_total",
		Help: "Writes that were not let through to the API server, by reason: no_term (the context is of no term), term_over " +
			"(before it was sent), cut_short (on its way when the term ended), connection (stopped at the connection).",
		ConstLabels: labels,
	}, []string{"reason"})
	for _, r := range refusals {
		m.refused[r] = refused.WithLabelValues(string(r))
	}
	m.all = []prometheus.Collector{m.leading, m.slow, m.begun, ended, refused}
	return m
}

func (m *metrics) register(registerer prometheus.Registerer) error {
	for _, collector := range m.all {
		if err := registerer.Register(collector); err != nil {
			return err
		}
	}
	return nil
}
