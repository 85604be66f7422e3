package worker

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// BenchmarkFirstReconcile measures how long after the begin of a term the first reconcile begins, with 50,000 keys to begin with.
func BenchmarkFirstReconcile(b *testing.B) {
	keys := make([]Key, 50_000)
	for i := range keys {
		keys[i] = Key{Namespace: fmt.Sprint("namespace-", i%100), Name: fmt.Sprint("name-", i)}
	}
	var waited time.Duration
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		var begin time.Time
		first := sync.OnceFunc(func() { waited += time.Since(begin); cancel() })
		w, err := New(Config{
			Name: "bench", Workers: 1, Keys: func() []Key { return keys }, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
			Reconcile: func(context.Context, Key) (Result, error) { first(); return Result{}, nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		begin = time.Now()
		if err := w.Run(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(waited.Seconds()*1000/float64(b.N), "ms/first")
}
