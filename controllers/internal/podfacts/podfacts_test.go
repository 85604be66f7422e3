package podfacts_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

func TestPhaseAndDeletion(t *testing.T) {
	type facts struct{ Active, Terminating, Ended bool }
	deleted := &metav1.Time{Time: time.Unix(1000, 0)}
	for _, tc := range []struct {
		name     string
		phase    corev1.PodPhase
		deletion *metav1.Time
		want     facts
	}{
		{"pending", corev1.PodPending, nil, facts{Active: true}},
		{"without a phase yet", "", nil, facts{Active: true}},
		{"unknown", corev1.PodUnknown, nil, facts{Active: true}},
		{"running", corev1.PodRunning, nil, facts{Active: true}},
		{"running, deleted", corev1.PodRunning, deleted, facts{Terminating: true}},
		{"failed", corev1.PodFailed, nil, facts{Ended: true}},
		{"failed, deleted", corev1.PodFailed, deleted, facts{Ended: true}},
		{"succeeded", corev1.PodSucceeded, nil, facts{Ended: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pod := &corev1.Pod{Status: corev1.PodStatus{Phase: tc.phase}}
			pod.DeletionTimestamp = tc.deletion
			got := facts{podfacts.IsActive(pod), podfacts.IsTerminating(pod), podfacts.IsEnded(pod)}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

// podThatIs returns a pod that has been ready, or not ready, since then; without a status, one that has no such condition.
func podThatIs(ready corev1.ConditionStatus, since time.Time) *corev1.Pod {
	pod := &corev1.Pod{}
	if ready != "" {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, LastTransitionTime: metav1.NewTime(since)}}
	}
	return pod
}

func TestAvailability(t *testing.T) {
	type facts struct {
		Ready, Available bool
		Until            time.Duration
	}
	now := time.Unix(1000, 0)
	for _, tc := range []struct {
		name       string
		ready      corev1.ConditionStatus
		since      time.Time
		minSeconds int32
		want       facts
	}{
		{"not ready", corev1.ConditionFalse, now.Add(-time.Hour), 10, facts{}},
		{"no condition", "", now.Add(-time.Hour), 0, facts{}},
		{"ready, nothing to wait for", corev1.ConditionTrue, now, 0, facts{Ready: true, Available: true}},
		{"ready, no time given, nothing to wait for", corev1.ConditionTrue, time.Time{}, 0, facts{Ready: true, Available: true}},
		{"ready, no time given", corev1.ConditionTrue, time.Time{}, 10, facts{Ready: true}},
		{"ready for too short", corev1.ConditionTrue, now.Add(-4 * time.Second), 10, facts{Ready: true, Until: 6 * time.Second}},
		{"ready for exactly long enough", corev1.ConditionTrue, now.Add(-10 * time.Second), 10, facts{Ready: true, Available: true}},
		{"longest wait", corev1.ConditionTrue, now, math.MaxInt32, facts{Ready: true, Until: math.MaxInt32 * time.Second}},
		{"negative", corev1.ConditionTrue, now, -1, facts{Ready: true, Available: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pod := podThatIs(tc.ready, tc.since)
			got := facts{podfacts.IsReady(pod), podfacts.IsAvailable(pod, tc.minSeconds, now), podfacts.UntilAvailable(pod, tc.minSeconds, now)}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWasReady(t *testing.T) {
	start := time.Unix(1000, 0)
	for _, tc := range []struct {
		name    string
		started bool
		ready   corev1.ConditionStatus
		since   time.Time
		want    bool
	}{
		{"is ready", false, corev1.ConditionTrue, start, true},
		{"isn't any more", true, corev1.ConditionFalse, start.Add(2 * time.Second), true},
		{"never since it was started", true, corev1.ConditionFalse, start, false},
		{"never, over the turn of a second", true, corev1.ConditionFalse, start.Add(time.Second), false},
		{"rejected by the kubelet", true, "", time.Time{}, false},
		{"not started", false, corev1.ConditionFalse, start, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pod := podThatIs(tc.ready, tc.since)
			pod.Status.Phase = corev1.PodFailed
			if tc.started {
				pod.Status.StartTime = &metav1.Time{Time: start}
			}
			if got := podfacts.WasReady(pod); got != tc.want {
				t.Errorf("was ready: %v, want %v", got, tc.want)
			}
		})
	}
}
