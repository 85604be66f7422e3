package app_test

import "testing"

func TestRBAC(t *testing.T) {
	tests := []struct {
		name, golden string
		args         []string
	}{
		{"those that are on by default", "rbac.yaml", nil},
		{"one", "rbac-alpha.yaml", []string{"--controllers=alpha"}},
		{"one by its alias", "rbac-alpha.yaml", []string{"--controllers=first"}},
		{"all, of which one has rules for named objects", "rbac-all.yaml", []string{"--controllers=*,beta"}},
		{"no election", "rbac-unelected.yaml", []string{"--controllers=gamma", "--leader-elect=false", "--service-account=ns/name"}},
		{"a lease for each", "rbac-leases.yaml", []string{"--controllers=alpha,gamma", "--leader-elect-scope=controller"}},
		{"nothing but controllers", "rbac-bare.yaml", []string{"--controllers=gamma", "--leader-elect=false", "--rival-check=off", "--secure-port=0", "--service-account=ns/name"}},
		{"no lookup of authorities", "rbac-skip.yaml", []string{"--controllers=gamma", "--leader-elect=false", "--authentication-skip-lookup"}},
		{"names of one's own, with bindings", "rbac-bound.yaml", []string{
			"--controllers=gamma", "--name=mine", "--service-account=ns/sa",
			"--leader-elect-resource-name=lock", "--leader-elect-resource-namespace=locks",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantGolden(t, tt.golden, append([]string{"rbac"}, tt.args...)...) })
	}
}
