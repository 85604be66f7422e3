package worker_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestQueueCollectsBeforeAndBetweenTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, succeed, workers(3))
		for _, names := range []string{"a", "b", "c"} {
			f.Add(key(names), worker.Live)
			synctest.Wait()
			f.term(t, time.Second)
		}
		if diff := cmp.Diff("a b c", f.names()); diff != "" {
			t.Errorf("reconciles of three terms (-want +got)\n%s", diff)
		}
	})
}

func TestNothingBeginsOutsideATerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, fail)
		f.Add(key("a"), worker.Live)
		ended, end := context.WithCancel(t.Context())
		end()
		<-f.start(t, ended)
		f.Add(key("a"), worker.Live)
		time.Sleep(time.Hour)
		if diff := cmp.Diff("", f.names()); diff != "" {
			t.Errorf("reconciles (-want +got)\n%s", diff)
		}
	})
}

// A retry that falls due between two terms is made at the begin of the second.
func TestWaitingKeysOutliveTheirTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			return worker.Result{RequeueAfter: time.Minute}, nil
		})
		f.Add(key("a"), worker.Live)
		f.term(t, time.Second)
		time.Sleep(time.Hour)
		f.term(t, time.Second)
		f.term(t, time.Minute)
		want := []time.Duration{time.Hour + time.Second, time.Minute}
		if diff := cmp.Diff(want, f.gaps()); diff != "" {
			t.Errorf("times between reconciles (-want +got)\n%s", diff)
		}
	})
}

func TestReconcileCutShortComesBackInTheNextTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Minute), workers(2), func(c *worker.Config) { c.MaxRetries = 1 })
		f.Add(key("a"), worker.Live)
		f.Add(key("b"), worker.Live)
		for range 3 {
			f.term(t, time.Second)
		}
		if diff := cmp.Diff(map[string]float64{"cancelled": 6}, f.results(t)); diff != "" {
			t.Errorf("results of three short terms (-want +got)\n%s", diff)
		}
		if got := f.Len(); got != 2 {
			t.Errorf("Len = %d after the term, want 2", got)
		}
		f.term(t, time.Hour)
		if diff := cmp.Diff(map[string]float64{"cancelled": 6, "success": 2}, f.results(t)); diff != "" {
			t.Errorf("results with a long term (-want +got)\n%s", diff)
		}
		if logged := f.logs.All(); len(logged) > 0 {
			t.Errorf("%d entries in the log, want none; the first is %q", len(logged), logged[0].Message)
		}
	})
}

func TestLastRetryCutShortIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			if calls++; calls == 1 {
				return fail(ctx, k)
			}
			return lasting(time.Minute)(ctx, k)
		}, func(c *worker.Config) { c.MaxRetries = 1 })
		f.Add(key("a"), worker.Live)
		f.term(t, time.Second)
		f.term(t, time.Hour)
		if diff := cmp.Diff(map[string]float64{"error": 1, "cancelled": 1, "success": 1}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
	})
}

func TestDrainLetsRunningReconcilesFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Minute))
		run, drain := worker.WithDrain(t.Context())
		ended := f.start(t, run)
		f.Add(key("running"), worker.Live)
		synctest.Wait()
		f.Add(key("next"), worker.Live)
		drain()
		drained := time.Now()
		<-ended
		if diff := cmp.Diff(time.Minute, time.Since(drained)); diff != "" {
			t.Errorf("time until Run returned (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"success": 1}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff("running", f.names()); diff != "" {
			t.Errorf("reconciles (-want +got)\n%s", diff)
		}
	})
}

func TestEndOfWorkCancelsWhatTheDrainWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Minute))
		work, abandon := context.WithCancel(t.Context())
		run, drain := worker.WithDrain(work)
		ended := f.start(t, run)
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		drain()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("Run returned while a reconcile was running")
		default:
		}
		abandon()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Error("Run has not returned after work ended")
		}
		if diff := cmp.Diff(map[string]float64{"cancelled": 1}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
	})
}

func TestEndOfWorkEndsAnUndrainedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, lasting(time.Minute))
		work, abandon := context.WithCancel(t.Context())
		run, drain := worker.WithDrain(work)
		defer drain()
		ended := f.start(t, run)
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		abandon()
		<-ended
		if diff := cmp.Diff(map[string]float64{"cancelled": 1}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
	})
}

func TestFailureDuringTheDrainCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			time.Sleep(time.Second)
			return worker.Result{}, errBroken
		})
		run, drain := worker.WithDrain(t.Context())
		ended := f.start(t, run)
		f.Add(key("a"), worker.Live)
		synctest.Wait()
		drain()
		<-ended
		if diff := cmp.Diff(map[string]float64{"error": 1}, f.results(t)); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
		f.term(t, 100*time.Millisecond)
		if diff := cmp.Diff("a a", f.names()); diff != "" {
			t.Errorf("reconciles of both terms (-want +got)\n%s", diff)
		}
	})
}

func TestWorkIsTheContextItselfWithoutDrain(t *testing.T) {
	if ctx := t.Context(); worker.Work(ctx) != ctx {
		t.Error("Work returned another context")
	}
}

// term runs the worker for that long.
func (f *fixture) term(t *testing.T, d time.Duration) {
	ctx, end := context.WithTimeout(t.Context(), d)
	defer end()
	<-f.start(t, ctx)
}
