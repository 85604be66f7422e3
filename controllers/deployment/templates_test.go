package deployment

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestTemplatesAreComparedAgainWhenTheyChange asks about the same objects before and after their templates have changed.
func TestTemplatesAreComparedAgainWhenTheyChange(t *testing.T) {
	var found templates
	d, set := newDeployment(1), newSet("new", time.Hour, 1, 1)
	d.Generation, set.Generation = 1, 1
	image := func(set *appsv1.ReplicaSet, image string) { set.Spec.Template.Spec.Containers[0].Image = image }
	for _, step := range []struct {
		name   string
		change func()
		want   bool
	}{
		{"the same", func() {}, true},
		{"the ReplicaSet has another", func() { image(set, "other"); set.Generation++ }, false},
		{"a change that the generation doesn't tell, which there are none of", func() { image(set, "new") }, false},
		{"the Deployment has another", func() { d.Generation++ }, true},
		{"another ReplicaSet", func() { set.UID = types.UID("another"); image(set, "other") }, false},
		{"no generations, as only tests have them", func() { image(set, "new"); set.Generation = 0 }, true},
		{"none still", func() { image(set, "other") }, false},
	} {
		step.change()
		if got := found.same(d, set); got != step.want {
			t.Errorf("%s: same template is %v, want %v", step.name, got, step.want)
		}
	}
}
