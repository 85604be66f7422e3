package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// nowhere is where no API server is: none is asked before the controllers are built.
const nowhere = "--master=http://127.0.0.1:1"

func TestExitStatus(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		status int
		err    string
	}{
		{"unknown flag", []string{"--foo"}, 2, "unknown flag: --foo"},
		{"unknown flag of a command", []string{"controllers", "--foo"}, 2, "unknown flag: --foo"},
		{"value of the wrong kind", []string{"--leader-elect=maybe"}, 2,
			`invalid argument "maybe" for "--leader-elect" flag: strconv.ParseBool: parsing "maybe": invalid syntax`},
		{"missing value", []string{"--controllers"}, 2, "flag needs an argument: --controllers"},
		{"mistyped command", []string{"rbca"}, 2, `unknown command or argument "rbca"; did you mean "rbac"?`},
		{"argument of a command", []string{"controllers", "alpha"}, 2, `unknown command or argument "alpha"`},
		{"unknown controller", []string{"--controllers=alpah"}, 2,
			`--controllers: "alpah" is not in the list of known controllers: alpha, beta, gamma; did you mean "alpha"?`},
		{"unknown controller in the roles", []string{"rbac", "--controllers=delta"}, 2,
			`--controllers: "delta" is not in the list of known controllers: alpha, beta, gamma; did you mean "beta"?`},
		{"format of the list", []string{"controllers", "-o=xml"}, 2, `--output: must be "table", "json" or "yaml", not "xml"`},
		{"check of rivals", []string{"--rival-check=ask"}, 2, `--rival-check: must be "canary" or "off", not "ask"`},
		{"check of rivals, for roles", []string{"rbac", "--rival-check="}, 2, `--rival-check: must be "canary" or "off", not ""`},
		{"no namespace of the account", []string{"rbac", "--service-account=me"}, 2, `--service-account: must be NAMESPACE/NAME, not "me"`},
		{"too many parts of the account", []string{"rbac", "--service-account=a/b/c"}, 2, `--service-account: must be NAMESPACE/NAME, not "a/b/c"`},
		{"no name of the roles", []string{"rbac", "--name="}, 2, `--name: must not be empty`},
		{"no kubeconfig for authentication", []string{nowhere, "--authentication-kubeconfig=/nowhere"}, 2,
			"--authentication-kubeconfig: stat /nowhere: no such file or directory"},
		{"no kubeconfig for authorization", []string{nowhere, "--authorization-kubeconfig=/nowhere"}, 2,
			"--authorization-kubeconfig: stat /nowhere: no such file or directory"},
		{"no lease in the roles", []string{"rbac", "--leader-elect-resource-name="}, 2, "--leader-elect-resource-name: must not be empty"},
		{"value that its controller refuses", []string{nowhere, "--concurrent-alpha-syncs=0"}, 2,
			"build controller alpha: --concurrent-alpha-syncs: must be at least 1, not 0"},
		{"controller that can't be built", []string{nowhere, "--controllers=beta"}, 1, "build controller beta: the moon is full"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := result{status: tt.status, err: "wheelhouse: " + tt.err + "\n"}
			if diff := cmp.Diff(want, execute(fakes(), tt.args...), cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("wheelhouse %q (-want +got)\n%s", tt.args, diff)
			}
		})
	}
}

func TestValuesAreChecked(t *testing.T) {
	tests := []struct{ flag, err string }{
		{"--controller-start-interval=-1s", "--controller-start-interval: must not be negative, but is -1s"},
		{"--controller-shutdown-timeout=-1ms", "--controller-shutdown-timeout: must not be negative, but is -1ms"},
		{"--min-resync-period=-1h", "--min-resync-period: must not be negative, but is -1h0m0s"},
		{"--kube-api-qps=0", "--kube-api-qps: must not be 0; a negative value means no limit"},
		{"--kube-api-qps=NaN", "--kube-api-qps: must be a number, not NaN; a negative value means no limit"},
		{"--kube-api-qps=Inf", "--kube-api-qps: must be a number, not +Inf; a negative value means no limit"},
		{"--kube-api-burst=0", "--kube-api-burst: must be at least 1, not 0"},
		{"--kube-api-content-type=", "--kube-api-content-type: must be application/vnd.kubernetes.protobuf or application/json, not \"\""},
		{"--leader-elect-renew-deadline=15s", "--leader-elect-renew-deadline: must be less than --leader-elect-lease-duration (15s), not 15s"},
		{"--status-port=-1", "--status-port: must be from 0 to 65535, not -1"},
		{"--status-port=65536", "--status-port: must be from 0 to 65535, not 65536"},
		{"--secure-port=65536", "--secure-port: must be from 0 to 65535, not 65536"},
		{"--bind-address=here", "--bind-address: must be an IP address, not \"here\""},
		{"--logging-format=xml", `--logging-format: must be "text" or "json", not "xml"`},
		{"--v=-1", "--v: must be from 0 to 10, not -1"},
		{"-v=11", "--v: must be from 0 to 10, not 11"},
	}
	for _, tt := range tests {
		t.Run(tt.flag, func(t *testing.T) {
			want := result{status: 2, err: "wheelhouse: " + tt.err + "\n"}
			if diff := cmp.Diff(want, execute(fakes(), tt.flag), cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("wheelhouse %s (-want +got)\n%s", tt.flag, diff)
			}
		})
	}
}

// Of several wrong values the same one is named each time.
func TestFirstWrongValueIsNamed(t *testing.T) {
	for range 10 {
		got := execute(fakes(), "--min-resync-period=-1h", "--controller-start-interval=-1s")
		want := "wheelhouse: --controller-start-interval: must not be negative, but is -1s\n"
		if diff := cmp.Diff(want, got.err); diff != "" {
			t.Fatalf("error (-want +got)\n%s", diff)
		}
	}
}

func TestControllersThatCannotLiveTogether(t *testing.T) {
	with := func(name string, add func(*pflag.FlagSet)) []controllers.Descriptor {
		d := gamma()
		d.Name, d.AddFlags = name, add
		return []controllers.Descriptor{alpha(), d}
	}
	tests := []struct {
		name string
		all  []controllers.Descriptor
		err  string
	}{
		{"a flag of another controller", with("delta", func(f *pflag.FlagSet) { f.Int("concurrent-alpha-syncs", 1, "") }),
			`flag --concurrent-alpha-syncs is both in section "alpha controller" and in section "delta controller"`},
		{"a flag of the host", with("delta", func(f *pflag.FlagSet) { f.Int("status-port", 1, "") }),
			`flag --status-port is both in section "serving" and in section "delta controller"`},
		{"the flag for help", with("delta", func(f *pflag.FlagSet) { f.Bool("help", false, "") }),
			`flag --help is both in section "delta controller" and in section "general"`},
		{"a letter of the host", with("delta", func(f *pflag.FlagSet) { f.BoolP("verify", "v", false, "") }),
			`flag -v is both in section "logging" and in section "delta controller"`},
		{"a name, and with it all flags", []controllers.Descriptor{alpha(), alpha()},
			`controllers "alpha" and "alpha" are both called "alpha"; controllers "alpha" and "alpha" are both called "alpha-controller"; ` +
				`controllers "alpha" and "alpha" are both called "first"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := result{status: 1, err: "wheelhouse: " + tt.err + "\n"}
			for _, args := range [][]string{nil, {"--help"}, {"controllers", "-o", "json"}, {"--controllers=alpha", nowhere}} {
				if diff := cmp.Diff(want, execute(tt.all, args...), cmp.AllowUnexported(result{})); diff != "" {
					t.Errorf("wheelhouse %q (-want +got)\n%s", args, diff)
				}
			}
		})
	}
}
