package podsync

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// parse returns the options of a command line.
func parse(t *testing.T, args ...string) Options {
	t.Helper()
	options := DefaultOptions()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	options.AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return options
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want Options
	}{
		{"defaults", nil, Options{ConcurrentSyncs: 5}},
		{
			"all set",
			[]string{"--podsync-namespace=shop", "--podsync-selector=tier=web", "--concurrent-pod-syncs=9"},
			Options{Namespace: "shop", Selector: "tier=web", ConcurrentSyncs: 9},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parse(t, tt.args...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("options (-want +got)\n%s", diff)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOptionsThatCannotBeUsed(t *testing.T) {
	tests := []struct{ name, arg, flag string }{
		{"no worker", "--concurrent-pod-syncs=0", "concurrent-pod-syncs"},
		{"selector", "--podsync-selector=a in (", "podsync-selector"},
		{"namespace", "--podsync-namespace=Shop/a", "podsync-namespace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := parse(t, tt.arg).Validate()
			var flagErr *controllers.FlagError
			if !errors.As(err, &flagErr) || flagErr.Flag != tt.flag {
				t.Errorf("error %v, want a FlagError of --%s", err, tt.flag)
			}
		})
	}
}

func TestSelection(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    bool
	}{
		{"everything", Options{}, true},
		{"its namespace", Options{Namespace: "shop"}, true},
		{"another namespace", Options{Namespace: "bank"}, false},
		{"its label", Options{Selector: "tier=web"}, true},
		{"another label", Options{Selector: "tier!=web"}, false},
		{"its label, another namespace", Options{Namespace: "bank", Selector: "tier=web"}, false},
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Labels: map[string]string{"tier": "web"}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.options.ConcurrentSyncs = 1
			selection, err := tt.options.selection()
			if err != nil {
				t.Fatal(err)
			}
			if got := selection.has(pod); got != tt.want {
				t.Errorf("selected = %t, want %t", got, tt.want)
			}
		})
	}
}
