package worker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// byName does what the key's name says: fail, wait, hold, or succeed.
func byName(ctx context.Context, k worker.Key) (worker.Result, error) {
	switch what, _, _ := strings.Cut(k.Name, "-"); what {
	case "fail":
		return fail(ctx, k)
	case "wait":
		return again(time.Hour)(ctx, k)
	case "hold":
		return lasting(time.Minute)(ctx, k)
	}
	return succeed(ctx, k)
}

func TestInspect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, byName, workers(2))
		f.start(t, t.Context())
		begin := time.Now()
		for _, name := range []string{"fail", "wait-1", "wait-2", "done"} {
			f.Add(key(name), worker.Live)
		}
		synctest.Wait()
		f.Add(key("hold-1"), worker.Live)
		f.Add(key("hold-2"), worker.Live)
		synctest.Wait()
		f.Add(key("ready-late"), worker.Background)
		time.Sleep(time.Millisecond)
		f.Add(key("ready-later"), worker.Live)
		time.Sleep(3 * time.Millisecond)
		got := f.Inspect()
		want := worker.Inspection{
			Workers: 2, Busy: 2, Depth: 2, Delayed: 2, Failing: 1, Backoff: 1,
			Oldest: span(4 * time.Millisecond), OldestKey: ref("ready-late"),
			Reconciles: 4, Errors: 1, LastSuccess: begin,
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "LastError")); diff != "" {
			t.Errorf("inspection (-want +got)\n%s", diff)
		}
		if got.LastError == nil || got.LastError.Key != ref("fail") || got.LastError.Error != "broken" {
			t.Errorf("last error is %+v, want that of the key that failed", got.LastError)
		}
	})
}

func TestInspectBeforeTheFirstTerm(t *testing.T) {
	f := newWorker(t, succeed, workers(3))
	if diff := cmp.Diff(worker.Inspection{Workers: 3}, f.Inspect()); diff != "" {
		t.Errorf("inspection (-want +got)\n%s", diff)
	}
}

func TestLastMinuteIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, byName, func(c *worker.Config) { c.MaxRetries = 1 })
		f.start(t, t.Context())
		for _, name := range []string{"good", "fail"} { // which fails twice
			f.Add(key(name), worker.Live)
			time.Sleep(30 * time.Second)
		}
		got := [][2]int{}
		for range 3 {
			i := f.Inspect()
			got = append(got, [2]int{i.Reconciles, i.Errors})
			time.Sleep(30 * time.Second)
		}
		if diff := cmp.Diff([][2]int{{2, 2}, {0, 0}, {0, 0}}, got); diff != "" {
			t.Errorf("reconciles and errors of the last minute, after 60, 90 and 120 s (-want +got)\n%s", diff)
		}
	})
}

func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, byName)
		f.start(t, t.Context())
		begin := time.Now()
		for _, name := range []string{"done", "wait", "fail", "hold"} {
			f.Add(key(name), worker.Live)
			synctest.Wait()
		}
		f.Add(key("hold"), worker.Live)
		f.Add(key("ready"), worker.Live)
		direct := []worker.Cause{{Event: worker.Direct, Count: 1}}
		tests := []struct {
			name    string
			want    worker.KeyState
			records int
		}{
			{"done", worker.KeyState{State: worker.Idle}, 1},
			{"never-seen", worker.KeyState{State: worker.Idle}, 0},
			{"wait", worker.KeyState{State: worker.Waiting, Due: begin.Add(time.Hour)}, 1},
			{"fail", worker.KeyState{State: worker.Waiting, Failures: 1, FailingSince: begin, LastError: "broken"}, 1},
			{"hold", worker.KeyState{State: worker.Running, Since: begin, Pending: direct}, 0},
			{"ready", worker.KeyState{State: worker.Ready, Since: begin, Pending: direct}, 0},
		}
		for _, tt := range tests {
			tt.want.Key = ref(tt.name)
			got := f.History(key(tt.name))
			if tt.name == "fail" { // which is up to chance
				if wait := got.Due.Sub(begin); wait < 4*time.Millisecond || wait > 5*time.Millisecond {
					t.Errorf("fail is due after %v, want 4.5 to 5 ms", wait)
				}
				got.Due = time.Time{}
			}
			if diff := cmp.Diff(tt.want, got.KeyState); diff != "" {
				t.Errorf("state of %s (-want +got)\n%s", tt.name, diff)
			}
			if len(got.Records) != tt.records {
				t.Errorf("%s has %d records, want %d", tt.name, len(got.Records), tt.records)
			}
		}
	})
}

func TestFailingAndSlowest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newWorker(t, func(ctx context.Context, k worker.Key) (worker.Result, error) {
			var ms int
			_, _ = fmt.Sscanf(k.Name, "slow-%d", &ms)
			time.Sleep(time.Duration(ms) * time.Millisecond)
			return byName(ctx, k)
		})
		f.start(t, t.Context())
		for _, name := range []string{"fail-b", "slow-3", "slow-30", "slow-7"} {
			f.Add(key(name), worker.Live)
		}
		time.Sleep(time.Second)
		for _, name := range []string{"fail-c", "fail-a"} {
			f.Add(key(name), worker.Live)
		}
		time.Sleep(time.Millisecond)
		names := []string{}
		for _, s := range f.Failing(2) {
			names = append(names, s.Key.Name)
		}
		for _, r := range f.Slowest(2) {
			names = append(names, r.Key.Name)
		}
		if diff := cmp.Diff([]string{"fail-b", "fail-a", "slow-30", "slow-7"}, names); diff != "" {
			t.Errorf("most failing two and slowest two (-want +got)\n%s", diff)
		}
		if got := len(f.Failing(100)); got != 3 {
			t.Errorf("%d keys fail, want 3", got)
		}
	})
}
