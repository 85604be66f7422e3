package worker_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestFailingKeyIsRetriedWithGrowingDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail)
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(5 * time.Minute)
		gaps := f.gaps()
		if len(gaps) < 18 {
			t.Fatalf("%d retries in 5 minutes, want at least 18", len(gaps))
		}
		longest := 5 * time.Millisecond
		for i, gap := range gaps {
			if least := longest - longest/10; gap < least || gap > longest {
				t.Errorf("retry %d came after %v, want %v to %v", i+1, gap, least, longest)
			}
			longest = min(2*longest, 30*time.Second)
		}
	})
}

func TestRetriesOfKeysThatFailedTogetherSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail, workers(50))
		f.start(t, t.Context())
		for i := range 50 {
			f.Add(key(string(rune('A'+i))), worker.Live)
		}
		time.Sleep(6 * time.Millisecond)
		gaps := f.gaps()[50:]
		if together := count(gaps, 0); together > 5 {
			t.Errorf("%d of %d retries came at the same time as another", together, len(gaps))
		}
	})
}

func TestSuccessForgetsFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var healthy atomic.Bool
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			if healthy.Load() {
				return worker.Result{}, nil
			}
			return worker.Result{}, errBroken
		})
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(time.Minute)
		healthy.Store(true)
		time.Sleep(time.Minute)
		healthy.Store(false)
		before := len(f.gaps())
		f.Add(key("a"), worker.Live)
		time.Sleep(5 * time.Millisecond)
		synctest.Wait()
		if got := len(f.gaps()) - before; got != 2 {
			t.Errorf("%d reconciles within 5ms of a failure after a success, want 2", got)
		}
	})
}

func TestLiveEventEndsTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail)
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(time.Minute)
		before := len(f.gaps())
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		if got := len(f.gaps()) - before; got != 1 {
			t.Errorf("%d reconciles at the time of the event, want 1", got)
		}
	})
}

func TestMaxRetriesDropsTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail, func(c *worker.Config) { c.MaxRetries = 3 })
		f.start(t, t.Context())
		for range 2 { // a later event brings the key back with a clean count
			f.Add(key("a"), worker.Live)
			time.Sleep(time.Hour)
		}
		if got := len(strings.Fields(f.names())); got != 2*(1+3) {
			t.Errorf("%d reconciles, want 2 × (1 + 3)", got)
		}
		if diff := cmp.Diff(map[string]float64{"error": 6, "dropped": 2}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
		drops := f.logs.FilterMessage("dropped after too many failed retries").All()
		if len(drops) != 2 {
			t.Fatalf("%d drops were logged, want 2", len(drops))
		}
		want := map[string]any{"key": "default/a", "error": "broken", "retries": int64(3)}
		if diff := cmp.Diff(want, drops[0].ContextMap()); diff != "" {
			t.Errorf("log of a drop (-want +got)\n%s", diff)
		}
	})
}

func TestFailureIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail)
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		entries := f.logs.FilterMessage("reconcile failed").All()
		if len(entries) != 1 {
			t.Fatalf("%d failures were logged, want 1", len(entries))
		}
		want := map[string]any{"key": "default/a", "error": "broken", "failures": int64(1), "retryIn": 5 * time.Millisecond}
		if diff := cmp.Diff(want, entries[0].ContextMap()); diff != "" {
			t.Errorf("log of a failure (-want +got)\n%s", diff)
		}
	})
}

func TestRequeueAfterIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			return worker.Result{RequeueAfter: 90 * time.Second}, nil
		})
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(4 * time.Minute)
		if diff := cmp.Diff([]time.Duration{90 * time.Second, 90 * time.Second}, f.gaps()); diff != "" {
			t.Errorf("times between reconciles (-want +got)\n%s", diff)
		}
	})
}

// Of two workers one waits for the distant key when the nearer ones come, and then the other one is busy.
func TestAnIdleWorkerWatchesForTheNextDueKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		after := map[string]time.Duration{"far": time.Hour, "near": time.Minute, "nearer": time.Second}
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			if k.Name == "long" {
				return lasting(2*time.Hour)(ctx, k)
			}
			return worker.Result{RequeueAfter: after[k.Name]}, nil
		}, workers(2), func(c *worker.Config) { c.Timeout = 3 * time.Hour })
		f.start(t, t.Context())
		for _, name := range []string{"far", "near", "nearer", "long"} {
			f.Add(key(name), worker.Live)
			synctest.Wait()
		}
		time.Sleep(time.Minute + time.Millisecond)
		synctest.Wait()
		begun := map[string]int{}
		for name := range strings.FieldsSeq(f.names()) {
			begun[name]++
		}
		if diff := cmp.Diff(map[string]int{"far": 1, "near": 2, "nearer": 61, "long": 1}, begun); diff != "" {
			t.Errorf("reconciles within a minute (-want +got)\n%s", diff)
		}
	})
}

func TestEventReplacesRequeueAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stop atomic.Bool
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			if stop.Load() {
				return worker.Result{}, nil
			}
			return worker.Result{RequeueAfter: time.Hour}, nil
		})
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(time.Minute)
		stop.Store(true)
		f.Add(key("a"), worker.Live)
		time.Sleep(2 * time.Hour)
		if diff := cmp.Diff([]time.Duration{time.Minute}, f.gaps()); diff != "" {
			t.Errorf("times between reconciles (-want +got)\n%s", diff)
		}
	})
}

func TestReconcileHasADeadline(t *testing.T) {
	tests := []struct {
		name    string
		timeout time.Duration
		want    time.Duration
	}{
		{"its own", 10 * time.Second, 10 * time.Second},
		{"the default", 0, worker.DefaultTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newWorker(t, lasting(time.Hour), func(c *worker.Config) { c.Timeout = tt.timeout })
				f.start(t, t.Context())
				f.Add(key("a"), worker.Live)
				time.Sleep(tt.want - time.Nanosecond)
				synctest.Wait()
				if got := f.results(t); len(got) > 0 {
					t.Errorf("results %v before the deadline, want none", got)
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				if diff := cmp.Diff(map[string]float64{"timeout": 1}, f.results(t)); diff != "" {
					t.Errorf("results (-want +got)\n%s", diff)
				}
				time.Sleep(5 * time.Millisecond)
				synctest.Wait()
				if diff := cmp.Diff("a a", f.names()); diff != "" {
					t.Errorf("reconciles (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func count[T comparable](list []T, value T) int {
	return len(slices.DeleteFunc(slices.Clone(list), func(v T) bool { return v != value }))
}
