package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

const certificateLifetime = 365 * 24 * time.Hour

// Request says what a certificate is for.
type Request struct {
	// User is the common name: the user name that Kubernetes reads from a client certificate.
	User string
	// Groups are the organizations: the groups that Kubernetes reads from a client certificate.
	Groups []string
	// Hosts are the names and addresses a server answers to. A request without hosts is for a client only.
	Hosts []string
	// AlsoClient lets a server show its certificate as a client too, as etcd does to its peers.
	AlsoClient bool
}

func (r Request) usages() []x509.ExtKeyUsage {
	switch {
	case len(r.Hosts) == 0:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case r.AlsoClient:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	default:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
}

func (r Request) template(now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: r.User, Organization: r.Groups},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(certificateLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           r.usages(),
		BasicConstraintsValid: true,
	}
	for _, host := range r.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return template, nil
}

// Issue makes a certificate and its key without keeping them.
func (a *Authority) Issue(request Request) (*Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", request.User, err)
	}
	template, err := request.template(a.now)
	if err != nil {
		return nil, err
	}
	pair, err := sign(template, a.cert, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate for %s: %w", request.User, err)
	}
	return pair, nil
}

// Ensure returns the certificate kept under name. It issues and keeps a new one when there is none, when it ends soon, when
// it is unreadable, when another authority signed it, or when it was made for another request.
func (a *Authority) Ensure(name string, request Request) (*Pair, error) {
	if pair, err := readPair(a.dir, name); err == nil {
		if cert, _, err := pair.parse(); err == nil && a.serves(cert, request) {
			return pair, nil
		}
	}
	pair, err := a.Issue(request)
	if err != nil {
		return nil, err
	}
	if err := pair.write(a.dir, name); err != nil {
		return nil, fmt.Errorf("keep the certificate %s: %w", name, err)
	}
	return pair, nil
}

// serves reports whether cert is still good for the request.
func (a *Authority) serves(cert *x509.Certificate, request Request) bool {
	want, err := request.template(a.now)
	if err != nil {
		return false
	}
	return !endsSoon(cert, a.now) &&
		cert.CheckSignatureFrom(a.cert) == nil &&
		cert.Subject.CommonName == want.Subject.CommonName &&
		slices.Equal(cert.Subject.Organization, want.Subject.Organization) &&
		slices.Equal(cert.DNSNames, want.DNSNames) &&
		slices.EqualFunc(cert.IPAddresses, want.IPAddresses, net.IP.Equal) &&
		slices.Equal(cert.ExtKeyUsage, want.ExtKeyUsage)
}
