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

// A key is blocked from the first reconcile that says so to the first that succeeds and doesn't. Errors in between change nothing.
func TestBlockedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var result worker.Result
		var failure error
		f := newWorker(t, func(_ context.Context, k worker.Key) (worker.Result, error) {
			if k == key("other") {
				return worker.Result{Blocked: "other"}, nil
			}
			return result, failure
		})
		f.start(t, t.Context())
		steps := []struct {
			name    string
			result  worker.Result
			err     error
			blocked string
			state   worker.Place
			since   time.Duration // from when it was blocked first
		}{
			{"blocked until an event", worker.Result{Blocked: "quota"}, nil, "quota", worker.Idle, 0},
			{"blocked for another reason", worker.Result{Blocked: "limit", RequeueAfter: time.Hour}, nil, "limit", worker.Waiting, 0},
			{"failed", worker.Result{}, errors.New("no"), "limit", worker.Waiting, 0},
			{"still blocked", worker.Result{Blocked: "limit"}, nil, "limit", worker.Idle, 0},
			{"free", worker.Result{RequeueAfter: time.Hour}, nil, "", worker.Waiting, 0},
			{"blocked anew", worker.Result{Blocked: "quota"}, nil, "quota", worker.Idle, 5 * time.Millisecond},
		}
		began := time.Now()
		for _, step := range steps {
			result, failure = step.result, step.err
			f.Add(key("a"), worker.Live)
			time.Sleep(time.Millisecond)
			got := f.History(key("a"))
			want := worker.KeyState{Key: got.Key, State: step.state, Due: got.Due, Blocked: step.blocked,
				Failures: got.Failures, FailingSince: got.FailingSince, LastError: got.LastError}
			if step.blocked != "" {
				want.BlockedSince = began.Add(step.since)
			}
			if diff := cmp.Diff(want, got.KeyState); diff != "" {
				t.Errorf("%s (-want +got)\n%s", step.name, diff)
			}
			if got.Records[0].Blocked != step.result.Blocked {
				t.Errorf("%s: the record says %q, want %q", step.name, got.Records[0].Blocked, step.result.Blocked)
			}
		}
		f.Add(key("other"), worker.Live)
		time.Sleep(time.Millisecond)
		var longest []string
		for _, s := range f.Blocked(5) {
			longest = append(longest, s.Blocked)
		}
		if diff := cmp.Diff([]string{"quota", "other"}, longest); diff != "" || f.Inspect().Blocked != 2 || len(f.Blocked(1)) != 1 {
			t.Errorf("%d keys are blocked, those longest first are (-want +got)\n%s", f.Inspect().Blocked, diff)
		}
		if got := values(t, f.registry)[`wheelhouse_blocked_keys{controller="test"}`]; got != 2 {
			t.Errorf("the metric says that %v keys are blocked, want 2", got)
		}
	})
}
