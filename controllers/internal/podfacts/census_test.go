package podfacts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// pod returns one that has been ready for so long; a negative time stands for not being ready.
func pod(ready time.Duration, changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "1", ResourceVersion: "1"}}
	if ready >= 0 {
		since := metav1.NewTime(time.Unix(1000, 0).Add(-ready))
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: since}}
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

func ended(p *corev1.Pod)   { p.Status.Phase = corev1.PodFailed }
func deleted(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1000, 0)} }

func TestCount(t *testing.T) {
	pods := []*corev1.Pod{pod(-1), pod(4 * time.Second), pod(7 * time.Second), pod(10 * time.Second), pod(time.Minute, deleted), pod(time.Minute, ended)}
	want := podfacts.Census{Replicas: 4, Ready: 3, Available: 1, Terminating: 1, UntilAvailable: 3 * time.Second}
	if diff := cmp.Diff(want, podfacts.Count(pods, 10, time.Unix(1000, 0))); diff != "" {
		t.Errorf("census (-want +got):\n%s", diff)
	}
}

func TestChangesCensus(t *testing.T) {
	yes := true
	owned := func(p *corev1.Pod) { p.OwnerReferences = []metav1.OwnerReference{{UID: "owner", Controller: &yes}} }
	for _, tc := range []struct {
		name  string
		after *corev1.Pod
		want  bool
	}{
		{"nothing", pod(0), false},
		{"node and phase", pod(0, func(p *corev1.Pod) { p.Spec.NodeName, p.Status.Phase = "a", corev1.PodRunning }), false},
		{"annotations", pod(0, func(p *corev1.Pod) { p.Annotations = map[string]string{"a": "b"} }), false},
		{"readiness", pod(-1), true},
		{"since when it is ready", pod(time.Second), true},
		{"end", pod(0, ended), true},
		{"deletion", pod(0, deleted), true},
		{"labels", pod(0, func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} }), true},
		{"owner", pod(0, owned), true},
		{"another pod", pod(0, func(p *corev1.Pod) { p.UID = "2" }), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.after.ResourceVersion = "2"
			if got := podfacts.ChangesCensus(pod(0), tc.after); got != tc.want {
				t.Errorf("changes the census: %v, want %v", got, tc.want)
			}
			tc.after.ResourceVersion = "1"
			if podfacts.ChangesCensus(pod(0), tc.after) {
				t.Error("a resync changes the census")
			}
		})
	}
}

func TestChangesCensusByComingAndGoing(t *testing.T) {
	pod := &corev1.Pod{}
	got := []bool{podfacts.ChangesCensus(nil, pod), podfacts.ChangesCensus(pod, nil), podfacts.ChangesCensus(nil, nil)}
	if diff := cmp.Diff([]bool{true, true, false}, got); diff != "" {
		t.Errorf("changes of a pod that comes, that goes, and of none (-want +got):\n%s", diff)
	}
}
