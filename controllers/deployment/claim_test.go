package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestClaim(t *testing.T) {
	type actions struct{ Adopt, Release, Scale []string }
	for _, tc := range []struct {
		name       string
		deployment *appsv1.Deployment
		set        *appsv1.ReplicaSet
		want       actions
	}{
		{"adopts an orphan that matches, and decides the rest later", newDeployment(3), newSet("old", time.Hour, 1, 3, orphan), actions{Adopt: []string{"web-old"}}},
		{"doesn't adopt what doesn't match", newDeployment(3), newSet("old", time.Hour, 1, 3, orphan, stranger), actions{Scale: []string{"+ 3"}}},
		{"doesn't adopt what is being deleted", newDeployment(3), newSet("old", time.Hour, 1, 3, orphan, deletedSet), actions{Scale: []string{"+ 3"}}},
		{"releases what matches no more", newDeployment(3), newSet("old", time.Hour, 1, 3, stranger), actions{Release: []string{"web-old"}}},
		{"another's ReplicaSets don't count", newDeployment(3), newSet("new", time.Hour, 1, 3, foreign), actions{Scale: []string{"+ 3"}}},
		{"being deleted: neither adopts nor scales", newDeployment(3, deletedD), newSet("old", time.Hour, 1, 3, orphan), actions{}},
		{"being deleted: doesn't release", newDeployment(3, deletedD), newSet("old", time.Hour, 1, 3, stranger), actions{}},
		{"being deleted: doesn't roll out", newDeployment(3, deletedD), newSet("old", time.Hour, 1, 3), actions{}},
		{"a ReplicaSet that is being deleted still counts", newDeployment(3), newSet("new", time.Hour, 3, 3, deletedSet), actions{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := plan(newObservation(tc.deployment, tc.set))
			if diff := cmp.Diff(tc.want, actions{names(d.adopt), names(d.release), scales(d)}); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptySelectorIsToldOnce(t *testing.T) {
	everything := func(d *appsv1.Deployment) { d.Spec.Selector = &metav1.LabelSelector{} }
	d := plan(newObservation(newDeployment(3, everything, generation2)))
	want := []event{{"Warning", "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required."}}
	if diff := cmp.Diff(want, d.events, cmp.AllowUnexported(event{})); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if d.moves() || d.status == nil || d.status.ObservedGeneration != 2 {
		t.Errorf("decision %+v, want no more than the generation in the status", d)
	}
	if again := plan(newObservation(newDeployment(3, everything))); again.acts() || len(again.events) > 0 {
		t.Errorf("decision %+v when the generation was observed, want none", again)
	}
}
