// Package serving answers over TLS, to those whom the API server knows and allows to ask.
//
// Who asks is found out as Kubernetes' own components do it: by a client certificate, by the headers of an aggregating API server, or
// by a token that the API server is asked about (TokenReview). Whether they may ask is the API server's to say as well
// (SubjectAccessReview). A few paths are open to all.
package serving

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
)

// Options are the flags. They bear the names that kube-controller-manager gives them.
type Options struct {
	// Port is where to answer over TLS. Default: 10280; 0 means nowhere.
	Port int
	// BindAddress is the IP address to answer on. Default: 0.0.0.0, which means all of the machine, IPv6 included.
	BindAddress string
	// CertFile and KeyFile hold the certificate and its key, in PEM; they are read again when they change. Default: neither; then the
	// process signs a certificate itself.
	CertFile, KeyFile string
	// MinTLSVersion is the oldest version of TLS to speak, VersionTLS12 or VersionTLS13. Default: VersionTLS12.
	MinTLSVersion string
	// CipherSuites are those to offer for TLS 1.2, by the names that Go gives them. Default: none, which means Go's choice.
	CipherSuites []string
	// ClientCAFile holds the authorities whose client certificates are believed; it is read again when it changes. Default: none, which
	// means those of the cluster.
	ClientCAFile string
	// AuthenticationKubeconfig and AuthorizationKubeconfig say which API server to ask. Default: the one that the controllers use.
	AuthenticationKubeconfig, AuthorizationKubeconfig string
	// SkipLookup leaves the authorities of the cluster alone: only tokens and ClientCAFile count. Default: false.
	SkipLookup bool
	// TolerateLookupFailure goes on without the authorities of the cluster while they can't be read. Default: true.
	TolerateLookupFailure bool
	// RequestHeader says which proxies are believed.
	RequestHeader RequestHeaderOptions
	// TokenTTL is how long it is believed whose a token is, and AllowedTTL and DeniedTTL how long that somebody may or may not see something.
	// Default: 10 s each; 0 asks each time, within the bounds of what is asked at all.
	TokenTTL, AllowedTTL, DeniedTTL time.Duration
	// AlwaysAllowPaths are open to all; one that ends in * stands for all that begin so. Default: the health checks.
	AlwaysAllowPaths []string

	ignored map[string]*ignoredValue // by the name of the flag
}

// DefaultOptions returns the defaults.
func DefaultOptions() Options {
	return Options{
		Port: 10280, BindAddress: "0.0.0.0", MinTLSVersion: "VersionTLS12", TolerateLookupFailure: true,
		RequestHeader: defaultRequestHeaderOptions(), TokenTTL: answerTime, AllowedTTL: answerTime, DeniedTTL: answerTime,
		AlwaysAllowPaths: []string{"/healthz", "/healthz/*", "/livez", "/livez/*", "/readyz", "/readyz/*"},
	}
}

// AddFlags adds the flags.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.Port, "secure-port", o.Port, "Port for TLS, with authentication and authorization by the API server. 0 turns it off.")
	flags.StringVar(&o.BindAddress, "bind-address", o.BindAddress, "IP address for --secure-port. 0.0.0.0 and :: mean all addresses.")
	flags.StringVar(&o.CertFile, "tls-cert-file", o.CertFile, "File of the certificate, followed by those that it depends on. Read again when it changes. Without it, the process signs one itself.")
	flags.StringVar(&o.KeyFile, "tls-private-key-file", o.KeyFile, "File of the key to --tls-cert-file. Read again when it changes.")
	flags.StringVar(&o.MinTLSVersion, "tls-min-version", o.MinTLSVersion, "The oldest version of TLS to speak: VersionTLS12 or VersionTLS13.")
	flags.StringSliceVar(&o.CipherSuites, "tls-cipher-suites", o.CipherSuites, "Cipher suites to offer for TLS 1.2. Without it, Go chooses.")
	flags.StringVar(&o.ClientCAFile, "client-ca-file", o.ClientCAFile, "File of the authorities whose client certificates are believed. Read again when it changes. Without it, those of the cluster are.")
	flags.StringVar(&o.AuthenticationKubeconfig, "authentication-kubeconfig", o.AuthenticationKubeconfig, "Path of a kubeconfig file for asking who sends a token. Without it, the API server of the controllers is asked.")
	flags.BoolVar(&o.SkipLookup, "authentication-skip-lookup", o.SkipLookup, "Don't look up the cluster's authorities for client certificates.")
	flags.BoolVar(&o.TolerateLookupFailure, "authentication-tolerate-lookup-failure", o.TolerateLookupFailure, "Go on without the cluster's authorities while they can't be looked up; tokens work nevertheless. Otherwise a failure at the start ends the process.")
	flags.StringVar(&o.AuthorizationKubeconfig, "authorization-kubeconfig", o.AuthorizationKubeconfig, "Path of a kubeconfig file for asking who may see what. Without it, the API server of the controllers is asked.")
	flags.StringSliceVar(&o.AlwaysAllowPaths, "authorization-always-allow-paths", o.AlwaysAllowPaths, "Paths that are open to all, without authentication. One that ends in * stands for all that begin so.")
	flags.DurationVar(&o.TokenTTL, "authentication-token-webhook-cache-ttl", o.TokenTTL, "How long it is believed whose a token is. 0 asks each time.")
	flags.DurationVar(&o.AllowedTTL, "authorization-webhook-cache-authorized-ttl", o.AllowedTTL, "How long it is believed that somebody may see something. 0 asks each time.")
	flags.DurationVar(&o.DeniedTTL, "authorization-webhook-cache-unauthorized-ttl", o.DeniedTTL, "How long it is believed that somebody may not see something. 0 asks each time.")
	o.RequestHeader.addFlags(flags)
	o.addIgnoredFlags(flags)
}

// Validate returns an error that names the flag whose value can't be used.
func (o Options) Validate() error {
	switch {
	case o.Port < 0 || o.Port > 65535:
		return fmt.Errorf("--secure-port: must be from 0 to 65535, not %d", o.Port)
	case net.ParseIP(o.BindAddress) == nil:
		return fmt.Errorf("--bind-address: must be an IP address, not %q", o.BindAddress)
	case o.CertFile != "" && o.KeyFile == "":
		return errors.New("--tls-private-key-file: must be given with --tls-cert-file")
	case o.KeyFile != "" && o.CertFile == "":
		return errors.New("--tls-cert-file: must be given with --tls-private-key-file")
	}
	for flag, ttl := range map[string]time.Duration{
		"authentication-token-webhook-cache-ttl": o.TokenTTL, "authorization-webhook-cache-authorized-ttl": o.AllowedTTL,
		"authorization-webhook-cache-unauthorized-ttl": o.DeniedTTL,
	} {
		if ttl < 0 {
			return fmt.Errorf("--%s: must not be negative, but is %v", flag, ttl)
		}
	}
	for _, open := range o.AlwaysAllowPaths {
		if !isPattern(open) {
			return fmt.Errorf("--authorization-always-allow-paths: must begin with a slash and hold * at the end only, unlike %q", open)
		}
	}
	if err := o.RequestHeader.validate(); err != nil {
		return err
	}
	_, err := o.tls()
	return err
}

// isPattern reports whether text is a path, or the beginning of some with an asterisk.
func isPattern(text string) bool {
	beginning := strings.TrimSuffix(text, "*")
	return strings.HasPrefix(text, "/") && !strings.Contains(beginning, "*") && isClean(beginning)
}

// isClean reports whether a path has one form only, so that it can't be taken for another one.
func isClean(p string) bool {
	return p == "/" || path.Clean(p) == strings.TrimSuffix(p, "/")
}

// tls returns how to speak, still without a certificate.
func (o Options) tls() (*tls.Config, error) {
	version, err := cliflag.TLSVersion(o.MinTLSVersion)
	if err != nil || version < tls.VersionTLS12 {
		return nil, fmt.Errorf("--tls-min-version: must be VersionTLS12 or VersionTLS13, not %q", o.MinTLSVersion)
	}
	suites, err := cliflag.TLSCipherSuites(o.CipherSuites)
	if err != nil {
		return nil, fmt.Errorf("--tls-cipher-suites: %w", err)
	}
	return &tls.Config{
		MinVersion: version, CipherSuites: suites,
		NextProtos: []string{"http/1.1"}, // a stream of HTTP/2 costs who opens it nothing, and us a goroutine
		ClientAuth: tls.RequestClientCert,
	}, nil
}
