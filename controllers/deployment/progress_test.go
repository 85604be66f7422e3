package deployment

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestProgressing(t *testing.T) {
	said := func(status corev1.ConditionStatus, reason string, before time.Duration) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			d.Status.Conditions = append(d.Status.Conditions, appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: status, Reason: reason,
				LastUpdateTime: ago(before), LastTransitionTime: ago(time.Hour)})
		}
	}
	ended := func(subject string) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			said("True", "NewReplicaSetAvailable", time.Hour)(d)
			d.Status.Conditions[len(d.Status.Conditions)-1].Message = subject + hasProgressed
		}
	}
	none := func(d *appsv1.Deployment) { d.Spec.Replicas = ptr[int32](0) }
	counts := func(replicas, updated, ready int32) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.ReadyReplicas, d.Status.AvailableReplicas = replicas, updated, ready, ready
		}
	}
	// condition is Progressing as the plan leaves it; Age is that of its last update.
	type condition struct {
		Status, Reason, Message string
		Age                     time.Duration
	}
	minute := deadlineOf(60)
	rolling := []*appsv1.ReplicaSet{newSet("old", time.Hour, 2, 3), newSet("new", 0, 2, 3, available(1), revision(2))}
	whole := []*appsv1.ReplicaSet{newSet("new", 0, 3, 3)}
	for _, tc := range []struct {
		name    string
		changes []func(*appsv1.Deployment)
		sets    []*appsv1.ReplicaSet
		want    condition
	}{
		{"begins with a ReplicaSet that is created", []func(*appsv1.Deployment){minute, said("True", "NewReplicaSetAvailable", time.Hour)}, nil,
			condition{"True", "NewReplicaSetCreated", fmt.Sprintf("Created new replica set %q", setName("web", templateHash(ptr(templateOf("new")), nil))), 0}},
		{"begins with one that is found", []func(*appsv1.Deployment){minute, counts(4, 2, 3)}, rolling,
			condition{"True", "FoundNewReplicaSet", `Found new replica set "web-new"`, 0}},
		{"goes on with a pod that is ready", []func(*appsv1.Deployment){minute, counts(4, 2, 2), said("True", "NewReplicaSetCreated", time.Minute)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"renews its time only", []func(*appsv1.Deployment){minute, counts(4, 2, 2), said("True", "ReplicaSetUpdated", time.Minute)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"goes on with an old pod that is gone", []func(*appsv1.Deployment){minute, counts(5, 2, 3), said("True", "ReplicaSetUpdated", time.Minute)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"waits", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("True", "ReplicaSetUpdated", 59*time.Second)}, rolling,
			condition{"True", "ReplicaSetUpdated", "", 59 * time.Second}},
		{"waits for ever", []func(*appsv1.Deployment){deadlineOf(math.MaxInt32 - 1), counts(4, 2, 3), said("True", "ReplicaSetUpdated", time.Hour)}, rolling,
			condition{"True", "ReplicaSetUpdated", "", time.Hour}},
		{"runs out of time", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("True", "ReplicaSetUpdated", time.Minute)}, rolling,
			condition{"False", "ProgressDeadlineExceeded", `ReplicaSet "web-new" has timed out progressing.`, 0}},
		{"has run out of time", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("False", "ProgressDeadlineExceeded", time.Hour)}, rolling,
			condition{"False", "ProgressDeadlineExceeded", "", time.Hour}},
		{"is not over because an earlier one is", []func(*appsv1.Deployment){minute, counts(3, 3, 2), ended("ReplicaSet \"web-old\"")},
			[]*appsv1.ReplicaSet{newSet("old", time.Hour, 0, 3), newSet("new", 0, 3, 3, available(2), revision(2))},
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"is not over because it was before there was a ReplicaSet", []func(*appsv1.Deployment){minute, counts(3, 3, 2), ended("Deployment \"web\"")},
			[]*appsv1.ReplicaSet{newSet("new", 0, 3, 3, available(2))},
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"is over with a ReplicaSet that is created without pods", []func(*appsv1.Deployment){minute, none}, nil,
			condition{"True", "NewReplicaSetAvailable", fmt.Sprintf("ReplicaSet %q has successfully progressed.", setName("web", templateHash(ptr(templateOf("new")), nil))), 0}},
		{"recovers", []func(*appsv1.Deployment){minute, counts(4, 2, 2), said("False", "ProgressDeadlineExceeded", time.Hour)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"completes", []func(*appsv1.Deployment){minute, counts(4, 2, 2), said("True", "ReplicaSetUpdated", time.Hour)}, whole,
			condition{"True", "NewReplicaSetAvailable", `ReplicaSet "web-new" has successfully progressed.`, 0}},
		{"completes after the time", []func(*appsv1.Deployment){minute, counts(3, 3, 3), said("False", "ProgressDeadlineExceeded", time.Hour)}, whole,
			condition{"True", "NewReplicaSetAvailable", `ReplicaSet "web-new" has successfully progressed.`, 0}},
		{"is over though a pod has become unavailable", []func(*appsv1.Deployment){minute, counts(3, 3, 3), ended("ReplicaSet \"web-new\"")},
			[]*appsv1.ReplicaSet{newSet("new", 0, 3, 3, available(2))}, condition{"True", "NewReplicaSetAvailable", `ReplicaSet "web-new" has successfully progressed.`, time.Hour}},
		{"back to an earlier ReplicaSet: begins", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("True", "NewReplicaSetAvailable", time.Hour)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"creation denied, then not needed any more: begins", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("False", "ReplicaSetCreateError", time.Hour)}, rolling,
			condition{"True", "ReplicaSetUpdated", `ReplicaSet "web-new" is progressing.`, 0}},
		{"without deadline there is none", []func(*appsv1.Deployment){counts(4, 2, 3), said("True", "ReplicaSetUpdated", time.Hour)}, rolling, condition{}},
		{"with the longest deadline there is none", []func(*appsv1.Deployment){deadlineOf(math.MaxInt32), said("True", "ReplicaSetUpdated", time.Hour)}, rolling, condition{}},
		{"pauses", []func(*appsv1.Deployment){minute, paused, counts(4, 2, 3), said("True", "ReplicaSetUpdated", time.Hour)}, rolling,
			condition{"Unknown", "DeploymentPaused", "Deployment is paused", 0}},
		{"is paused", []func(*appsv1.Deployment){minute, paused, said("Unknown", "DeploymentPaused", time.Hour)}, rolling,
			condition{"Unknown", "DeploymentPaused", "", time.Hour}},
		{"pauses after the time", []func(*appsv1.Deployment){minute, paused, said("False", "ProgressDeadlineExceeded", time.Hour)}, rolling,
			condition{"False", "ProgressDeadlineExceeded", "", time.Hour}},
		{"resumes", []func(*appsv1.Deployment){minute, counts(4, 2, 3), said("Unknown", "DeploymentPaused", time.Hour)}, rolling,
			condition{"Unknown", "DeploymentResumed", "Deployment is resumed", 0}},
		{"is resized without being rolled out", []func(*appsv1.Deployment){minute, func(d *appsv1.Deployment) { d.Spec.Replicas = ptr[int32](9) }, counts(4, 2, 3), said("True", "ReplicaSetUpdated", time.Hour)}, rolling,
			condition{"True", "ReplicaSetUpdated", "", time.Hour}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDeployment(3, append(tc.changes, generation2)...)
			o := newObservation(d, tc.sets...)
			status := plan(o).status
			var got condition
			for _, c := range status.Conditions {
				if c.Type == appsv1.DeploymentProgressing {
					got = condition{string(c.Status), c.Reason, c.Message, epoch().Sub(c.LastUpdateTime.Time)}
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Progressing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTransitionIsNoProgress(t *testing.T) {
	before := []appsv1.DeploymentCondition{newCondition(appsv1.DeploymentProgressing, "True", "A", "a", epoch())}
	later := epoch().Add(time.Minute + 300*time.Millisecond)
	got := withRenewed(before, newCondition(appsv1.DeploymentProgressing, "True", "B", "b", later))
	want := []appsv1.DeploymentCondition{{Type: appsv1.DeploymentProgressing, Status: "True", Reason: "B", Message: "b",
		LastUpdateTime: ago(-time.Minute), LastTransitionTime: ago(0)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

func TestLooksAgainWhenTheTimeIsUp(t *testing.T) {
	sets := []*appsv1.ReplicaSet{newSet("old", time.Hour, 2, 3), newSet("new", 0, 2, 3, available(0), revision(2))}
	d := settled(newDeployment(3, deadlineOf(600)), sets...)
	o := newObservation(d, sets...)
	o.now = epoch().Add(100 * time.Second)
	if diff := cmp.Diff(500*time.Second, plan(o).lookAgain); diff != "" {
		t.Errorf("look again (-want +got):\n%s", diff)
	}
}

func TestFailureOfAReplicaSet(t *testing.T) {
	fails := func(message string) func(*appsv1.ReplicaSet) {
		return func(set *appsv1.ReplicaSet) {
			set.Status.Conditions = []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate", Message: message, LastTransitionTime: ago(time.Minute)}}
		}
	}
	failing := func(d *appsv1.Deployment) {
		d.Status.Conditions = []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: "True", Reason: "Old"}}
	}
	for _, tc := range []struct {
		name string
		sets []*appsv1.ReplicaSet
		want string
	}{
		{"of the current one first", []*appsv1.ReplicaSet{newSet("old", time.Hour, 1, 3, fails("old")), newSet("new", 0, 2, 3, fails("new"))}, "new"},
		{"of an old one", []*appsv1.ReplicaSet{newSet("old", time.Hour, 1, 3, fails("old")), newSet("new", 0, 2, 3)}, "old"},
		{"of none any more", []*appsv1.ReplicaSet{newSet("new", 0, 2, 3)}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			for _, c := range plan(newObservation(newDeployment(3, failing, generation2), tc.sets...)).status.Conditions {
				if c.Type == appsv1.DeploymentReplicaFailure {
					got = c.Message
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessageOfDeniedCreation(t *testing.T) {
	if diff := cmp.Diff(`Failed to create new replica set "web-x": quota`, createFailed("web-x", errors.New("quota"))); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}
