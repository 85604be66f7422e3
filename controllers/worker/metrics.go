package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// durations are bucket bounds in seconds, fit for a reconcile (1 ms) and for a key that waits for its turn (10 min).
var durations = [...]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}

// metrics are those of one worker. The workqueue_ family has the names, labels and meaning that it has in
// kube-controller-manager (https://kubernetes.io/docs/reference/instrumentation/metrics/).
type metrics struct {
	adds, retries  prometheus.Counter
	queued, worked prometheus.Histogram
	outcomes       map[outcome]prometheus.Counter
	results        *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		adds:    counter("workqueue_adds_total", "Keys added to the queue."),
		retries: counter("workqueue_retries_total", "Keys that were set to be added to the queue later: after an error, or to look at them again."),
		queued:  histogram("workqueue_queue_duration_seconds", "How long keys waited in the queue."),
		worked:  histogram("workqueue_work_duration_seconds", "How long reconciling a key took."),
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wheelhouse_reconciles_total",
			Help: "Reconciles by result: success, error, panic, timeout (the reconcile's own deadline), cancelled (the term ended) or dropped (an error for which no retry was left).",
		}, []string{"result"}),
		outcomes: map[outcome]prometheus.Counter{},
	}
	for _, o := range outcomes {
		m.outcomes[o] = m.results.WithLabelValues(string(o))
	}
	return m
}

func (m *metrics) register(config Config, q *queue) error {
	named := prometheus.WrapRegistererWith(prometheus.Labels{"name": config.Name}, config.Metrics)
	ours := prometheus.WrapRegistererWith(prometheus.Labels{"controller": config.Name}, config.Metrics)
	for _, c := range []prometheus.Collector{
		m.adds, m.retries, m.queued, m.worked,
		gauge("workqueue_depth", "Keys in the queue.", func() float64 { return float64(q.len()) }),
		gauge("workqueue_unfinished_work_seconds", "How long the running reconciles have been running, added up.", q.unfinished),
		gauge("workqueue_longest_running_processor_seconds", "How long the longest running reconcile has been running.", q.longest),
	} {
		if err := named.Register(c); err != nil {
			return err
		}
	}
	for _, c := range []prometheus.Collector{
		m.results,
		gauge("wheelhouse_workers", "How many keys the controller reconciles at once at the most.", func() float64 { return float64(config.Workers) }),
		gauge("wheelhouse_workers_busy", "How many keys are being reconciled.", q.busy),
	} {
		if err := ours.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func gauge(name, help string, value func() float64) prometheus.GaugeFunc {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
}

func histogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: durations[:],
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100, // bounds the memory of one histogram
		NativeHistogramMinResetDuration: time.Hour,
	})
}

func (q *queue) busy() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return float64(len(q.held))
}

func (q *queue) unfinished() float64 {
	total, _ := q.running()
	return total.Seconds()
}

func (q *queue) longest() float64 {
	_, longest := q.running()
	return longest.Seconds()
}

// running returns for how long keys have been held: all added up, and the longest.
func (q *queue) running() (total, longest time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for it := range q.held {
		age := now.Sub(it.visit.started)
		total += age
		longest = max(longest, age)
	}
	return total, longest
}
