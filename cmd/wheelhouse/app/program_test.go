package app_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
	"github.com/6ead2ce0/wheelhouse/controllers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fakes are controllers of a program for tests: the pages of the real one change with every controller.
func fakes() []controllers.Descriptor {
	return []controllers.Descriptor{alpha(), beta(), gamma()}
}

func alpha() controllers.Descriptor {
	workers := 5
	return controllers.Descriptor{
		Name: "alpha", Aliases: []string{"alpha-controller", "first"}, Doc: "Does what comes first.",
		Rules: []rbacv1.PolicyRule{
			allow("", "pods", "get", "list", "watch"),
			allow("", "pods/status", "update"),
			allow("apps", "replicasets", "list", "watch"),
		},
		AddFlags: func(flags *pflag.FlagSet) {
			flags.IntVar(&workers, "concurrent-alpha-syncs", workers, "Keys that are worked on at once.")
		},
		New: func(controllers.Env) (controllers.Controller, error) {
			return idle{}, controllers.CheckAtLeast("concurrent-alpha-syncs", workers, 1)
		},
	}
}

func beta() controllers.Descriptor {
	return controllers.Descriptor{
		Name: "beta", Doc: "Does what is dangerous.", DisabledByDefault: true,
		Rules: []rbacv1.PolicyRule{
			allow("", "pods", "delete"),
			{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get"}, ResourceNames: []string{"b", "a"}},
		},
		New: func(controllers.Env) (controllers.Controller, error) { return nil, errors.New("the moon is full") },
	}
}

func gamma() controllers.Descriptor {
	return controllers.Descriptor{
		Name: "gamma", Doc: "Does what is left.",
		Rules: []rbacv1.PolicyRule{
			allow("apps", "deployments", "watch", "list"),
			allow("", "pods", "list", "watch", "patch"),
		},
		Canary: &controllers.Canary{
			Resource: schema.GroupResource{Group: "apps", Resource: "deployments"},
			Open:     func(controllers.Env) controllers.CanaryObject { return nil },
		},
		New: func(controllers.Env) (controllers.Controller, error) { return idle{}, nil },
	}
}

func allow(group, resource string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
}

// idle does nothing.
type idle struct{}

func (idle) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// result is what a program ends with.
type result struct {
	status   int
	out, err string
}

// execute runs a program that has the given controllers.
func execute(all []controllers.Descriptor, args ...string) result {
	var out, err bytes.Buffer
	cmd := app.NewCommand(all...)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&err)
	status := app.Run(cmd)
	return result{status: status, out: out.String(), err: err.String()}
}

// wantGolden compares what the program of the fakes prints with testdata/name.
func wantGolden(t *testing.T, name string, args ...string) {
	t.Helper()
	got := execute(fakes(), args...)
	if got.status != 0 || got.err != "" {
		t.Fatalf("%q ended with status %d: %s", args, got.status, got.err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got.out), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.out); diff != "" {
		t.Errorf("%q prints (-want +got); -update accepts it\n%s", args, diff)
	}
}
