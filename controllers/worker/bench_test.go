package worker

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/util/workqueue"
)

// The benchmarks compare this queue with the one that kube-controller-manager's controllers use.

func BenchmarkQueueAddGetDone(b *testing.B) {
	benchmarkAddGetDone(b, benchmarkKeys(1))
}

func BenchmarkQueueAddGetDoneWithManyNamespaces(b *testing.B) {
	benchmarkAddGetDone(b, benchmarkKeys(1000))
}

// benchmarkDepth is how many keys are ready while one is added and one is taken.
const benchmarkDepth = 1000

func benchmarkKeys(namespaces int) []Key {
	keys := make([]Key, 10*benchmarkDepth)
	for i := range keys {
		keys[i] = Key{Namespace: fmt.Sprint("namespace-", i%namespaces), Name: fmt.Sprint("name-", i)}
	}
	return keys
}

func benchmarkAddGetDone(b *testing.B, keys []Key) {
	b.Run("wheelhouse", func(b *testing.B) {
		q := newQueue(newMetrics())
		cycle(b, keys, func(key Key) { q.add(key, Live, Cause{}) }, func() {
			key, _, _ := q.take()
			q.succeed(key, 0)
		})
	})
	b.Run("client-go", func(b *testing.B) {
		q := clientGoQueue(b)
		cycle(b, keys, q.Add, func() {
			key, _ := q.Get()
			q.Forget(key)
			q.Done(key)
		})
	})
}

// cycle adds a key and takes one, again and again, with benchmarkDepth keys in the queue.
func cycle(b *testing.B, keys []Key, add func(Key), take func()) {
	for _, key := range keys[:benchmarkDepth] {
		add(key)
	}
	b.ReportAllocs()
	for i := benchmarkDepth; b.Loop(); i++ {
		add(keys[i%len(keys)])
		take()
	}
}

// BenchmarkQueueAddGetDoneWith100000Waiting has keys wait for a time that does not come.
func BenchmarkQueueAddGetDoneWith100000Waiting(b *testing.B) {
	const waiting = 100_000
	keys := benchmarkKeys(10)
	b.Run("wheelhouse", func(b *testing.B) {
		q := newQueue(newMetrics())
		for i := range waiting {
			q.add(Key{Namespace: "waiting", Name: fmt.Sprint(i)}, Live, Cause{})
			key, _, _ := q.take()
			q.succeed(key, time.Hour+time.Duration(i))
		}
		cycle(b, keys, func(key Key) { q.add(key, Live, Cause{}) }, func() {
			key, _, _ := q.take()
			q.succeed(key, 0)
		})
	})
	b.Run("client-go", func(b *testing.B) {
		q := clientGoQueue(b)
		for i := range waiting {
			q.AddAfter(Key{Namespace: "waiting", Name: fmt.Sprint(i)}, time.Hour+time.Duration(i))
		}
		cycle(b, keys, q.Add, func() {
			key, _ := q.Get()
			q.Forget(key)
			q.Done(key)
		})
	})
}

// BenchmarkQueueRequeue takes a key and lets it wait for its time, among 100,000 that do.
func BenchmarkQueueRequeueAmong100000(b *testing.B) {
	const waiting = 100_000
	q := newQueue(newMetrics())
	for i := range waiting {
		q.add(Key{Namespace: "waiting", Name: fmt.Sprint(i)}, Live, Cause{})
		key, _, _ := q.take()
		q.succeed(key, time.Hour+time.Duration(i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		q.add(Key{Namespace: "waiting", Name: "requeued"}, Live, Cause{})
		key, _, _ := q.take()
		q.succeed(key, time.Minute)
	}
}

func clientGoQueue(b *testing.B) workqueue.TypedRateLimitingInterface[Key] {
	q := workqueue.NewTypedRateLimitingQueueWithConfig(
		workqueue.DefaultTypedControllerRateLimiter[Key](),
		workqueue.TypedRateLimitingQueueConfig[Key]{Name: "test", MetricsProvider: clientGoMetrics{newMetrics()}})
	b.Cleanup(q.ShutDown)
	return q
}

// clientGoMetrics makes client-go's queue keep the same metrics, so that the comparison is a fair one.
type clientGoMetrics struct{ *metrics }

func (clientGoMetrics) NewDepthMetric(string) workqueue.GaugeMetric              { return settableGauge() }
func (m clientGoMetrics) NewAddsMetric(string) workqueue.CounterMetric           { return m.adds }
func (m clientGoMetrics) NewLatencyMetric(string) workqueue.HistogramMetric      { return m.queued }
func (m clientGoMetrics) NewWorkDurationMetric(string) workqueue.HistogramMetric { return m.worked }
func (m clientGoMetrics) NewRetriesMetric(string) workqueue.CounterMetric        { return m.retries }

func (clientGoMetrics) NewUnfinishedWorkSecondsMetric(string) workqueue.SettableGaugeMetric {
	return settableGauge()
}

func (clientGoMetrics) NewLongestRunningProcessorSecondsMetric(string) workqueue.SettableGaugeMetric {
	return settableGauge()
}

func settableGauge() prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{})
}
