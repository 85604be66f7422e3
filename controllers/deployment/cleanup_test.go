package deployment

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

func TestCleanup(t *testing.T) {
	old := func(name string, n int64, changes ...func(*appsv1.ReplicaSet)) *appsv1.ReplicaSet {
		return newSet(name, time.Hour, 0, 3, append(changes, revision(n))...)
	}
	history := []*appsv1.ReplicaSet{old("c", 3), old("a", 1), old("b", 2)}
	for _, tc := range []struct {
		name    string
		changes []func(*appsv1.Deployment)
		current *appsv1.ReplicaSet
		old     []*appsv1.ReplicaSet
		want    []string
	}{
		{name: "keeps what the history holds", changes: []func(*appsv1.Deployment){historyOf(3)}, old: history},
		{name: "lowest revisions go first", changes: []func(*appsv1.Deployment){historyOf(1)}, old: history, want: []string{"web-a", "web-b"}},
		{name: "no history", changes: []func(*appsv1.Deployment){historyOf(0)}, old: history, want: []string{"web-a", "web-b", "web-c"}},
		{name: "limit left out", old: history},
		{name: "no limit", changes: []func(*appsv1.Deployment){historyOf(math.MaxInt32)}, old: history},
		{name: "not before the rollout is over", changes: []func(*appsv1.Deployment){historyOf(0)}, current: newSet("new", 0, 3, 3, available(2), revision(9)), old: history},
		{name: "what shrinks only now stays for now", changes: []func(*appsv1.Deployment){historyOf(0)},
			old: []*appsv1.ReplicaSet{old("a", 1), newSet("d", time.Minute, 1, 3, has(0))}, want: []string{"web-a"}},
		{name: "not while there is still an old pod", changes: []func(*appsv1.Deployment){historyOf(0)}, old: []*appsv1.ReplicaSet{old("a", 1), newSet("d", time.Minute, 0, 3, has(1))}},
		{name: "while paused", changes: []func(*appsv1.Deployment){historyOf(0), paused}, current: newSet("new", 0, 3, 3, available(2), revision(9)), old: history[:1], want: []string{"web-c"}},
		{name: "not while paused before a rollback", changes: []func(*appsv1.Deployment){historyOf(0), paused, annotated(appsv1.DeprecatedRollbackTo, "3")}, old: history},
		{name: "what has pods stays, and counts", changes: []func(*appsv1.Deployment){historyOf(1), paused},
			old: []*appsv1.ReplicaSet{old("a", 1, has(1)), old("b", 2), old("c", 3)}, want: []string{"web-b"}},
		{name: "what may have pods stays", changes: []func(*appsv1.Deployment){historyOf(0)}, old: []*appsv1.ReplicaSet{old("a", 1, unobserved)}},
		{name: "what is being deleted doesn't count", changes: []func(*appsv1.Deployment){historyOf(1)}, old: []*appsv1.ReplicaSet{old("a", 1), old("b", 2, deletedSet)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.current == nil {
				tc.current = newSet("new", 0, 3, 3, revision(9))
			}
			d := plan(newObservation(newDeployment(3, tc.changes...), append(tc.old, tc.current)...))
			if diff := cmp.Diff(tc.want, names(d.remove)); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCleanupSparesWhatIsAboutToGrow(t *testing.T) {
	d := plan(newObservation(newDeployment(3, paused, historyOf(0)), newSet("old", time.Hour, 0, 3)))
	if diff := cmp.Diff([]string{"web-old 0→3"}, scales(d)); diff != "" || len(d.remove) > 0 {
		t.Errorf("removed %v, scales (-want +got):\n%s", names(d.remove), diff)
	}
}
