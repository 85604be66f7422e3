package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

// counted is the status without conditions.
func counted(status *appsv1.DeploymentStatus) *appsv1.DeploymentStatus {
	if status == nil {
		return nil
	}
	bare := *status
	bare.Conditions = nil
	return &bare
}

func TestStatusCounts(t *testing.T) {
	terminating := func(n *int32) func(*appsv1.ReplicaSet) {
		return func(set *appsv1.ReplicaSet) { set.Status.TerminatingReplicas = n }
	}
	fresh := func(set *appsv1.ReplicaSet) { set.Status = appsv1.ReplicaSetStatus{} }
	for _, tc := range []struct {
		name string
		sets []*appsv1.ReplicaSet
		want appsv1.DeploymentStatus
	}{
		{"without ReplicaSets", nil, appsv1.DeploymentStatus{TerminatingReplicas: ptr[int32](0)}},
		{"adds up", []*appsv1.ReplicaSet{newSet("old", time.Hour, 5, 7, has(4), available(2), terminating(ptr[int32](2))), newSet("new", 0, 3, 7, has(3), available(1), terminating(ptr[int32](1)))},
			appsv1.DeploymentStatus{Replicas: 7, UpdatedReplicas: 3, ReadyReplicas: 3, AvailableReplicas: 3, UnavailableReplicas: 5, TerminatingReplicas: ptr[int32](3)}},
		{"more available than asked for", []*appsv1.ReplicaSet{newSet("new", 0, 3, 3, has(5))},
			appsv1.DeploymentStatus{Replicas: 5, UpdatedReplicas: 5, ReadyReplicas: 5, AvailableReplicas: 5, TerminatingReplicas: ptr[int32](0)}},
		{"terminating pods unknown to one", []*appsv1.ReplicaSet{newSet("new", 0, 0, 3), newSet("old", time.Hour, 0, 3, terminating(nil))}, appsv1.DeploymentStatus{}},
		{"a ReplicaSet that nobody has looked at yet has none terminating", []*appsv1.ReplicaSet{newSet("new", 0, 0, 3, fresh)}, appsv1.DeploymentStatus{TerminatingReplicas: ptr[int32](0)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want.ObservedGeneration = 2
			tc.want.CollisionCount = ptr[int32](4)
			d := newDeployment(7, deletedD, generation2, func(d *appsv1.Deployment) { d.Status.CollisionCount = ptr[int32](4) })
			if diff := cmp.Diff(&tc.want, counted(plan(newObservation(d, tc.sets...)).status)); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAvailability(t *testing.T) {
	for _, tc := range []struct {
		name      string
		available int32
		want      []string
	}{
		{"enough", 9, []string{"Available True MinimumReplicasAvailable"}},
		{"too few", 8, []string{"Available False MinimumReplicasUnavailable"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := plan(newObservation(newDeployment(10, generation2), newSet("new", 0, 10, 10, available(tc.available))))
			if diff := cmp.Diff(tc.want, reasons(d.status)); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func reasons(status *appsv1.DeploymentStatus) []string {
	if status == nil {
		return nil
	}
	var list []string
	for _, c := range status.Conditions {
		list = append(list, string(c.Type)+" "+string(c.Status)+" "+c.Reason)
	}
	return list
}

// settled returns the Deployment with the status and the revision that the plan gives it, as if it had been written.
func settled(d *appsv1.Deployment, sets ...*appsv1.ReplicaSet) *appsv1.Deployment {
	o := newObservation(d, sets...)
	o.hold = heldForLong()
	if decided := plan(o); decided.status != nil {
		d.Status = *decided.status
		d.Annotations = cloneWith(d.Annotations, revisionAnnotation, decided.revision)
	}
	return d
}

func TestStatusIsHeldWhileOnlyNumbersChange(t *testing.T) {
	type outcome struct{ Written, Held, Hurried bool }
	begin := func() *appsv1.Deployment {
		return settled(newDeployment(9, deadlineOf(600)), newSet("old", time.Hour, 3, 9), newSet("new", 0, 7, 9, available(5), revision(2)))
	}
	old := newSet("old", time.Hour, 3, 9)
	for _, tc := range []struct {
		name   string
		change func(*observation)
		sets   []*appsv1.ReplicaSet
		want   outcome
	}{
		{"nothing has changed", func(*observation) {}, []*appsv1.ReplicaSet{old, newSet("new", 0, 7, 9, available(5), revision(2))}, outcome{}},
		{"one more is ready", func(*observation) {}, []*appsv1.ReplicaSet{old, newSet("new", 0, 7, 9, available(6), revision(2))}, outcome{Held: true}},
		{"held for long enough", func(o *observation) { o.hold = heldForLong() },
			[]*appsv1.ReplicaSet{old, newSet("new", 0, 7, 9, available(6), revision(2))}, outcome{Written: true}},
		{"too few are available", func(*observation) {}, []*appsv1.ReplicaSet{old, newSet("new", 0, 7, 9, available(1), revision(2))}, outcome{Held: true, Hurried: true}},
		{"complete", func(*observation) {}, []*appsv1.ReplicaSet{newSet("new", 0, 9, 9, revision(2))}, outcome{Written: true}},
		{"a new generation", func(o *observation) { o.deployment.Generation++ }, []*appsv1.ReplicaSet{old, newSet("new", 0, 7, 9, available(5), revision(2))}, outcome{Written: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(begin(), tc.sets...)
			tc.change(&o)
			d := plan(o)
			if diff := cmp.Diff(tc.want, outcome{d.status != nil, d.hold.IsOn(), d.hold.IsOn() && d.lookAgain <= time.Second/10}); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if d.hold.IsOn() && (d.lookAgain <= 0 || d.lookAgain > 2*time.Second) {
				t.Errorf("looks again after %s", d.lookAgain)
			}
		})
	}
}
