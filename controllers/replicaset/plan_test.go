package replicaset

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// observe returns what a plan sees of the ReplicaSet and pods, which it sorts into those with and without an owner.
func newObservation(rs *appsv1.ReplicaSet, pods ...*corev1.Pod) observation {
	selector, err := ownership.Selector(rs.Spec.Selector)
	if err != nil {
		panic(err)
	}
	o := observation{now: epoch(), replicaSet: rs, selector: selector}
	for _, pod := range pods {
		switch ref := metav1.GetControllerOf(pod); {
		case ref == nil:
			o.orphans = append(o.orphans, pod)
		case ref.UID == rs.UID:
			o.pods = append(o.pods, pod)
		}
	}
	return o
}

// actions is a decision without its status, with names for pods.
type actions struct {
	Adopt, Release, Remove []string
	Create                 int64
	LookAgain              time.Duration
}

func actionsOf(d decision) actions {
	again := d.lookAgain
	if d.hold.IsOn() {
		again = 0 // when to write the status is another test's concern
	}
	return actions{names(d.adopt), names(d.release), names(d.remove), d.create, again}
}

func TestPlanActions(t *testing.T) {
	deletedSet := func(rs *appsv1.ReplicaSet) { rs.DeletionTimestamp = &metav1.Time{Time: epoch()} }
	minReady := func(seconds int32) func(*appsv1.ReplicaSet) {
		return func(rs *appsv1.ReplicaSet) { rs.Spec.MinReadySeconds = seconds }
	}
	noSelector := func(rs *appsv1.ReplicaSet) { rs.Spec.Selector = &metav1.LabelSelector{} }
	noReplicas := func(rs *appsv1.ReplicaSet) { rs.Spec.Replicas = nil }
	waiting := func(o *observation) { o.waiting = true }

	for _, tc := range []struct {
		name   string
		set    *appsv1.ReplicaSet
		pods   []*corev1.Pod
		change func(*observation)
		want   actions
	}{
		{name: "as many as asked for", set: newReplicaSet(2), pods: newPods("own", 2), want: actions{}},
		{name: "too few", set: newReplicaSet(3), pods: newPods("own", 1), want: actions{Create: 2}},
		{name: "too many", set: newReplicaSet(1), pods: newPods("own", 3), want: actions{Remove: []string{"own-000", "own-001"}}},
		{name: "none asked for", set: newReplicaSet(0), pods: newPods("own", 1), want: actions{Remove: []string{"own-000"}}},
		{name: "replicas left out means 1", set: newReplicaSet(0, noReplicas), want: actions{Create: 1}},
		{name: "negative replicas mean none", set: newReplicaSet(-5), pods: newPods("own", 1), want: actions{Remove: []string{"own-000"}}},
		{name: "at most 500 creates", set: newReplicaSet(math.MaxInt32), want: actions{Create: 500}},
		{name: "at most 500 deletes", set: newReplicaSet(0), pods: newPods("own", 600), want: actions{Remove: names(newPods("own", 500))}},

		{name: "failed and succeeded pods are left and replaced", set: newReplicaSet(2),
			pods: []*corev1.Pod{newPod("failed", inPhase(corev1.PodFailed)), newPod("succeeded", inPhase(corev1.PodSucceeded))}, want: actions{Create: 2}},
		{name: "terminating pods are replaced", set: newReplicaSet(1), pods: newPods("own", 1, deleted), want: actions{Create: 1}},
		{name: "another's pods don't count", set: newReplicaSet(1), pods: newPods("other", 1, foreign), want: actions{Create: 1}},

		{name: "adopts an orphan that matches", set: newReplicaSet(1), pods: newPods("orphan", 1, orphan), want: actions{Adopt: []string{"orphan-000"}}},
		{name: "adopts what it then deletes", set: newReplicaSet(0), pods: newPods("orphan", 1, orphan),
			want: actions{Adopt: []string{"orphan-000"}, Remove: []string{"orphan-000"}}},
		{name: "doesn't adopt what doesn't match", set: newReplicaSet(0), pods: newPods("orphan", 1, orphan, stranger), want: actions{}},
		{name: "doesn't adopt what ended", set: newReplicaSet(0), pods: newPods("orphan", 1, orphan, inPhase(corev1.PodFailed)), want: actions{}},
		{name: "doesn't adopt what is being deleted", set: newReplicaSet(0), pods: newPods("orphan", 1, orphan, deleted), want: actions{}},
		{name: "an empty selector adopts nothing", set: newReplicaSet(0, noSelector), pods: newPods("orphan", 1, orphan), want: actions{}},
		{name: "releases what matches no more, and replaces it", set: newReplicaSet(1), pods: newPods("own", 1, stranger),
			want: actions{Release: []string{"own-000"}, Create: 1}},
		{name: "doesn't release what is being deleted", set: newReplicaSet(0), pods: newPods("own", 1, stranger, deleted), want: actions{}},

		{name: "being deleted: neither adopts nor releases, creates nor deletes", set: newReplicaSet(5, deletedSet),
			pods: slices.Concat(newPods("orphan", 1, orphan), newPods("own", 1, stranger), newPods("more", 7)), want: actions{}},

		{name: "own writes unseen: adopts and releases only", set: newReplicaSet(7), change: waiting,
			pods: slices.Concat(newPods("orphan", 1, orphan), newPods("own", 1, stranger)),
			want: actions{Adopt: []string{"orphan-000"}, Release: []string{"own-000"}}},
		{name: "own writes unseen: deletes nothing", set: newReplicaSet(0), change: waiting, pods: newPods("own", 1), want: actions{}},
		{name: "an adoption that is unseen isn't repeated, and counts", set: newReplicaSet(1), pods: newPods("orphan", 1, orphan),
			change: func(o *observation) { o.unseen = func(*corev1.Pod) bool { return true } }, want: actions{}},
		{name: "a release that is unseen isn't repeated", set: newReplicaSet(0), pods: newPods("own", 1, stranger),
			change: func(o *observation) { o.unseen = func(*corev1.Pod) bool { return true } }, want: actions{}},
		{name: "deletes in doubt go first", set: newReplicaSet(2), pods: newPods("own", 3),
			change: func(o *observation) { o.doubted = func(p *corev1.Pod) bool { return p.Name == "own-002" } }, want: actions{Remove: []string{"own-002"}}},
		{name: "deletes in doubt that aren't wanted any more are left", set: newReplicaSet(3), pods: newPods("own", 3),
			change: func(o *observation) { o.doubted = func(p *corev1.Pod) bool { return p.Name == "own-002" } }, want: actions{}},

		{name: "denied: waits", set: newReplicaSet(3), change: func(o *observation) { o.denied = epoch().Add(7 * time.Second) },
			want: actions{LookAgain: 7 * time.Second}},
		{name: "denied: time is up", set: newReplicaSet(3), change: func(o *observation) { o.denied = epoch() }, want: actions{Create: 3}},
		{name: "denied: deletes nonetheless", set: newReplicaSet(0), pods: newPods("own", 1),
			change: func(o *observation) { o.denied = epoch().Add(time.Hour) }, want: actions{Remove: []string{"own-000"}}},

		{name: "looks again exactly when the next pod becomes available", set: newReplicaSet(2, minReady(60)),
			pods: []*corev1.Pod{newPod("a", readyFor(20*time.Second)), newPod("b", readyFor(30*time.Second))}, want: actions{LookAgain: 30 * time.Second}},
		{name: "huge minReadySeconds", set: newReplicaSet(1, minReady(math.MaxInt32)), pods: newPods("own", 1, readyFor(0)),
			want: actions{LookAgain: math.MaxInt32 * time.Second}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(tc.set, tc.pods...)
			o.hold = heldFor(time.Minute)
			if tc.change != nil {
				tc.change(&o)
			}
			got := actionsOf(plan(o))
			if o.waiting {
				got.LookAgain = 0
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlanAsksForRelatedPodsOnlyToChoose(t *testing.T) {
	for _, tc := range []struct {
		name     string
		replicas int32
		want     int
	}{{"as many as asked for", 3, 0}, {"some must go", 1, 1}, {"all must go", 0, 0}, {"some are missing", 5, 0}} {
		t.Run(tc.name, func(t *testing.T) {
			asked := 0
			o := newObservation(newReplicaSet(tc.replicas), newPods("own", 3)...)
			o.related = func() []*corev1.Pod { asked++; return o.pods }
			plan(o)
			if asked != tc.want {
				t.Errorf("asked %d times, want %d", asked, tc.want)
			}
		})
	}
}
