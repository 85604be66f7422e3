package manager_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// observing is a controller that looks after the canaries of others while it runs.
func observing(others *aviary, busy *atomic.Int32) run {
	return func(ctx context.Context) error {
		busy.Add(1)
		defer busy.Add(-1)
		time.Sleep(100 * time.Millisecond) // that it takes to come to it
		others.comes("wheelhouse")
		defer others.leaves()
		return idle(ctx)
	}
}

// Two that ask at the same time don't see each other, and both begin. They notice, and chance decides which of them goes on.
func TestOfTwoThatBeganTogetherOneGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var one, other aviary
		var busy atomic.Int32
		begin := time.Now()
		first := start(t, one.sharing(observing(&other, &busy)))
		second := start(t, other.sharing(observing(&one, &busy)))
		after(begin, 10500*time.Millisecond)
		if n := busy.Load(); n != 2 {
			t.Fatalf("%d of the two have begun, want both: then they don't ask together, and the test tests nothing", n)
		}
		after(begin, 11500*time.Millisecond)
		if n := busy.Load(); n != 0 {
			t.Errorf("%d still run a second later, want none", n)
		}
		after(begin, time.Hour)
		before := [...]string{first.state(t, "a"), second.state(t, "a")}
		after(begin, 2*time.Hour)
		if n := busy.Load(); n != 1 {
			t.Errorf("after two hours %d run, want one", n)
		}
		if now := [...]string{first.state(t, "a"), second.state(t, "a")}; now != before {
			t.Errorf("after an hour they are %q, after two %q", before, now)
		}
		for _, m := range []running{first, second} {
			if err := m.stop(); err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		}
	})
}
