package pages_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Benchmark answers for a worker whose every key fails, of which it has 10,000.
func Benchmark(b *testing.B) {
	handler := newHandler(b, failingWorker(b, 10_000))
	for name, path := range map[string]string{
		"page": "/controllers/sets", "json": "/controllers/sets?format=json", "process": "/", "key": "/controllers/sets/keys/shop/web-1",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if answer := get(handler, path); answer.Code != http.StatusOK {
					b.Fatal(answer.Body)
				}
			}
		})
	}
}

// failingWorker returns one that has failed at each of so many keys once at least, and goes on.
func failingWorker(b *testing.B, keys int) *worker.Worker {
	b.Helper()
	w, err := worker.New(worker.Config{
		Name: "sets", Workers: 5, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
		Reconcile: func(context.Context, worker.Key) (worker.Result, error) {
			return worker.Result{}, errors.New(strings.Repeat("exceeded quota ", 30))
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	for i := range keys {
		w.Add(worker.Key{Namespace: "shop", Name: fmt.Sprintf("web-%d", i)}, worker.Live)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = w.Run(ctx) // it returns nil
	}()
	b.Cleanup(func() {
		stop()
		<-ended
	})
	for len(w.Failing(keys)) < keys {
	}
	return w
}
