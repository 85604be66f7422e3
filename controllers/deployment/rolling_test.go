package deployment

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestRolling(t *testing.T) {
	sets := func(sets ...*appsv1.ReplicaSet) []*appsv1.ReplicaSet { return sets }
	for _, tc := range []struct {
		name       string
		deployment *appsv1.Deployment
		sets       []*appsv1.ReplicaSet
		want       []string
	}{
		{"first ReplicaSet has all replicas", newDeployment(3), nil, []string{"+ 3"}},
		{"first ReplicaSet of none", newDeployment(0), nil, []string{"+ 0"}},
		{"largest surge", newDeployment(3, numbers(math.MaxInt32, 0)), nil, []string{"+ 3"}},
		{"huge percentage", newDeployment(3, bounds(intstr.FromString("100000000000%"), intstr.FromInt32(0))), nil, []string{"+ 3"}},
		{"new template: surge first", newDeployment(10, numbers(3, 2)), sets(newSet("old", time.Hour, 10, 10)), []string{"+ 3"}},
		{"new template without surge", newDeployment(10, numbers(0, 2)), sets(newSet("old", time.Hour, 10, 10)), []string{"+ 0"}},
		{"rollover: no room yet", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 8, 10), newSet("mid", time.Minute, 5, 10)), []string{"+ 0"}},

		{"complete", newDeployment(3), sets(newSet("new", time.Minute, 3, 3), newSet("old", time.Hour, 0, 3)), nil},
		{"shrinks and grows at once", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 10, 10), newSet("new", 0, 3, 10, available(0))), []string{"web-old 10→8", "web-new 3→5"}},
		{"waits for new pods", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 8, 10), newSet("new", 0, 5, 10, available(0))), nil},
		{"follows new pods one by one", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 8, 10), newSet("new", 0, 5, 10, available(1))), []string{"web-old 8→7", "web-new 5→6"}},
		{"the last old pods go", newDeployment(3),
			sets(newSet("old", time.Hour, 1, 3), newSet("new", 0, 3, 3)), []string{"web-old 1→0"}},
		{"oldest first", newDeployment(3),
			sets(newSet("mid", time.Minute, 2, 3), newSet("old", time.Hour, 1, 3), newSet("new", 0, 2, 3)), []string{"web-old 1→0", "web-mid 2→0", "web-new 2→3"}},
		{"unhealthy old pods go first", newDeployment(10, numbers(0, 2)),
			sets(newSet("old", time.Hour, 5, 10), newSet("mid", time.Minute, 5, 10, available(3)), newSet("new", 0, 0, 10)), []string{"web-mid 5→3", "web-new 0→2"}},
		{"unhealthy old pods go even if too few are available", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 10, 10, available(4)), newSet("new", 0, 3, 10, available(0))), []string{"web-old 10→8", "web-new 3→5"}},
		{"new pods that fail don't cost old ones", newDeployment(10, numbers(3, 2)),
			sets(newSet("old", time.Hour, 8, 10, available(7)), newSet("new", 0, 5, 10, available(0))), nil},
		{"rolled back: failed pods of the other template go", newDeployment(10, numbers(3, 2)),
			sets(newSet("bad", time.Minute, 5, 10, available(0)), newSet("new", time.Hour, 8, 10, available(7))), []string{"web-bad 5→1", "web-new 8→10"}},
		{"too large by hand", newDeployment(3), sets(newSet("new", time.Hour, 7, 3)), []string{"web-new 7→3"}},
		{"available pods that are about to go count as gone", newDeployment(5, numbers(1, 1)),
			sets(newSet("old", time.Hour, 1, 5, has(5)), newSet("new", 0, 4, 5, available(3))), []string{"web-new 4→5"}},
		{"doesn't grow before the pods that are to go have gone", newDeployment(5, numbers(1, 1)),
			sets(newSet("old", time.Hour, 3, 5), newSet("new", 0, 2, 5, has(4))), []string{"web-old 3→2"}},
		{"no bounds given", newDeployment(3, func(d *appsv1.Deployment) { d.Spec.Strategy.RollingUpdate = nil }),
			sets(newSet("old", time.Hour, 3, 3), newSet("new", 0, 0, 3)), []string{"web-old 3→2", "web-new 0→1"}},
		{"the current ReplicaSet is the oldest of those with the template", newDeployment(3),
			sets(newSet("new", time.Minute, 1, 3), newSet("new", time.Hour, 2, 3, func(s *appsv1.ReplicaSet) { s.Name, s.UID = "web-first", "first" })),
			[]string{"web-new 1→0", "web-first 2→3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, scales(plan(newObservation(tc.deployment, tc.sets...)))); diff != "" {
				t.Errorf("scales (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWaitsAfterDeniedCreation(t *testing.T) {
	o := newObservation(newDeployment(3), newSet("old", time.Hour, 3, 3))
	o.denied = epoch().Add(7 * time.Second)
	o.hold = heldForLong()
	d := plan(o)
	if diff := cmp.Diff([]any{false, 7 * time.Second}, []any{d.moves(), min(d.lookAgain, time.Minute)}); diff != "" {
		t.Errorf("moves, and when to look again (-want +got):\n%s", diff)
	}
}
