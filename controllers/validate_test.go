package controllers_test

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func valid(name string) controllers.Descriptor {
	return controllers.Descriptor{
		Name: name,
		Doc:  "does what " + name + " does",
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}},
		},
		New: func(controllers.Env) (controllers.Controller, error) { return nil, nil },
	}
}

func TestValidate(t *testing.T) {
	with := func(change func(*controllers.Descriptor)) []controllers.Descriptor {
		d := valid("b")
		change(&d)
		return []controllers.Descriptor{valid("a"), d}
	}
	tests := []struct {
		name string
		all  []controllers.Descriptor
		want string // part of the error; "" for none
	}{
		{"two good ones", with(func(*controllers.Descriptor) {}), ""},
		{"none", nil, ""},
		{"name taken", with(func(d *controllers.Descriptor) { d.Name = "a" }), `controllers "a" and "a" are both called "a"`},
		{"alias taken", with(func(d *controllers.Descriptor) { d.Aliases = []string{"a"} }), `controllers "a" and "b" are both called "a"`},
		{"name with capitals", with(func(d *controllers.Descriptor) { d.Name = "Bee" }), `name "Bee"`},
		{"undocumented", with(func(d *controllers.Descriptor) { d.Doc = " " }), `controller "b": Doc must be one line`},
		{"two lines of doc", with(func(d *controllers.Descriptor) { d.Doc = "a\nb" }), `controller "b": Doc must be one line`},
		{"no New", with(func(d *controllers.Descriptor) { d.New = nil }), `controller "b" has no New`},
		{"half a canary", with(func(d *controllers.Descriptor) { d.Canary = &controllers.Canary{} }), `controller "b": Canary must have Resource and Open`},
		{"unknown field of pods", with(func(d *controllers.Descriptor) { d.Pods = controllers.PodFields{"status.contaners"} }),
			`controller "b": Pods: pods have no field "status.contaners": v1.PodStatus has no "contaners"`},
		{"wildcard", with(func(d *controllers.Descriptor) { d.Rules[0].Verbs = []string{"*"} }), `rule for ["pods"]: "*" allows more than it says`},
		{"path", with(func(d *controllers.Descriptor) { d.Rules[0].NonResourceURLs = []string{"/metrics"} }), "rules for paths are not supported"},
		{"no verbs", with(func(d *controllers.Descriptor) { d.Rules[0].Verbs = nil }), "verbs, resources and API groups must all be given"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := controllers.Validate(tt.all)
			if tt.want == "" && err != nil {
				t.Errorf("Validate = %v, want nil", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Validate = %v, want an error with %q", err, tt.want)
			}
		})
	}
}
