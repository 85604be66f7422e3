package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, dir string, now time.Time) *Authority {
	t.Helper()
	authority, _, err := OpenAuthority(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func parse(t *testing.T, data []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestIssue(t *testing.T) {
	server := Request{User: "api", Hosts: []string{"localhost", "127.0.0.1"}}
	peer := Request{User: "etcd", Hosts: []string{"127.0.0.1"}, AlsoClient: true}
	client := Request{User: "jane", Groups: []string{"devs"}}
	asServer := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	asClient := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	for _, test := range []struct {
		name    string
		request Request
		host    string
		usages  []x509.ExtKeyUsage
		want    bool
	}{
		{"server by name", server, "localhost", asServer, true},
		{"server by address", server, "127.0.0.1", asServer, true},
		{"server by another name", server, "example.com", asServer, false},
		{"server as client", server, "", asClient, false},
		{"peer as server", peer, "127.0.0.1", asServer, true},
		{"peer as client", peer, "", asClient, true},
		{"client", client, "", asClient, true},
		{"client as server", client, "", asServer, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			authority := open(t, t.TempDir(), time.Now())
			pair, err := authority.Issue(test.request)
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(authority.CertPEM())
			cert := parse(t, pair.Cert)
			_, err = cert.Verify(x509.VerifyOptions{Roots: roots, DNSName: test.host, KeyUsages: test.usages})
			if (err == nil) != test.want {
				t.Errorf("Verify: got %v, want success: %t", err, test.want)
			}
			if cert.Subject.CommonName != test.request.User || cert.IsCA {
				t.Errorf("got certificate of %q (authority: %t), want of %q", cert.Subject.CommonName, cert.IsCA, test.request.User)
			}
		})
	}
}

func TestEnsureKeepsAndRenews(t *testing.T) {
	start := time.Now()
	first := Request{User: "api", Hosts: []string{"localhost"}}
	for _, test := range []struct {
		name   string
		later  time.Duration
		next   Request
		damage func(dir string) error
		keeps  bool
	}{
		{name: "the same", next: first, keeps: true},
		{name: "half a year later", later: 180 * 24 * time.Hour, next: first, keeps: true},
		{name: "three weeks before its end", later: certificateLifetime - 21*24*time.Hour, next: first},
		{name: "with another host", next: Request{User: "api", Hosts: []string{"localhost", "127.0.0.1"}}},
		{name: "for another user", next: Request{User: "other", Hosts: []string{"localhost"}}},
		{name: "before it was made", later: -48 * time.Hour, next: first},
		{name: "unreadable", next: first, damage: func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "api.crt"), []byte("garbage"), 0o600)
		}},
		{name: "without its key", next: first, damage: func(dir string) error {
			return os.Remove(filepath.Join(dir, "api.key"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			before, err := open(t, dir, start).Ensure("api", first)
			if err != nil {
				t.Fatal(err)
			}
			if test.damage != nil {
				if err := test.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			after, err := open(t, dir, start.Add(test.later)).Ensure("api", test.next)
			if err != nil {
				t.Fatal(err)
			}
			if kept := bytes.Equal(before.Cert, after.Cert); kept != test.keeps {
				t.Errorf("certificate kept: got %t, want %t", kept, test.keeps)
			}
		})
	}
}

func TestAuthorityIsReplacedBeforeItEnds(t *testing.T) {
	dir, start := t.TempDir(), time.Now()
	request := Request{User: "api", Hosts: []string{"localhost"}}
	if _, err := open(t, dir, start).Ensure("api", request); err != nil {
		t.Fatal(err)
	}
	later, replaced, err := OpenAuthority(dir, start.Add(authorityLifetime-24*time.Hour))
	if err != nil || !replaced {
		t.Fatalf("OpenAuthority a day before the end: got replaced %t, error %v; want true, nil", replaced, err)
	}
	pair, err := later.Ensure("api", request)
	if err != nil {
		t.Fatal(err)
	}
	if err := parse(t, pair.Cert).CheckSignatureFrom(later.cert); err != nil {
		t.Errorf("the kept certificate is still the former authority's: %v", err)
	}
}

func TestDamagedAuthority(t *testing.T) {
	for _, test := range []struct {
		name, file, content, want string
	}{
		{"garbage", "ca.crt", "garbage", "ca.crt: no certificate in it"},
		{"no key", "ca.key", "", "its key ca.key is missing"},
		{"garbage for a key", "ca.key", "garbage", "ca.crt: no private key beside it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			open(t, dir, time.Now())
			path := filepath.Join(dir, test.file)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if test.content != "" {
				if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, _, err := OpenAuthority(dir, time.Now())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestSigningKeyStays(t *testing.T) {
	dir := t.TempDir()
	if err := EnsureSigningKey(dir, "tokens"); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "tokens.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "tokens.pub")); err != nil {
		t.Fatal(err)
	}
	if err := EnsureSigningKey(dir, "tokens"); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "tokens.key"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the signing key changed: every token in the cluster would be void")
	}
	if _, err := os.Stat(filepath.Join(dir, "tokens.pub")); err != nil {
		t.Errorf("the public key was not restored: %v", err)
	}
}

func TestKeysAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir, time.Now()).Ensure("api", Request{User: "api"}); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(dir, "*.key"))
	if err != nil || len(keys) != 2 {
		t.Fatalf("got keys %v, error %v; want two keys", keys, err)
	}
	for _, key := range keys {
		info, err := os.Stat(key)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s, want 0600", key, info.Mode())
		}
	}
}
