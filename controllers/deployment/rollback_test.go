package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

func TestRollback(t *testing.T) {
	to := func(revision string) func(*appsv1.Deployment) {
		return annotated(appsv1.DeprecatedRollbackTo, revision)
	}
	type outcome struct {
		Image       string
		Annotations map[string]string
		Event       event
	}
	sets := []*appsv1.ReplicaSet{
		newSet("old", time.Hour, 0, 3, revision(1), marked("note", "first")), newSet("mid", time.Minute, 0, 3, revision(2)), newSet("new", 0, 3, 3, revision(3)),
	}
	kept := map[string]string{revisionAnnotation: "3", "note": "last"}
	carried := map[string]string{revisionAnnotation: "3"}
	for _, tc := range []struct {
		name, to string
		sets     []*appsv1.ReplicaSet
		want     outcome
	}{
		{"to a revision, with its annotations", "1", sets,
			outcome{"old", map[string]string{revisionAnnotation: "3", "note": "first"}, event{"Normal", "DeploymentRollback", `Rolled back deployment "web" to revision 1`}}},
		{"to the last but one", "0", sets, outcome{"mid", carried, event{"Normal", "DeploymentRollback", `Rolled back deployment "web" to revision 2`}}},
		{"to what it is", "3", sets,
			outcome{"new", kept, event{"Warning", "DeploymentRollbackTemplateUnchanged", `The rollback revision contains the same template as current deployment "web"`}}},
		{"to what isn't there", "7", sets, outcome{"new", kept, event{"Warning", "DeploymentRollbackRevisionNotFound", "Unable to find the revision to rollback to."}}},
		{"without a last but one", "0", sets[2:], outcome{"new", kept, event{"Warning", "DeploymentRollbackRevisionNotFound", "Unable to find last revision."}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := newDeployment(3, to(tc.to), annotated(revisionAnnotation, "3"), annotated("note", "last"))
			d := plan(newObservation(before, tc.sets...))
			if d.rollback == nil || len(d.events) != 1 || d.moves() {
				t.Fatalf("decision %+v, want a rollback with one event and nothing else", d)
			}
			got := outcome{d.rollback.Spec.Template.Spec.Containers[0].Image, d.rollback.Annotations, d.events[0]}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(event{})); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if _, ok := d.rollback.Spec.Template.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; ok {
				t.Error("the template bears the hash of a ReplicaSet")
			}
		})
	}
}

func TestRollbackComesAfter(t *testing.T) {
	to1 := annotated(appsv1.DeprecatedRollbackTo, "1")
	old := newSet("old", time.Hour, 3, 3)
	for _, tc := range []struct {
		name   string
		change func(*appsv1.Deployment)
		want   []string
	}{
		{"a ReplicaSet without pods for the template that is left", func(*appsv1.Deployment) {}, []string{"+ 0"}},
		{"the end of a pause", paused, nil},
		{"what is no revision is ignored", annotated(appsv1.DeprecatedRollbackTo, "first"), []string{"+ 1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := plan(newObservation(newDeployment(3, to1, tc.change), old))
			if diff := cmp.Diff(tc.want, scales(d)); diff != "" || d.rollback != nil {
				t.Errorf("rollback %v, scales (-want +got):\n%s", d.rollback, diff)
			}
		})
	}
}
