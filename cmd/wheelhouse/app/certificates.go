package app

import (
	"crypto/x509"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

// measureCertificates lets the metrics tell until when certificates are valid.
func (p *process) measureCertificates() error {
	uses := map[string]func() *x509.Certificate{"client": p.certificates.firstToEnd}
	if p.server != nil {
		uses["serving"] = p.server.Certificate
	}
	return metrics.MeasureCertificates(p.registry, uses)
}

// clientCertificates are where those are that API servers are shown: one for each kubeconfig, if it names one.
type clientCertificates []rest.TLSClientConfig

// firstToEnd returns the certificate that ends before the others, or nil without one. Files are read anew, as their connections do it.
func (c clientCertificates) firstToEnd() *x509.Certificate {
	var first *x509.Certificate
	for _, config := range c {
		certificate := clientCertificate(config)
		if certificate != nil && (first == nil || certificate.NotAfter.Before(first.NotAfter)) {
			first = certificate
		}
	}
	return first
}

// clientCertificate returns the certificate without those that it depends on, nil if there is none that can be read.
func clientCertificate(config rest.TLSClientConfig) *x509.Certificate {
	content := config.CertData
	if len(content) == 0 && config.CertFile != "" {
		content, _ = os.ReadFile(config.CertFile) // whoever connects tells of errors
	}
	chain, err := cert.ParseCertsPEM(content)
	if err != nil {
		return nil
	}
	return chain[0]
}
