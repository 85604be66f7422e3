package serving

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"

	"go.uber.org/zap"
)

// tlsConfig returns how to speak, with the certificate to show, and its files, nil if the process signs it itself.
func tlsConfig(o Options, log *zap.Logger) (*tls.Config, *reread[*tls.Certificate], error) {
	config, err := o.tls()
	if err != nil {
		return nil, nil, err
	}
	if o.CertFile == "" {
		own, err := selfSigned(time.Now(), net.ParseIP(o.BindAddress))
		if err != nil {
			return nil, nil, fmt.Errorf("sign a certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
		return config, nil, nil
	}
	files, err := newReread(log, parsePair, o.CertFile, o.KeyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("--tls-cert-file: %w", err)
	}
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return files.get(), nil }
	return config, files, nil
}

// Certificate returns the one that is shown to those who connect now, without those that it depends on.
func (s *Server) Certificate() *x509.Certificate {
	if s.pair == nil {
		return s.tls.Certificates[0].Leaf
	}
	return s.pair.get().Leaf
}

// parsePair returns a certificate of its own file and that of its key.
func parsePair(contents [][]byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(contents[0], contents[1])
	return &pair, err
}

// parseAuthorities returns whose client certificates are believed.
func parseAuthorities(contents [][]byte) (x509.VerifyOptions, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(contents[0]) {
		return x509.VerifyOptions{}, errors.New("there is no certificate in it")
	}
	return x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, nil
}

// selfSignedTime is how long a certificate lasts that nobody can verify: longer than the process.
const selfSignedTime = 10 * 365 * 24 * time.Hour

// selfSigned makes a certificate for the machine's name, for loopback, and for the address that is bound if it is a certain one.
func selfSigned(now time.Time, bound net.IP) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return tls.Certificate{}, err
	}
	addresses := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if bound != nil && !bound.IsUnspecified() && !bound.IsLoopback() {
		addresses = append(addresses, bound)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: host},
		DNSNames:     []string{host, "localhost"},
		IPAddresses:  addresses,
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(selfSignedTime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
