package worker_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestCheckFailsWhenWorkDoesNotGetOn(t *testing.T) {
	const deadline = time.Minute
	tests := []struct {
		name  string
		takes time.Duration // of each reconcile, which ignores its context
		after time.Duration
		stuck bool
	}{
		{"fast", time.Second, time.Hour, false},
		{"as slow as may be", deadline - time.Second, time.Hour, false},
		{"not yet too slow", time.Hour, deadline, false},
		{"too slow", time.Hour, deadline + time.Second, true},
		{"always ended by the deadline", deadline + time.Millisecond, 10*deadline + time.Minute/2, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := slowWorker(t, deadline, tt.takes)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				if err := w.Check(); err != nil {
					t.Errorf("before its term: %v", err)
				}
				go func() { ended <- w.Run(ctx) }()
				for _, name := range []string{"a", "b"} {
					w.Add(worker.Key{Name: name}, worker.Live)
				}
				time.Sleep(tt.after)
				if err := w.Check(); (err != nil) != tt.stuck {
					t.Errorf("Check = %v, want an error: %t", err, tt.stuck)
				}
				cancel()
				if err := <-ended; err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
				if err := w.Check(); err != nil {
					t.Errorf("after its term: %v", err)
				}
			})
		})
	}
}

// slowWorker returns a worker that always has work.
func slowWorker(t *testing.T, deadline, takes time.Duration) *worker.Worker {
	t.Helper()
	w, err := worker.New(worker.Config{
		Name: "test", Workers: 1, Timeout: deadline, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
		Reconcile: func(ctx context.Context, _ worker.Key) (worker.Result, error) {
			time.Sleep(takes)
			return worker.Result{RequeueAfter: time.Millisecond}, ctx.Err()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
