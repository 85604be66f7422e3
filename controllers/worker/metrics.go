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
	took           map[outcome]prometheus.Observer
	durations      *prometheus.HistogramVec
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
		durations: prometheus.NewHistogramVec(histogramOf("wheelhouse_reconcile_duration_seconds", "How long reconciles took, by result."),
			[]string{"result"}),
		took: map[outcome]prometheus.Observer{},
	}
	for _, o := range outcomes {
		m.outcomes[o] = m.results.WithLabelValues(string(o))
		m.took[o] = m.durations.WithLabelValues(string(o))
	}
	return m
}

func (m *metrics) register(w *Worker) error {
	config, q := w.config, w.queue
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
		m.results, m.durations,
		gauge("wheelhouse_workers", "How many keys the controller reconciles at once at the most.", func() float64 { return float64(config.Workers) }),
		gauge("wheelhouse_workers_busy", "How many keys are being reconciled.", q.busy),
		gauge("wheelhouse_failing_keys", "Keys whose last reconcile failed, wherever they are now: waiting for their retry, in the queue, or being tried again.", q.failingCount),
		gauge("wheelhouse_backoff_keys", "Keys that wait for their retry after an error.", q.backingOff),
		gauge("wheelhouse_blocked_keys", "Keys whose reconciles go well and can't do all that they should, as when a quota forbids it.", q.blockedCount),
		gauge("wheelhouse_delayed_keys", "Keys that wait for a time at which they are to be looked at again.", q.delayed),
		gauge("wheelhouse_oldest_key_seconds", "How long the key has been in the queue that has been there longest.", q.age),
		gauge("wheelhouse_last_success_age_seconds", "How long ago a reconcile last succeeded, or the process started if none has.", w.ring.sinceSuccess),
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
	return prometheus.NewHistogram(histogramOf(name, help))
}

func histogramOf(name, help string) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: durations[:],
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100, // bounds the memory of one histogram
		NativeHistogramMinResetDuration: time.Hour,
	}
}
