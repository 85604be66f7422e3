package metrics

import (
	"crypto/x509"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// certificates tells from when until when certificates are valid. Both, because how early a new one is to be expected depends on how long
// they last: hours or years.
type certificates struct {
	notBefore, expiry *prometheus.Desc
	// uses return the certificate that is in use, nil if there is none, by what it is for.
	uses map[string]func() *x509.Certificate
}

// MeasureCertificates makes the registry tell from when until when certificates are valid. Each scrape asks for those that are in use
// then, by what they are for; a use returns nil if there is none.
func MeasureCertificates(registry prometheus.Registerer, uses map[string]func() *x509.Certificate) error {
	describe := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, []string{"use"}, nil) }
	return registry.Register(certificates{
		notBefore: describe("wheelhouse_certificate_not_before_timestamp_seconds", "Since when the certificate is valid, in Unix time."),
		expiry: describe("wheelhouse_certificate_expiry_timestamp_seconds",
			"Until when the certificate is valid, in Unix time: serving, which the secure port shows; client, which API servers are shown, the first of several to end."),
		uses: uses,
	})
}

// Describe is for the registry.
func (c certificates) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.notBefore
	descriptions <- c.expiry
}

// Collect is for the registry.
func (c certificates) Collect(values chan<- prometheus.Metric) {
	for use, current := range c.uses {
		certificate := current()
		if certificate == nil {
			continue
		}
		tell := func(what *prometheus.Desc, t time.Time) {
			values <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, float64(t.Unix()), use)
		}
		tell(c.notBefore, certificate.NotBefore)
		tell(c.expiry, certificate.NotAfter)
	}
}
