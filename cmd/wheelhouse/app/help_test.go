package app_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/cmd/wheelhouse/app"
)

func TestHelp(t *testing.T) {
	tests := []struct {
		golden string
		args   []string
	}{
		{"help.txt", []string{"--help"}},
		{"help.txt", []string{"-h"}},
		{"help.txt", []string{"help"}},
		{"help-controllers.txt", []string{"controllers", "--help"}},
		{"help-controllers.txt", []string{"help", "controllers"}},
		{"help-log-level.txt", []string{"log-level", "--help"}},
		{"help-rbac.txt", []string{"rbac", "--help"}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) { wantGolden(t, tt.golden, tt.args...) })
	}
}

func TestHelpHasEveryFlagOnce(t *testing.T) {
	var want, got []string
	app.NewCommand(fakes()...).Flags().VisitAll(func(f *pflag.Flag) { want = append(want, f.Name) })
	help := execute(fakes(), "--help").out
	for _, match := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z0-9-]+)`).FindAllStringSubmatch(help, -1) {
		got = append(got, match[1])
	}
	slices.Sort(got)
	// Its letter is its name.
	got = append(got, regexp.MustCompile(`(?m)^ +-v, --(v) `).FindStringSubmatch(help)[1:]...)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(slices.Clone(got))); diff != "" {
		t.Errorf("flags in the help (-want +got)\n%s", diff)
	}
}

func TestVersion(t *testing.T) {
	want := result{out: "wheelhouse version v0.0.0-dev\n"}
	if diff := cmp.Diff(want, execute(fakes(), "--version"), cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("--version (-want +got)\n%s", diff)
	}
}

func TestProgramsDoNotShareFlags(t *testing.T) {
	first, second := app.NewCommand(fakes()...), app.NewCommand(fakes()...)
	want := values(second.Flags())
	if err := first.ParseFlags([]string{
		"--controllers=alpha", "--kube-api-qps=7", "--leader-elect=false", "--status-port=0", "--v=3", "--concurrent-alpha-syncs=2",
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, values(second.Flags())); diff != "" {
		t.Errorf("flags of the second program after the first one's were set (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, values(first.Flags())); diff == "" {
		t.Error("no flag of the first program was set")
	}
}

func values(flags *pflag.FlagSet) map[string]string {
	values := map[string]string{}
	flags.VisitAll(func(f *pflag.Flag) { values[f.Name] = f.Value.String() })
	return values
}
