package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStepWaitsForPods looks at a rollout whose current ReplicaSet has asked for five pods while they turn available.
func TestStepWaitsForPods(t *testing.T) {
	type look struct {
		at        time.Duration
		available int32
	}
	const ms = time.Millisecond
	step := []string{"web-old 8→3", "web-new 5→10"}
	for _, tc := range []struct {
		name  string
		looks []look
		want  []string
		again time.Duration
	}{
		{"none is available", []look{{0, 0}}, nil, 0},
		{"the first", []look{{0, 1}}, nil, 200 * ms},
		{"one after the other", []look{{0, 1}, {150 * ms, 2}, {300 * ms, 4}}, nil, 200 * ms},
		{"nothing has changed", []look{{0, 1}, {150 * ms, 1}}, nil, 50 * ms},
		{"no more come", []look{{0, 1}, {200 * ms, 1}}, []string{"web-old 8→7", "web-new 5→6"}, 0},
		{"slowly", []look{{0, 1}, {190 * ms, 2}, {380 * ms, 3}, {570 * ms, 4}, {700 * ms, 3}}, nil, 70 * ms},
		{"for the longest time", []look{{0, 1}, {1000 * ms, 2}}, []string{"web-old 8→6", "web-new 5→7"}, 0},
		{"all", []look{{0, 5}}, step, 0},
		{"all in the end", []look{{0, 1}, {100 * ms, 5}}, step, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var d decision
			for _, l := range tc.looks {
				o := newObservation(newDeployment(10, numbers(3, 2)), newSet("old", time.Hour, 8, 10), newSet("new", 0, 5, 10, available(l.available)))
				o.now, o.wait = epoch().Add(l.at), d.wait
				d = plan(o)
			}
			if diff := cmp.Diff(tc.want, scales(d)); diff != "" {
				t.Errorf("scales (-want +got):\n%s", diff)
			}
			if got := min(d.lookAgain, 500*ms); d.waits() && got != tc.again || d.waits() != (tc.again > 0) {
				t.Errorf("waits %v, looks again after %s, want after %s", d.waits(), got, tc.again)
			}
		})
	}
}

// A ReplicaSet that is too large shrinks at once, whether or not its pods are available.
func TestStepDoesNotWaitToShrinkTheCurrent(t *testing.T) {
	o := newObservation(newDeployment(3), newSet("new", 0, 7, 3, available(2)))
	o.wait = stepWait{}
	if diff := cmp.Diff([]string{"web-new 7→3"}, scales(plan(o))); diff != "" {
		t.Errorf("scales (-want +got):\n%s", diff)
	}
}
