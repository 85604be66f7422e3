package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

func TestRecreate(t *testing.T) {
	pod := func(phase corev1.PodPhase) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &metav1.Time{Time: epoch()}}, Status: corev1.PodStatus{Phase: phase}}
	}
	terminating := func(set *appsv1.ReplicaSet) { set.Status.TerminatingReplicas = ptr[int32](1) }
	for _, tc := range []struct {
		name string
		sets []*appsv1.ReplicaSet
		pods []*corev1.Pod // of the ReplicaSet "old"
		want []string
	}{
		{name: "first ReplicaSet", want: []string{"+ 3"}},
		{name: "all old pods go", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 3, 3), newSet("mid", time.Minute, 1, 3)}, want: []string{"web-old 3→0", "web-mid 1→0"}},
		{name: "old pods go before the current ReplicaSet grows", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 2, 3), newSet("new", 0, 1, 3)}, want: []string{"web-old 2→0"}},
		{name: "waits for old pods", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3, has(1))}},
		{name: "waits for terminating pods", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3)}, pods: []*corev1.Pod{pod(corev1.PodRunning)}},
		{name: "waits for pods of unknown phase", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3)}, pods: []*corev1.Pod{pod(corev1.PodUnknown)}},
		{name: "waits for terminating pods that only the status knows", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3, terminating)}},
		{name: "waits for the status", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3, unobserved)}},
		{name: "doesn't wait for pods that ended", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3)},
			pods: []*corev1.Pod{pod(corev1.PodFailed), pod(corev1.PodSucceeded)}, want: []string{"+ 3"}},
		{name: "starts new pods", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3), newSet("new", 0, 0, 3)}, want: []string{"web-new 0→3"}},
		{name: "complete", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3), newSet("new", 0, 3, 3)}},
		{name: "resized with one active ReplicaSet", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 5, 5)}, want: []string{"web-old 5→3"}},
		{name: "resized with two active ReplicaSets", sets: []*appsv1.ReplicaSet{newSet("old", time.Hour, 5, 9), newSet("new", 0, 4, 9)}, want: []string{"web-old 5→0", "web-new 4→3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(newDeployment(3, recreate), tc.sets...)
			for _, pod := range tc.pods {
				o.pods["old"] = append(o.pods["old"], controllertest.Disguise(pod, Descriptor().Pods))
			}
			if diff := cmp.Diff(tc.want, scales(plan(o))); diff != "" {
				t.Errorf("scales (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPausedRecreateWaitsForOldPods(t *testing.T) {
	for _, tc := range []struct {
		name string
		left int32
		want []string
	}{
		{"while they run", 1, nil},
		{"when they are gone", 0, []string{"web-new 0→3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := plan(newObservation(newDeployment(3, recreate, paused), newSet("old", time.Hour, 0, 3, has(tc.left)), newSet("new", 0, 0, 3)))
			if diff := cmp.Diff(tc.want, scales(d)); diff != "" {
				t.Errorf("scales (-want +got):\n%s", diff)
			}
		})
	}
}
