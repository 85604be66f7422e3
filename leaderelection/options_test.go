package leaderelection_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// The flags are those of kube-controller-manager, so that its manifests work here, and one more. Only the lease has another name:
// both programs may run in one cluster.
func TestFlagsAreThoseOfKubeControllerManager(t *testing.T) {
	want := map[string]string{
		"leader-elect":                    "true",
		"leader-elect-lease-duration":     "15s",
		"leader-elect-renew-deadline":     "10s",
		"leader-elect-resource-lock":      "leases",
		"leader-elect-resource-name":      "wheelhouse",
		"leader-elect-resource-namespace": "kube-system",
		"leader-elect-retry-period":       "2s",
		"leader-elect-scope":              "process",
	}
	options := leaderelection.DefaultOptions()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	options.AddFlags(flags)
	got := map[string]string{}
	flags.VisitAll(func(f *pflag.Flag) { got[f.Name] = f.DefValue })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags and defaults (-want +got)\n%s", diff)
	}
}

func TestFlagsSetTheOptions(t *testing.T) {
	want := leaderelection.Options{
		Enabled:       false,
		LeaseDuration: 30 * time.Second, RenewDeadline: 20 * time.Second, RetryPeriod: 5 * time.Second,
		ResourceLock: "leases", Scope: "controller", Name: "n", Namespace: "ns",
	}
	got := leaderelection.DefaultOptions()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	got.AddFlags(flags)
	if err := flags.Parse(strings.Fields(`--leader-elect=false --leader-elect-lease-duration=30s --leader-elect-renew-deadline=20s
		--leader-elect-retry-period=5s --leader-elect-resource-name=n --leader-elect-resource-namespace=ns
		--leader-elect-scope=controller`)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got)\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*leaderelection.Options)
		want   string // "" for valid
	}{
		{"defaults", func(*leaderelection.Options) {}, ""},
		{"the shortest lease", func(o *leaderelection.Options) {
			o.LeaseDuration, o.RenewDeadline, o.RetryPeriod = 2*time.Second, 2*time.Second-1, time.Second
		}, ""},
		{"disabled, whatever else is wrong", func(o *leaderelection.Options) { *o = leaderelection.Options{} }, ""},
		{"no lease duration", func(o *leaderelection.Options) { o.LeaseDuration = 0 },
			"--leader-elect-lease-duration: must be at least 2s, not 0s"},
		{"negative lease duration", func(o *leaderelection.Options) { o.LeaseDuration = -time.Minute },
			"--leader-elect-lease-duration: must be at least 2s, not -1m0s"},
		{"fraction of a second", func(o *leaderelection.Options) { o.LeaseDuration = 12500 * time.Millisecond },
			"--leader-elect-lease-duration: must be whole seconds, not 12.5s"},
		{"more seconds than the API counts", func(o *leaderelection.Options) { o.LeaseDuration = 1 << 31 * time.Second },
			"--leader-elect-lease-duration: must be at most 596523h14m7s, not 596523h14m8s"},
		{"deadline as long as the lease", func(o *leaderelection.Options) { o.RenewDeadline = o.LeaseDuration },
			"--leader-elect-renew-deadline: must be less than --leader-elect-lease-duration (15s), not 15s"},
		{"no deadline", func(o *leaderelection.Options) { o.RenewDeadline = 0 },
			"--leader-elect-retry-period: times 1.2 must be less than --leader-elect-renew-deadline (0s), not 2s"},
		{"no retry period", func(o *leaderelection.Options) { o.RetryPeriod = 0 },
			"--leader-elect-retry-period: must be more than 0, not 0s"},
		{"negative retry period", func(o *leaderelection.Options) { o.RetryPeriod = -1 },
			"--leader-elect-retry-period: must be more than 0, not -1ns"},
		{"retry period that jitter makes too long", func(o *leaderelection.Options) { o.RenewDeadline, o.RetryPeriod = 12*time.Second, 10*time.Second },
			"--leader-elect-retry-period: times 1.2 must be less than --leader-elect-renew-deadline (12s), not 10s"},
		{"another kind of lock", func(o *leaderelection.Options) { o.ResourceLock = "endpoints" },
			`--leader-elect-resource-lock: only "leases" is supported, not "endpoints"`},
		{"another scope", func(o *leaderelection.Options) { o.Scope = "cluster" },
			`--leader-elect-scope: must be "process" or "controller", not "cluster"`},
		{"no name", func(o *leaderelection.Options) { o.Name = "" }, "--leader-elect-resource-name: must not be empty"},
		{"no namespace", func(o *leaderelection.Options) { o.Namespace = "" }, "--leader-elect-resource-namespace: must not be empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			options := leaderelection.DefaultOptions()
			tt.change(&options)
			got := ""
			if err := options.Validate(); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Validate (-want +got)\n%s", diff)
			}
		})
	}
}

// What Validate lets through must not fail later, where no flag is named.
func TestNewTakesWhatIsValid(t *testing.T) {
	steps := []time.Duration{1, time.Millisecond, 833333333, time.Second - 1, time.Second, 1200 * time.Millisecond, 2 * time.Second, 12 * time.Second, time.Hour}
	for _, lease := range steps {
		for _, deadline := range steps {
			for _, retry := range steps {
				options := leaderelection.DefaultOptions()
				options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = lease, deadline, retry
				_, err := leaderelection.New(leaderelection.Config{
					Options: options, Identity: "a", Client: new(leases).client(way{}),
					Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
				})
				if valid := options.Validate(); valid == nil && err != nil {
					t.Errorf("lease %v, deadline %v, retry %v are valid, but New: %v", lease, deadline, retry, err)
				}
			}
		}
	}
}

func TestIdentitiesDiffer(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for pod, begin := range map[string]string{"": host + "_", "wheelhouse-0": "wheelhouse-0_"} {
		first, err := leaderelection.NewIdentity(pod)
		if err != nil {
			t.Fatal(err)
		}
		second, err := leaderelection.NewIdentity(pod)
		if err != nil {
			t.Fatal(err)
		}
		if first == second || !strings.HasPrefix(first, begin) || !strings.HasPrefix(second, begin) {
			t.Errorf("identities of pod %q are %q and %q, want two that begin with %q", pod, first, second, begin)
		}
	}
}
