package worker_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

var errBroken = errors.New("broken")

// fixture is a worker and what can be seen of it from outside.
type fixture struct {
	*worker.Worker
	logs     *observer.ObservedLogs
	registry *prometheus.Registry
	journal
}

// journal is the reconciles that were begun, in their order.
type journal struct {
	mu    sync.Mutex
	begun []entry
}

type entry struct {
	key worker.Key
	at  time.Time
}

// newWorker returns one worker that calls reconcile, as the changes have it.
func newWorker(t *testing.T, reconcile worker.Reconcile, changes ...func(*worker.Config)) *fixture {
	t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	f := &fixture{logs: logs, registry: prometheus.NewPedanticRegistry()}
	config := worker.Config{Name: "test", Workers: 1, Log: zap.New(core), Metrics: f.registry}
	config.Reconcile = func(ctx context.Context, key worker.Key) (worker.Result, error) {
		f.note(key)
		return reconcile(ctx, key)
	}
	for _, change := range changes {
		change(&config)
	}
	w, err := worker.New(config)
	if err != nil {
		t.Fatal(err)
	}
	f.Worker = w
	return f
}

func workers(n int) func(*worker.Config) {
	return func(c *worker.Config) { c.Workers = n }
}

// start runs the worker under ctx and returns a channel that is closed when Run has returned.
func (f *fixture) start(t *testing.T, ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := f.Run(ctx); err != nil {
			t.Errorf("Run returned %v, want nil", err)
		}
	}()
	return ended
}

func (j *journal) note(key worker.Key) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = append(j.begun, entry{key, time.Now()})
}

// names returns the names of the keys whose reconciles were begun: "a b a".
func (j *journal) names() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var names []string
	for _, e := range j.begun {
		names = append(names, e.key.Name)
	}
	return strings.Join(names, " ")
}

// gaps returns the times between one reconcile and the next.
func (j *journal) gaps() []time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(j.begun); i++ {
		gaps = append(gaps, j.begun[i].at.Sub(j.begun[i-1].at))
	}
	return gaps
}

func key(name string) worker.Key {
	return worker.Key{Namespace: "default", Name: name}
}

func succeed(context.Context, worker.Key) (worker.Result, error) {
	return worker.Result{}, nil
}

func fail(context.Context, worker.Key) (worker.Result, error) {
	return worker.Result{}, errBroken
}

// lasting returns a reconcile that takes that long, or until its context ends.
func lasting(d time.Duration) worker.Reconcile {
	return func(ctx context.Context, _ worker.Key) (worker.Result, error) {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
		return worker.Result{}, ctx.Err()
	}
}

func TestEachKeyIsReconciledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, succeed)
		f.start(t, t.Context())
		for _, name := range []string{"a", "b", "b", "c"} {
			f.Add(key(name), worker.Live)
		}
		synctest.Wait()
		if diff := cmp.Diff("a b c", f.names()); diff != "" {
			t.Errorf("reconciled keys (-want +got)\n%s", diff)
		}
	})
}

func TestKeyAddedWhileHeldIsReconciledOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Second), workers(3))
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		f.Add(key("a"), worker.Live)
		f.Add(key("a"), worker.Background)
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]time.Duration{time.Second}, f.gaps()); diff != "" {
			t.Errorf("times between reconciles (-want +got)\n%s", diff)
		}
	})
}

func TestLenLeavesOutHeldAndWaitingKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			if k.Name == "slow" {
				return lasting(time.Hour)(ctx, k)
			}
			return worker.Result{RequeueAfter: time.Minute}, nil
		}, func(c *worker.Config) { c.Timeout = 2 * time.Hour })
		f.start(t, t.Context())
		f.Add(key("waiting"), worker.Live)
		synctest.Wait()
		f.Add(key("slow"), worker.Live)
		synctest.Wait()
		f.Add(key("ready"), worker.Live)
		if got := f.Len(); got != 1 {
			t.Errorf("Len = %d, want 1", got)
		}
		time.Sleep(time.Minute)
		if got := f.Len(); got != 2 {
			t.Errorf("Len = %d when the waiting key is due, want 2", got)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*worker.Config)
		want   string
	}{
		{"no name", func(c *worker.Config) { c.Name = "" }, "worker has no name"},
		{"no workers", func(c *worker.Config) { c.Workers = 0 }, "worker test: Workers must be at least 1, not 0"},
		{"no reconcile", func(c *worker.Config) { c.Reconcile = nil }, "worker test has no Reconcile"},
		{"no log", func(c *worker.Config) { c.Log = nil }, "worker test has no Log or no Metrics"},
		{"no metrics", func(c *worker.Config) { c.Metrics = nil }, "worker test has no Log or no Metrics"},
		{"negative timeout", func(c *worker.Config) { c.Timeout = -1 }, "worker test: Timeout and MaxRetries must not be negative"},
		{"negative retries", func(c *worker.Config) { c.MaxRetries = -1 }, "worker test: Timeout and MaxRetries must not be negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := worker.Config{Name: "test", Workers: 1, Reconcile: succeed, Log: zap.NewNop(), Metrics: prometheus.NewRegistry()}
			tt.change(&config)
			_, err := worker.New(config)
			if err == nil {
				t.Fatal("New returned no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got)\n%s", diff)
			}
		})
	}
}
