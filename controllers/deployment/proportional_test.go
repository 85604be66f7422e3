package deployment

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

func TestProportional(t *testing.T) {
	sets := func(sets ...*appsv1.ReplicaSet) []*appsv1.ReplicaSet { return sets }
	before := func(most string) func(*appsv1.ReplicaSet) { return marked(maxReplicasAnnotation, most) }
	mid := func(s *appsv1.ReplicaSet) { s.Status.AvailableReplicas = 0 }
	for _, tc := range []struct {
		name       string
		deployment *appsv1.Deployment
		sets       []*appsv1.ReplicaSet
		want       []string
	}{
		{"a single active ReplicaSet follows", newDeployment(5), sets(newSet("new", 0, 3, 3), newSet("old", time.Hour, 0, 3)), []string{"web-new 3→5"}},
		{"a single active ReplicaSet follows even if it is old", newDeployment(5), sets(newSet("old", time.Hour, 3, 3), newSet("new", 0, 0, 3)), []string{"web-old 3→5"}},
		{"to none", newDeployment(0), sets(newSet("new", 0, 3, 3)), []string{"web-new 3→0"}},
		{"from none", newDeployment(5), sets(newSet("new", 0, 0, 0)), []string{"web-new 0→5"}},
		{"old ReplicaSets go if the current one has all replicas", newDeployment(3),
			sets(newSet("old", time.Hour, 2, 5), newSet("new", 0, 3, 3)), []string{"web-old 2→0"}},

		{"up in proportion", newDeployment(20, numbers(0, 2)), sets(newSet("old", time.Hour, 5, 10, before("10")), newSet("new", 0, 5, 10, before("10"), mid)),
			[]string{"web-old 5→10", "web-new 5→10"}},
		{"down in proportion", newDeployment(5, numbers(0, 2)), sets(newSet("old", time.Hour, 8, 10, before("10")), newSet("new", 0, 2, 10, before("10"), mid)),
			[]string{"web-old 8→4", "web-new 2→1"}},
		{"with surge", newDeployment(30, numbers(3, 2)), sets(newSet("old", time.Hour, 8, 10, before("13")), newSet("new", 0, 5, 10, before("13"), mid)),
			[]string{"web-old 8→20", "web-new 5→13"}},
		{"of two of a size the newer is first to grow", newDeployment(11, numbers(0, 2)), sets(newSet("old", time.Hour, 5, 10, before("10")), newSet("new", 0, 5, 10, before("10"), mid)),
			[]string{"web-new 5→6"}},
		{"of two of a size the older is first to shrink", newDeployment(9, numbers(0, 2)), sets(newSet("old", time.Hour, 5, 10, before("10")), newSet("new", 0, 5, 10, before("10"), mid)),
			[]string{"web-old 5→4"}},
		{"what rounding leaves goes to the largest", newDeployment(20, numbers(0, 2)),
			sets(newSet("a", time.Hour, 4, 10, before("12")), newSet("b", time.Minute, 4, 10, before("12")), newSet("new", 0, 2, 10, before("12"), mid)),
			[]string{"web-a 4→7", "web-b 4→10", "web-new 2→3"}},
		{"to none in proportion", newDeployment(0, numbers(1, 1)), sets(newSet("old", time.Hour, 3, 5), newSet("new", 0, 2, 5, mid)),
			[]string{"web-old 3→0", "web-new 2→0"}},
		{"without annotation the size in the status counts", newDeployment(20, numbers(0, 2), func(d *appsv1.Deployment) { d.Status.Replicas = 10 }),
			sets(newSet("old", time.Hour, 5, 10, unmarked(maxReplicasAnnotation)), newSet("new", 0, 5, 10, before("0"), mid)),
			[]string{"web-old 5→10", "web-new 5→10"}},
		{"with nothing to go by the largest takes all", newDeployment(20, numbers(0, 2)),
			sets(newSet("old", time.Hour, 6, 10, unmarked(maxReplicasAnnotation)), newSet("new", 0, 4, 10, unmarked(maxReplicasAnnotation), mid)),
			[]string{"web-old 6→16"}},
		{"with nothing to go by all shrink", newDeployment(2, numbers(0, 2)),
			sets(newSet("old", time.Hour, 6, 10, unmarked(maxReplicasAnnotation)), newSet("new", 0, 4, 10, unmarked(maxReplicasAnnotation), mid)),
			[]string{"web-old 6→0", "web-new 4→2"}},
		{"growing takes from nobody", newDeployment(11, numbers(0, 2)), sets(newSet("old", time.Hour, 5, 10, before("20")), newSet("new", 0, 5, 10, before("20"), mid)),
			[]string{"web-new 5→6"}},
		{"the largest numbers", newDeployment(math.MaxInt32, numbers(math.MaxInt32, 0)),
			sets(newSet("old", time.Hour, math.MaxInt32/2, 10, before("2147483647")), newSet("new", 0, 3, 10, before("1"), mid)),
			[]string{"web-new 3→1073741824"}},

		{"paused: follows", newDeployment(5, paused), sets(newSet("old", time.Hour, 3, 3)), []string{"web-old 3→5"}},
		{"paused from none: the newest follows", newDeployment(5, paused), sets(newSet("old", time.Hour, 0, 0), newSet("older", 2*time.Hour, 0, 0)), []string{"web-old 0→5"}},
		{"paused: in proportion", newDeployment(20, paused, numbers(0, 2)), sets(newSet("old", time.Hour, 5, 10, before("10")), newSet("new", 0, 5, 10, before("10"), mid)),
			[]string{"web-old 5→10", "web-new 5→10"}},
		{"paused: doesn't roll out", newDeployment(3, paused), sets(newSet("old", time.Hour, 3, 3)), nil},
		{"paused in the middle: fills up what it may have", newDeployment(10, paused, numbers(3, 2)), sets(newSet("old", time.Hour, 2, 10), newSet("new", 0, 10, 10, available(4))),
			[]string{"web-new 10→11"}},
		{"paused: too many are taken back", newDeployment(10, paused, numbers(0, 2)), sets(newSet("old", time.Hour, 8, 10, before("13")), newSet("new", 0, 5, 10, before("13"), mid)),
			[]string{"web-old 8→6", "web-new 5→4"}},
		{"paused: creates nothing", newDeployment(3, paused), nil, nil},
		{"paused Recreate with two active ReplicaSets", newDeployment(3, paused, recreate), sets(newSet("old", time.Hour, 5, 9), newSet("new", 0, 4, 9)), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, scales(plan(newObservation(tc.deployment, tc.sets...)))); diff != "" {
				t.Errorf("scales (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSizeIsStampedOnActiveReplicaSets(t *testing.T) {
	got := map[string]map[string]string{}
	d := plan(newObservation(newDeployment(20, numbers(2, 2)), newSet("old", time.Hour, 5, 10), newSet("new", 0, 0, 10), newSet("mid", time.Minute, 17, 20)))
	for _, c := range d.changes {
		got[c.set.Name] = c.annotations
	}
	size := map[string]string{desiredReplicasAnnotation: "20", maxReplicasAnnotation: "22"}
	want := map[string]map[string]string{"web-old": size, "web-mid": {maxReplicasAnnotation: "22"}, "web-new": {revisionAnnotation: "2", historyAnnotation: "1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}
