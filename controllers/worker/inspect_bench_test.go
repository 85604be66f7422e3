package worker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// BenchmarkReconcile measures what the loop adds to a reconcile that does nothing, with a record of it and without.
func BenchmarkReconcile(b *testing.B) {
	nothing := func(context.Context, Key) (Result, error) { return Result{}, nil }
	b.Run("recorded", func(b *testing.B) {
		w := benchmarkWorker(b, nothing)
		benchmarkReconcile(b, w, func(key Key) { w.process(b.Context(), key) })
	})
	b.Run("unrecorded", func(b *testing.B) {
		w := benchmarkWorker(b, nothing)
		benchmarkReconcile(b, w, func(key Key) { processUnrecorded(b.Context(), w, key) })
	})
}

func benchmarkReconcile(b *testing.B, w *Worker, process func(Key)) {
	keys := benchmarkKeys(10)
	cause := Cause{Event: Updated, Kind: "Pod", Object: Ref(keys[0])}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.AddBecause(cause, keys[i%len(keys)], Live)
		key, _, _ := w.queue.take()
		process(key)
	}
}

// processUnrecorded is process for a key that succeeds, without the record.
func processUnrecorded(term context.Context, w *Worker, key Key) {
	ctx, cancel := context.WithTimeout(term, w.config.Timeout)
	defer cancel()
	result, err := w.reconcile(ctx, key)
	how := classify(term, ctx, err)
	w.metrics.outcomes[how].Inc()
	w.queue.ended(how)
	w.queue.succeed(key, result.RequeueAfter)
}

func benchmarkWorker(b *testing.B, reconcile Reconcile) *Worker {
	w, err := New(Config{Name: "bench", Workers: 1, Reconcile: reconcile, Log: zap.NewNop(), Metrics: prometheus.NewRegistry()})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkLookInside asks a worker of 10,000 failing keys, as many ready ones and a full ring.
func BenchmarkLookInside(b *testing.B) {
	const n = 10_000
	w := benchmarkWorker(b, func(context.Context, Key) (Result, error) { return Result{}, errors.New("exceeded quota") })
	w.queue.backoff = func(int) time.Duration { return time.Hour }
	for i := range n {
		w.Add(Key{Namespace: fmt.Sprint(i % 100), Name: fmt.Sprint("failing-", i)}, Live)
		key, _, _ := w.queue.take()
		w.process(b.Context(), key)
	}
	for i := range n {
		w.Add(Key{Namespace: fmt.Sprint(i % 100), Name: fmt.Sprint("ready-", i)}, Live)
	}
	for name, look := range map[string]func(){
		"Inspect": func() { w.Inspect() },
		"Records": func() { w.Records(100) },
		"History": func() { w.History(Key{Namespace: "7", Name: "failing-7"}) },
		"Failing": func() { w.Failing(100) },
		"Slowest": func() { w.Slowest(100) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				look()
			}
		})
	}
}
