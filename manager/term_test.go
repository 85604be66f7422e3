package manager_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestControllersRunFromTheTermToTheShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := start(t, config(controller("a", idle), podReader("b", idle)))
		time.Sleep(time.Second)
		m.wantState(t, "a", "Running")
		m.wantState(t, "b", "Running")
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		m.wantState(t, "a", "Stopped")
	})
}

func TestMemoryIsTrimmedWhenControllersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(podReader("a", idle))
		core, logs := observer.New(zap.InfoLevel)
		c.Log = zap.New(core)
		m := start(t, c)
		time.Sleep(time.Minute)
		if n := logs.FilterMessageSnippet("has been given back").Len(); n != 1 {
			t.Errorf("after a minute the log says %d times that memory has been given back, want once", n)
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestStandbyIsWarmAndTermsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		elector := newTerms()
		c := config(podReader("a", func(ctx context.Context) error {
			runs.Add(1)
			return idle(ctx)
		}))
		c.Elector = elector.forAll
		m := start(t, c)
		time.Sleep(time.Second)
		m.wantState(t, "a", "Standby")
		for term := int32(1); term <= 2; term++ {
			elector.begin <- struct{}{}
			synctest.Wait()
			m.wantState(t, "a", "Running")
			if got := runs.Load(); got != term {
				t.Errorf("in term %d the controller has been run %d times", term, got)
			}
			elector.lose <- struct{}{}
			synctest.Wait()
			m.wantState(t, "a", "Standby")
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

// reconciling is a controller in the middle of a reconcile that takes a time and heeds its context.
func reconciling(takes time.Duration, finished *atomic.Bool) run {
	return func(ctx context.Context) error {
		select {
		case <-worker.Work(ctx).Done():
		case <-time.After(takes):
			finished.Store(true)
		}
		<-ctx.Done()
		return nil
	}
}

func TestShutdownLetsRunningReconcilesFinish(t *testing.T) {
	tests := []struct {
		name           string
		takes, timeout time.Duration
		finishes       bool
	}{
		{"shorter than the timeout", 9 * time.Second, 10 * time.Second, true},
		{"longer than the timeout", 11 * time.Second, 10 * time.Second, false},
		{"no timeout", time.Second, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var finished atomic.Bool
				c := config(controller("a", reconciling(tt.takes, &finished)))
				c.ShutdownTimeout = tt.timeout
				m := start(t, c)
				synctest.Wait()
				begin := time.Now()
				if err := m.stop(); err != nil {
					t.Errorf("Run = %v, want nil", err)
				}
				if finished.Load() != tt.finishes {
					t.Errorf("reconcile finished: %t, want %t", finished.Load(), tt.finishes)
				}
				if want := min(tt.takes, tt.timeout); time.Since(begin) != want {
					t.Errorf("shutdown took %v, want %v", time.Since(begin), want)
				}
			})
		})
	}
}

func TestLossOfTheTermCancelsRunningReconciles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var finished atomic.Bool
		elector := newTerms()
		c := config(controller("a", reconciling(time.Hour, &finished)))
		c.Elector = elector.forAll
		m := start(t, c)
		elector.begin <- struct{}{}
		synctest.Wait()
		begin := time.Now()
		elector.lose <- struct{}{}
		synctest.Wait()
		m.wantState(t, "a", "Standby")
		if finished.Load() || time.Since(begin) != 0 {
			t.Errorf("after the loss the reconcile went on (for %v, finished: %t)", time.Since(begin), finished.Load())
		}
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestShutdownNamesWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		m := start(t, config(controller("polite", idle), controller("deaf", func(context.Context) error {
			<-release
			return errors.New("too late")
		})))
		synctest.Wait()
		err := m.stop()
		if err == nil || !strings.HasSuffix(err.Error(), ": deaf") {
			t.Errorf("Run = %v, want an error that names deaf alone", err)
		}
		close(release)
	})
}

func TestNoTermBeginsBesideOneThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		elector := newTerms()
		c := config(controller("slow", func(ctx context.Context) error {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-ctx.Done()
			time.Sleep(time.Minute) // deaf to the end of its work
			return nil
		}))
		c.Elector = elector.forAll
		m := start(t, c)
		elector.begin <- struct{}{}
		synctest.Wait()
		elector.lose <- struct{}{}
		begin := time.Now()
		elector.begin <- struct{}{}
		if time.Since(begin) < time.Minute {
			t.Errorf("the next term began %v after the loss, while the controller was still running", time.Since(begin))
		}
		synctest.Wait()
		elector.lose <- struct{}{}
		time.Sleep(2 * time.Minute)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if most.Load() != 1 {
			t.Errorf("%d runs of one controller at once", most.Load())
		}
	})
}

func TestControllersStartInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		order := make(chan string, 3)
		note := func(name string) run {
			return func(ctx context.Context) error {
				order <- fmt.Sprintf("%s at %v", name, time.Since(begin))
				return idle(ctx)
			}
		}
		c := config(controller("c", note("c")), controller("a", note("a")), controller("b", note("b")))
		c.StartInterval = 5 * time.Second
		m := start(t, c)
		time.Sleep(time.Minute)
		if err := m.stop(); err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"c at 0s", "a at 5s", "b at 10s"}, []string{<-order, <-order, <-order}); diff != "" {
			t.Errorf("start order (-want +got)\n%s", diff)
		}
	})
}
