package deployment

import (
	"testing"
	"time"
)

// TestTemplatesAreComparedAgainWhenTheyChange asks about the same objects before and after their templates have changed.
func TestTemplatesAreComparedAgainWhenTheyChange(t *testing.T) {
	var m match
	d, set := newDeployment(1), newSet("new", time.Hour, 1, 1)
	d.Generation, set.Generation = 1, 1
	image := func(image string) { set.Spec.Template.Spec.Containers[0].Image = image }
	for _, step := range []struct {
		name   string
		change func()
		want   bool
	}{
		{"the same", func() {}, true},
		{"a change that no generation tells, as there is none", func() { image("other") }, true},
		{"another ReplicaSet", func() { set.UID = "another" }, false},
		{"which is shown as the same after all", func() { image("new") }, true},
		{"the ReplicaSet gets another template", func() { image("other"); set.Generation++ }, false},
		{"and its own again", func() { image("new"); set.Generation++ }, true},
		{"the Deployment gets another", func() { image("other"); d.Generation++ }, false},
		{"no generation of the ReplicaSet", func() { image("new"); set.Generation = 0 }, true},
		{"which then tells nothing", func() { image("other") }, false},
		{"none of the Deployment", func() { image("new"); d.Generation, set.Generation = 0, 1 }, true},
		{"which tells nothing either", func() { image("other") }, false},
	} {
		step.change()
		if got := m.sameTemplate(d, set); got != step.want {
			t.Errorf("%s: same template is %v, want %v", step.name, got, step.want)
		}
	}
}

func TestNothingIsRememberedBeforeTheFirstMatch(t *testing.T) {
	d, set := newDeployment(1), newSet("other", time.Hour, 1, 1)
	d.Generation, set.Generation, set.UID = 0, 0, ""
	if (&match{}).sameTemplate(d, set) {
		t.Error("templates that were never compared are the same")
	}
}
