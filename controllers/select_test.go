package controllers_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

func known() []controllers.Descriptor {
	return []controllers.Descriptor{
		{Name: "deployment", Aliases: []string{"deployment-controller"}},
		{Name: "podsync"},
		{Name: "replicaset", Aliases: []string{"replicaset-controller"}},
		{Name: "shredder", DisabledByDefault: true},
	}
}

func TestSelect(t *testing.T) {
	tests := []struct{ name, flag, want string }{
		{"star is all that are on by default", "*", "deployment podsync replicaset"},
		{"one", "podsync", "podsync"},
		{"order is that of the list, not of the flag", "replicaset,deployment", "deployment replicaset"},
		{"star less one", "*,-podsync", "deployment replicaset"},
		{"star less one, the other way round", "-podsync,*", "deployment replicaset"},
		{"star and one that is off by default", "*,shredder", "deployment podsync replicaset shredder"},
		{"alias", "replicaset-controller", "replicaset"},
		{"alias behind a dash", "*,-deployment-controller", "podsync replicaset"},
		{"name and alias of one", "replicaset,replicaset-controller", "replicaset"},
		{"one on, another off", "podsync,-deployment", "podsync"},
		{"spaces", " podsync , replicaset ", "podsync replicaset"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chosen, err := controllers.Select(strings.Split(tt.flag, ","), known())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range chosen {
				got = append(got, d.Name)
			}
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
				t.Errorf("Select(%q) (-want +got)\n%s", tt.flag, diff)
			}
		})
	}
}

func TestSelectRefuses(t *testing.T) {
	tests := []struct{ name, flag, want string }{
		{"unknown", "cronjob", `--controllers: "cronjob" is not in the list of known controllers: deployment, podsync, replicaset, shredder`},
		{"mistyped", "podsink", `--controllers: "podsink" is not in the list of known controllers: deployment, podsync, replicaset, shredder; did you mean "podsync"?`},
		{"mistyped behind a dash", "*,-replicasets", `--controllers: "replicasets" is not in the list of known controllers: deployment, podsync, replicaset, shredder; did you mean "replicaset"?`},
		{"empty", "", `--controllers: "" is not in the list of known controllers: deployment, podsync, replicaset, shredder`},
		{"only off", "-podsync,-deployment", `--controllers: "-podsync,-deployment" turns controllers off and none on; write *,-podsync,-deployment`},
		{"on and off", "podsync,-podsync", `--controllers: "podsync" is both on and off; write podsync or -podsync`},
		{"on and off by alias", "*,replicaset,-replicaset-controller", `--controllers: "replicaset" is both on and off; write replicaset or -replicaset`},
		{"nothing left", "*,-deployment,-podsync,-replicaset", `--controllers: "*,-deployment,-podsync,-replicaset" selects no controller; the known ones are deployment, podsync, replicaset, shredder`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := controllers.Select(strings.Split(tt.flag, ","), known())
			var flagErr *controllers.FlagError
			if !errors.As(err, &flagErr) {
				t.Fatalf("Select(%q) = %v, want a *FlagError", tt.flag, err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("Select(%q) (-want +got)\n%s", tt.flag, diff)
			}
		})
	}
}

func TestSelectRefusesAnEmptyList(t *testing.T) {
	if chosen, err := controllers.Select(nil, known()); err == nil {
		t.Errorf("Select(nil) chose %d controllers, want an error", len(chosen))
	}
}
