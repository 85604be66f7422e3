package worker_test

import (
	"context"
	"errors"
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
		var failure error
		f := newWorker(t, func(context.Context, worker.Key) (worker.Result, error) {
			time.Sleep(time.Second)
			return worker.Result{}, failure
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
			failure          error // of what begins or ends now
			do               func()
			failing, backoff int
		}{
			{"tried first", errors.New("no"), add, 0, 0},
			{"failed", errors.New("no"), func() { time.Sleep(time.Second) }, 1, 1},
			{"tried again", errors.New("no"), add, 1, 0},
			{"failed again, after an event", errors.New("no"), func() { add(); time.Sleep(time.Second) }, 1, 0},
			{"given up", errors.New("no"), func() { time.Sleep(time.Second) }, 0, 0},
			{"failed anew", errors.New("no"), func() { add(); time.Sleep(time.Second) }, 1, 1},
			{"succeeded", nil, func() { add(); time.Sleep(time.Second) }, 0, 0},
		}
		for _, step := range steps {
			failure = step.failure
			step.do()
			if diff := cmp.Diff([2]int{step.failing, step.backoff}, counts()); diff != "" {
				t.Errorf("failing and waiting keys when it has %s (-want +got)\n%s", step.name, diff)
			}
		}
	})
}
