// Package pki makes, keeps and renews the certificates of a local cluster.
//
// One authority signs everything: OpenAuthority loads or makes it, Ensure keeps a named certificate fresh on disk, Issue
// makes one that is not kept. Keys are ECDSA P-256, a dozen of which take no time.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityLifetime = 10 * 365 * 24 * time.Hour
	// clockSkew dates certificates back, for machines whose clock was set back a little since.
	clockSkew = time.Hour
	// renewBefore is how long a certificate must still be valid to be kept: more than any cluster is expected to stay up.
	renewBefore = 30 * 24 * time.Hour
)

// Authority signs the certificates of one cluster.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
	dir  string
	now  time.Time
}

// OpenAuthority loads the authority kept in dir, and makes one when there is none. It replaces one whose certificate ends
// soon, and says so: every certificate that it signed is then worthless. Ensure replaces those that are kept.
// An unreadable authority is an error: it may be the trust of a cluster that somebody still wants.
func OpenAuthority(dir string, now time.Time) (authority *Authority, replaced bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("make the certificate folder: %w", err)
	}
	authority, err = LoadAuthority(dir, now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		authority, err = newAuthority(dir, now)
	case err == nil && endsSoon(authority.cert, now):
		replaced = true
		authority, err = newAuthority(dir, now)
	}
	return authority, replaced, err
}

// LoadAuthority loads the authority kept in dir.
func LoadAuthority(dir string, now time.Time) (*Authority, error) {
	pair, err := readPair(dir, "ca")
	if err != nil {
		return nil, err
	}
	cert, key, err := pair.parse()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "ca.crt"), err)
	}
	if !cert.IsCA {
		return nil, fmt.Errorf("%s: not the certificate of an authority", filepath.Join(dir, "ca.crt"))
	}
	return &Authority{cert: cert, key: key, pem: pair.Cert, dir: dir, now: now}, nil
}

func newAuthority(dir string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "localcluster"},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(authorityLifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	pair, err := sign(template, template, key, key)
	if err != nil {
		return nil, fmt.Errorf("sign the authority: %w", err)
	}
	if err := pair.write(dir, "ca"); err != nil {
		return nil, err
	}
	cert, key, err := pair.parse()
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key, pem: pair.Cert, dir: dir, now: now}, nil
}

// CertPEM returns the certificate that clients and servers of the cluster trust.
func (a *Authority) CertPEM() []byte { return a.pem }

func endsSoon(cert *x509.Certificate, now time.Time) bool {
	return now.Before(cert.NotBefore) || now.Add(renewBefore).After(cert.NotAfter)
}
