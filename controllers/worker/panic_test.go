package worker_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// blowUp is a name to look for in a stack.
func blowUp(context.Context, worker.Key) (worker.Result, error) {
	var none *worker.Result
	return *none, nil
}

func TestPanicIsAnErrorOfItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			if k.Name == "bad" {
				return blowUp(ctx, k)
			}
			return worker.Result{}, nil
		})
		f.start(t, t.Context())
		for _, name := range []string{"bad", "good", "better"} {
			f.Add(key(name), worker.Live)
		}
		time.Sleep(5 * time.Millisecond)
		synctest.Wait()
		if diff := cmp.Diff("bad good better bad", f.names()); diff != "" {
			t.Errorf("reconciles (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"panic": 2, "success": 2}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
	})
}

func TestPanicIsLoggedWithItsStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, blowUp)
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		entries := f.logs.FilterMessage("reconcile failed").All()
		if len(entries) != 1 {
			t.Fatalf("%d failures were logged, want 1", len(entries))
		}
		fields := entries[0].ContextMap()
		if diff := cmp.Diff("panic: runtime error: invalid memory address or nil pointer dereference", fields["error"]); diff != "" {
			t.Errorf("logged error (-want +got)\n%s", diff)
		}
		if stack, _ := fields["stack"].(string); !strings.Contains(stack, "blowUp") {
			t.Errorf("logged stack does not name the function that panicked:\n%s", stack)
		}
	})
}

func TestPanicsAreRetriedWithGrowingDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, blowUp)
		f.start(t, t.Context())
		f.Add(key("a"), worker.Live)
		time.Sleep(5 * time.Minute)
		gaps := f.gaps()
		if first, last := gaps[0], gaps[len(gaps)-1]; first > 5*time.Millisecond || last < 27*time.Second {
			t.Errorf("first retry after %v, last after %v, want 5ms and 30s", first, last)
		}
	})
}
