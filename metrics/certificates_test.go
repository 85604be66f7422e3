package metrics_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

func TestCertificatesOfTheMomentAreTold(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	serving := &x509.Certificate{NotBefore: time.Unix(1000, 0), NotAfter: time.Unix(4600, 0)}
	err := metrics.MeasureCertificates(registry, map[string]func() *x509.Certificate{
		"serving": func() *x509.Certificate { return serving },
		"client":  func() *x509.Certificate { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := func(notBefore, expiry string) {
		t.Helper()
		text := `# HELP wheelhouse_certificate_expiry_timestamp_seconds Until when the certificate is valid, in Unix time: serving, which the secure port shows; client, which API servers are shown, the first of several to end.
# TYPE wheelhouse_certificate_expiry_timestamp_seconds gauge
wheelhouse_certificate_expiry_timestamp_seconds{use="serving"} ` + expiry + `
# HELP wheelhouse_certificate_not_before_timestamp_seconds Since when the certificate is valid, in Unix time.
# TYPE wheelhouse_certificate_not_before_timestamp_seconds gauge
wheelhouse_certificate_not_before_timestamp_seconds{use="serving"} ` + notBefore + "\n"
		err := testutil.GatherAndCompare(registry, strings.NewReader(text),
			"wheelhouse_certificate_expiry_timestamp_seconds", "wheelhouse_certificate_not_before_timestamp_seconds")
		if err != nil {
			t.Error(err)
		}
	}
	want("1000", "4600")
	serving = &x509.Certificate{NotBefore: time.Unix(2800, 0), NotAfter: time.Unix(6400, 0)}
	want("2800", "6400")
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}
