package leaderelection

import "github.com/prometheus/client_golang/prometheus"

// refusal is why a write was not sent; its text is the label of the metric.
type refusal string

const (
	noTerm     refusal = "no_term"    // its context is of no term of this lease
	termOver   refusal = "term_over"  // before it was sent
	cutShort   refusal = "cut_short"  // on its way when the term ended
	connection refusal = "connection" // between the two, at the connection
)

var refusals = [...]refusal{noTerm, termOver, cutShort, connection}

// metrics are those of one lease.
type metrics struct {
	leading prometheus.Gauge // 1 during a term
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
		refused: map[refusal]prometheus.Counter{},
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
	m.all = []prometheus.Collector{m.leading, refused}
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
