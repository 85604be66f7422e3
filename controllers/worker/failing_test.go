package worker_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// A key fails from its first error until it succeeds or is given up, also while it is in the queue or a worker tries it again. Of
// many that fail, most are there.
func TestFailingKeysWhereverTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var succeeds atomic.Bool
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			time.Sleep(time.Second)
			if succeeds.Load() {
				return worker.Result{}, nil
			}
			return worker.Result{}, errors.New("no")
		}, func(c *worker.Config) { c.MaxRetries = 2 })
		f.start(t, t.Context())
		counts := func() [2]int {
			synctest.Wait()
			i := f.Inspect()
			return [2]int{i.Failing, i.Backoff}
		}
		add := func() { f.Add(key("a"), worker.Live) }
		steps := []struct {
			name             string
			succeeds         bool // what ends now
			do               func()
			failing, backoff int
		}{
			{"tried first", false, add, 0, 0},
			{"failed", false, func() { time.Sleep(time.Second) }, 1, 1},
			{"tried again", false, add, 1, 0},
			{"failed again, after an event", false, func() { add(); time.Sleep(time.Second) }, 1, 0},
			{"given up", false, func() { time.Sleep(time.Second) }, 0, 0},
			{"failed anew", false, func() { add(); time.Sleep(time.Second) }, 1, 1},
			{"succeeded", true, func() { add(); time.Sleep(time.Second) }, 0, 0},
		}
		for _, step := range steps {
			succeeds.Store(step.succeeds)
			step.do()
			if diff := cmp.Diff([2]int{step.failing, step.backoff}, counts()); diff != "" {
				t.Errorf("failing and waiting keys when it has %s (-want +got)\n%s", step.name, diff)
			}
		}
	})
}
