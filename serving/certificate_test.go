package serving

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
)

// pair is the files of a certificate and its key.
type pair struct {
	authority
	cert, key string
}

func newPair(t *testing.T) pair {
	dir := t.TempDir()
	return pair{authority: newAuthority(t), cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key")}
}

// write replaces the files by those of a new certificate with the name.
func (p pair) write(name string) {
	p.t.Helper()
	cert := p.sign(name, func(*x509.Certificate) {}, p.leaf)
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		p.t.Fatal(err)
	}
	p.replace(p.cert, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	p.replace(p.key, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func (p pair) replace(path string, block *pem.Block) {
	p.t.Helper()
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(block), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		p.t.Fatal(err)
	}
}

// shown returns the name in the certificate that the server shows, or fails if it can't be verified.
func (p pair) shown(url string) string {
	p.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(p.leaf)
	visitor := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12},
	}}
	response, err := visitor.Get(url + "/healthz")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.TLS.PeerCertificates[0].Subject.CommonName
}

func TestCertificateIsReadAgain(t *testing.T) {
	files := newPair(t)
	files.write("first")
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup, o.CertFile, o.KeyFile = true, files.cert, files.key })
	if got := files.shown(w.url); got != "first" {
		t.Errorf("it shows %q, want first", got)
	}
	for _, name := range []string{"second", "third"} {
		files.write(name)
		for files.shown(w.url) != name { // each is a connection of its own, none of which may fail
			continue
		}
		if got := w.server.Certificate().Subject.CommonName; got != name {
			t.Errorf("it tells of %q when it shows %s", got, name)
		}
	}
}

// A certificate that the process signs can be asked for by every name that leads to it.
func TestNamesOfTheOwnCertificate(t *testing.T) {
	loopback := []string{"127.0.0.1", "::1"}
	for bound, want := range map[string][]string{
		"0.0.0.0": loopback, "::": loopback, "127.0.0.1": loopback, "10.0.0.7": append(loopback, "10.0.0.7"), "2001:db8::7": append(loopback, "2001:db8::7"),
	} {
		o := DefaultOptions()
		o.BindAddress = bound
		config, _, err := tlsConfig(o, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		cert := (&Server{tls: config}).Certificate()
		var got []string
		for _, ip := range cert.IPAddresses {
			got = append(got, ip.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("addresses when bound to %s (-want +got)\n%s", bound, diff)
		}
		if err := cert.VerifyHostname("localhost"); err != nil {
			t.Error(err)
		}
	}
}

func TestCertificateThatCannotBeRead(t *testing.T) {
	files, other := newPair(t), newPair(t)
	files.write("ours")
	other.write("theirs")
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no file", func(o *Options) { o.CertFile = "/nowhere" }, "--tls-cert-file: "},
		{"the key of another", func(o *Options) { o.KeyFile = other.key }, "--tls-cert-file: "},
		{"no authorities", func(o *Options) { o.ClientCAFile = "/nowhere" }, "--client-ca-file: "},
		{"a key for authorities", func(o *Options) { o.ClientCAFile = files.key }, "--client-ca-file: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			o.SkipLookup, o.CertFile, o.KeyFile = true, files.cert, files.key
			tt.change(&o)
			if _, err := New(Config{Options: o, Log: zap.NewNop()}); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("New = %v, want an error that begins %s", err, tt.want)
			}
		})
	}
}
