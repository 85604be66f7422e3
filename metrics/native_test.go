package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

// protobuf is what Prometheus asks for when it is set to take native histograms.
const protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

// A server that asks for them gets native histograms, and buckets beside them.
func TestHistogramsAreNativeForServersThatAsk(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	client, err := metrics.NewClient(registry)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: "https://a.example.test", Transport: transport{}}
	client.Measure(config)
	send(t, config, "GET", "https://a.example.test/200")
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", protobuf)
	answer := httptest.NewRecorder()
	metrics.Handler(registry, zap.NewNop()).ServeHTTP(answer, request)
	decoder := expfmt.NewDecoder(answer.Body, expfmt.ResponseFormat(answer.Header()))
	for {
		var family dto.MetricFamily
		if err := decoder.Decode(&family); err != nil {
			t.Fatalf("no histogram of requests: %v", err)
		}
		if family.GetName() == "rest_client_request_duration_seconds" {
			h := family.GetMetric()[0].GetHistogram()
			if h.Schema == nil || len(h.GetPositiveSpan())+int(h.GetZeroCount()) == 0 || len(h.GetBucket()) == 0 {
				t.Errorf("the histogram of one request is %v, want it native, with buckets beside", h)
			}
			return
		}
	}
}
