package serving

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   string // the beginning of the error
	}{
		{"the defaults", func(*Options) {}, ""},
		{"no port", func(o *Options) { o.Port = 0 }, ""},
		{"a port out of range", func(o *Options) { o.Port = 65536 }, "--secure-port: must be from 0 to 65535, not 65536"},
		{"an address of IPv6", func(o *Options) { o.BindAddress = "::1" }, ""},
		{"a name for an address", func(o *Options) { o.BindAddress = "localhost" }, `--bind-address: must be an IP address, not "localhost"`},
		{"a certificate without a key", func(o *Options) { o.CertFile = "a" }, "--tls-private-key-file: must be given with --tls-cert-file"},
		{"a key without a certificate", func(o *Options) { o.KeyFile = "a" }, "--tls-cert-file: must be given with --tls-private-key-file"},
		{"TLS 1.3", func(o *Options) { o.MinTLSVersion = "VersionTLS13" }, ""},
		{"TLS 1.1", func(o *Options) { o.MinTLSVersion = "VersionTLS11" }, `--tls-min-version: must be VersionTLS12 or VersionTLS13, not "VersionTLS11"`},
		{"no version of TLS", func(o *Options) { o.MinTLSVersion = "1.2" }, "--tls-min-version: "},
		{"a cipher suite", func(o *Options) { o.CipherSuites = []string{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"} }, ""},
		{"no cipher suite", func(o *Options) { o.CipherSuites = []string{"ROT13"} }, "--tls-cipher-suites: "},
		{"answers that aren't believed", func(o *Options) { o.TokenTTL, o.AllowedTTL, o.DeniedTTL = 0, 0, 0 }, ""},
		{"a negative time", func(o *Options) { o.DeniedTTL = -1 }, "--authorization-webhook-cache-unauthorized-ttl: must not be negative, but is -1ns"},
		{"an empty header", func(o *Options) { o.RequestHeader.GroupHeaders = []string{" "} }, "--requestheader-group-headers: must not hold an empty one"},
		{"proxies that name nobody", func(o *Options) { o.RequestHeader = RequestHeaderOptions{ClientCAFile: "a"} }, "--requestheader-username-headers: must be given with "},
		{"no open path", func(o *Options) { o.AlwaysAllowPaths = nil }, ""},
		{"every path open", func(o *Options) { o.AlwaysAllowPaths = []string{"/*"} }, ""},
		{"a relative path", func(o *Options) { o.AlwaysAllowPaths = []string{"healthz"} }, "--authorization-always-allow-paths: "},
		{"an asterisk within", func(o *Options) { o.AlwaysAllowPaths = []string{"/*/a"} }, "--authorization-always-allow-paths: "},
		{"a path of two forms", func(o *Options) { o.AlwaysAllowPaths = []string{"/a/../b"} }, "--authorization-always-allow-paths: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			tt.change(&o)
			err := o.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Validate = %v, want nil", err)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("Validate = %v, want %s", err, tt.want)
			}
		})
	}
}
