package replicaset

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

func ptr[T any](value T) *T { return &value }

func TestPlanStatus(t *testing.T) {
	labeled := func(rs *appsv1.ReplicaSet) {
		rs.Spec.Template.Labels = map[string]string{"app": "web", "tier": "front"}
	}
	tier := func(p *corev1.Pod) { p.Labels = map[string]string{"app": "web", "tier": "front", "more": "yes"} }
	minReady := func(rs *appsv1.ReplicaSet) { rs.Spec.MinReadySeconds = 60 }
	generation2 := func(rs *appsv1.ReplicaSet) { rs.Generation = 2 }
	failed := appsv1.ReplicaSetCondition{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: failedCreate}
	other := appsv1.ReplicaSetCondition{Type: "Other", Status: corev1.ConditionTrue}
	conditions := func(rs *appsv1.ReplicaSet) {
		rs.Status.Conditions = []appsv1.ReplicaSetCondition{failed, other}
	}
	counted := func(rs *appsv1.ReplicaSet) { rs.Status.Replicas, rs.Status.FullyLabeledReplicas = 1, 1 }
	deletedSet := func(rs *appsv1.ReplicaSet) { rs.DeletionTimestamp = &metav1.Time{Time: epoch()} }

	for _, tc := range []struct {
		name   string
		set    *appsv1.ReplicaSet
		pods   []*corev1.Pod
		change func(*observation)
		want   *appsv1.ReplicaSetStatus
	}{
		{name: "nothing has changed", set: newReplicaSet(1, counted), pods: newPods("own", 1)},
		{name: "counts replicas, labels, ready and available", set: newReplicaSet(4, labeled, minReady),
			pods: []*corev1.Pod{newPod("a"), newPod("b", tier), newPod("c", tier, readyFor(time.Second)), newPod("d", readyFor(time.Hour))},
			want: &appsv1.ReplicaSetStatus{Replicas: 4, FullyLabeledReplicas: 2, ReadyReplicas: 2, AvailableReplicas: 1, TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1}},
		{name: "counts own terminating pods that have not ended", set: newReplicaSet(0),
			pods: []*corev1.Pod{newPod("a", deleted), newPod("b", deleted, inPhase(corev1.PodFailed)), newPod("c", deleted, stranger), newPod("d", deleted, orphan)},
			want: &appsv1.ReplicaSetStatus{TerminatingReplicas: ptr[int32](1), ObservedGeneration: 1}},
		{name: "counts terminating pods though there were none known", set: newReplicaSet(0, func(rs *appsv1.ReplicaSet) { rs.Status.TerminatingReplicas = nil }),
			want: &appsv1.ReplicaSetStatus{TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1}},
		{name: "observes the generation", set: newReplicaSet(0, generation2),
			want: &appsv1.ReplicaSetStatus{TerminatingReplicas: ptr[int32](0), ObservedGeneration: 2}},
		{name: "an orphan to be adopted counts", set: newReplicaSet(1), pods: newPods("orphan", 1, orphan),
			want: &appsv1.ReplicaSetStatus{Replicas: 1, FullyLabeledReplicas: 1, TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1}},
		{name: "of a ReplicaSet that is being deleted", set: newReplicaSet(3, deletedSet), pods: newPods("own", 1),
			want: &appsv1.ReplicaSetStatus{Replicas: 1, FullyLabeledReplicas: 1, TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1}},

		{name: "failure is cleared when there is nothing to do", set: newReplicaSet(0, conditions),
			want: &appsv1.ReplicaSetStatus{TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1, Conditions: []appsv1.ReplicaSetCondition{other}}},
		{name: "failure stays while creation is denied", set: newReplicaSet(1, conditions), change: func(o *observation) { o.denied = epoch().Add(time.Second) }},
		{name: "failure stays while nobody has tried", set: newReplicaSet(1, conditions), change: func(o *observation) { o.waiting = true }},
		{name: "failure is cleared by success", set: newReplicaSet(0, conditions), change: func(o *observation) { o.waiting, o.succeeded = true, true },
			want: &appsv1.ReplicaSetStatus{TerminatingReplicas: ptr[int32](0), ObservedGeneration: 1, Conditions: []appsv1.ReplicaSetCondition{other}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(tc.set, tc.pods...)
			o.hold = heldFor(time.Minute)
			if tc.change != nil {
				tc.change(&o)
			}
			if diff := cmp.Diff(tc.want, plan(o).status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func heldFor(d time.Duration) statushold.Hold {
	return statushold.Hold{}.Held(false, epoch().Add(-d))
}

// writtenAsMet makes the written status say that there are two pods, as is asked for, and that so many others are about to go.
func writtenAsMet(terminating int32) func(*observation) {
	return func(o *observation) {
		o.replicaSet.Status = appsv1.ReplicaSetStatus{
			Replicas: 2, FullyLabeledReplicas: 2, ReadyReplicas: 2, AvailableReplicas: 2, TerminatingReplicas: &terminating, ObservedGeneration: o.replicaSet.Generation,
		}
	}
}

func TestStatusIsHeldWhilePodsComeAndGo(t *testing.T) {
	type outcome struct {
		Held  bool
		Again time.Duration
	}
	ready, gone := readyFor(time.Hour), newPod("gone", deleted)
	for _, tc := range []struct {
		name   string
		pods   []*corev1.Pod
		change func(*observation)
		want   outcome
	}{
		{"creating", newPods("own", 1, ready), func(*observation) {}, outcome{true, 2 * time.Second}},
		{"own writes are unseen", newPods("own", 2, ready), func(o *observation) { o.waiting = true }, outcome{true, 2 * time.Second}},
		{"not all are available", newPods("own", 2), func(*observation) {}, outcome{true, 2 * time.Second}},
		{"one is about to go", append(newPods("own", 2, ready), gone), func(*observation) {}, outcome{true, 60 * time.Millisecond}},
		{"fewer are about to go than before", append(newPods("own", 2, ready), gone), writtenAsMet(5), outcome{true, 2 * time.Second}},
		{"all have gone", newPods("own", 2, ready), writtenAsMet(5), outcome{true, 60 * time.Millisecond}},
		{"another generation is met", append(newPods("own", 2, ready), gone), func(o *observation) { writtenAsMet(5)(o); o.replicaSet.Generation++ }, outcome{true, 60 * time.Millisecond}},
		{"one isn't available any more", newPods("own", 2), func(o *observation) { o.replicaSet.Status.AvailableReplicas = 1 }, outcome{}},
		{"all are available", newPods("own", 2, ready), func(*observation) {}, outcome{true, 60 * time.Millisecond}},
		{"held for some time", newPods("own", 2), func(o *observation) { o.hold = heldFor(time.Second / 4) }, outcome{true, 7 * time.Second / 4}},
		{"held for long enough", newPods("own", 2), func(o *observation) { o.hold = heldFor(time.Minute) }, outcome{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(newReplicaSet(2), tc.pods...)
			tc.change(&o)
			d := plan(o)
			if diff := cmp.Diff(tc.want, outcome{d.hold.IsOn(), d.lookAgain}); diff != "" {
				t.Errorf("held, and when to look again (-want +got):\n%s", diff)
			}
			if (d.status == nil) != tc.want.Held {
				t.Errorf("status is %v", d.status)
			}
		})
	}
}

func TestFailureIsSetOnce(t *testing.T) {
	first := withFailure(nil, failure{failedCreate, "quota"}, epoch())
	want := []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue,
		LastTransitionTime: metav1.NewTime(epoch()), Reason: "FailedCreate", Message: "quota"}}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	again := withFailure(first, failure{failedDelete, "webhook"}, epoch().Add(time.Hour))
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("conditions after another failure (-want +got):\n%s", diff)
	}
}
