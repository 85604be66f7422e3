package serving

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// A manifest of kube-controller-manager can stay as it is, and the log says what that changes nothing.
func TestFlagsWithoutEffect(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want []string // the flags of which the log says that they have no effect
	}{
		{"none", nil, nil},
		{"what is done anyway", []string{"--permit-address-sharing", "--permit-port-sharing=false", "--http2-max-streams-per-connection=0", "--disable-http2-serving", "--cert-dir="}, nil},
		{"what is not", []string{"--cert-dir=/var/run/kubernetes", "--http2-max-streams-per-connection=100", "--permit-port-sharing"},
			[]string{"--cert-dir", "--http2-max-streams-per-connection", "--permit-port-sharing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			o.AddFlags(flags)
			if err := flags.Parse(tt.args); err != nil {
				t.Fatal(err)
			}
			core, logs := observer.New(zap.WarnLevel)
			o.SkipLookup = true
			if _, err := New(Config{Options: o, Log: zap.New(core)}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, entry := range logs.All() {
				got = append(got, entry.ContextMap()["flag"].(string))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("flags in the log (-want +got)\n%s", diff)
			}
		})
	}
	for _, mistake := range []string{"--permit-port-sharing=maybe", "--http2-max-streams-per-connection=many"} {
		o := DefaultOptions()
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		o.AddFlags(flags)
		if err := flags.Parse([]string{mistake}); err == nil {
			t.Errorf("%s is taken", mistake)
		}
	}
}
