package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesOfControllersAreCompleted(t *testing.T) {
	const first = `*
alpha	Does what comes first.
-alpha
beta	Does what is dangerous.
-beta
gamma	Does what is left.
-gamma
:6
`
	const further = `*,-gamma,*
*,-gamma,alpha	Does what comes first.
*,-gamma,-alpha
*,-gamma,beta	Does what is dangerous.
*,-gamma,-beta
*,-gamma,gamma	Does what is left.
*,-gamma,-gamma
:6
`
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"the first name", []string{"--controllers="}, first},
		{"the first name, behind a blank", []string{"--controllers", ""}, first},
		{"a name that has begun", []string{"--controllers=al"}, first}, // the shell chooses
		{"a further name", []string{"--controllers=*,-gamma,be"}, further},
		{"for the roles", []string{"rbac", "--controllers=*,-gamma,"}, further},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := execute(fakes(), append([]string{"__complete"}, tt.args...)...)
			if diff := cmp.Diff(tt.want, got.out); diff != "" {
				t.Errorf("completion (-want +got)\n%s", diff)
			}
		})
	}
}
