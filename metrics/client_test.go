package metrics_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

// transport is an API server that answers by the request's path: "/201" is answered with 201, "/lost" not at all.
type transport struct{}

func (transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path == "/lost" {
		return nil, errors.New("connection reset by peer")
	}
	status, err := strconv.Atoi(request.URL.Path[1:])
	if err != nil { // what a typed client asks for
		status = http.StatusOK
	}
	return &http.Response{
		StatusCode: status, Request: request, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"kind":"Pod","apiVersion":"v1"}`)),
	}, nil
}

// measured returns a registry, and a config whose clients are measured in it.
func measured(t *testing.T, config rest.Config) (*prometheus.Registry, *rest.Config) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	client, err := metrics.NewClient(registry)
	if err != nil {
		t.Fatal(err)
	}
	config.Transport = transport{}
	client.Measure(&config)
	return registry, &config
}

// send sends a request past the typed clients.
func send(t *testing.T, config *rest.Config, method, url string) {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := client.Do(request); err == nil {
		_ = response.Body.Close() // it can't fail
	}
}

func TestRequestsAreCounted(t *testing.T) {
	registry, config := measured(t, rest.Config{Host: "https://a.example.test:6443"})
	send(t, config, "GET", "https://a.example.test:6443/200")
	send(t, config, "GET", "https://a.example.test:6443/200")
	send(t, config, "POST", "https://a.example.test:6443/201")
	send(t, config, "PUT", "https://a.example.test:6443/409")
	send(t, config, "GET", "https://b.example.test/500")
	send(t, config, "DELETE", "https://a.example.test:6443/lost")
	want := `
# HELP rest_client_requests_total Requests to the API server by status code, method and host. The code is <error> where no answer came.
# TYPE rest_client_requests_total counter
rest_client_requests_total{code="200",host="a.example.test:6443",method="GET"} 2
rest_client_requests_total{code="201",host="a.example.test:6443",method="POST"} 1
rest_client_requests_total{code="409",host="a.example.test:6443",method="PUT"} 1
rest_client_requests_total{code="500",host="b.example.test",method="GET"} 1
rest_client_requests_total{code="<error>",host="a.example.test:6443",method="DELETE"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "rest_client_requests_total"); err != nil {
		t.Error(err)
	}
	durations := map[string]uint64{
		"DELETE a.example.test:6443": 1,
		"GET a.example.test:6443":    2,
		"GET b.example.test":         1,
		"POST a.example.test:6443":   1,
		"PUT a.example.test:6443":    1,
	}
	got := map[string]uint64{}
	for labels, h := range histograms(t, registry, "rest_client_request_duration_seconds") {
		got[labels] = h.GetSampleCount()
	}
	if diff := cmp.Diff(durations, got); diff != "" {
		t.Errorf("durations observed, by verb and host (-want +got)\n%s", diff)
	}
}

// client-go looks through wrappers for the transport, to close connections and to set up watches.
func TestTransportCanBeFound(t *testing.T) {
	_, config := measured(t, rest.Config{})
	wrapped := config.WrapTransport(transport{})
	unwrapper, ok := wrapped.(interface{ WrappedRoundTripper() http.RoundTripper })
	if !ok || unwrapper.WrappedRoundTripper() != (transport{}) {
		t.Errorf("the transport can't be found behind a %T", wrapped)
	}
}

func TestClientMetricsAreRegisteredOnce(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := metrics.NewClient(registry); err != nil {
		t.Fatal(err)
	}
	if _, err := metrics.NewClient(registry); err == nil {
		t.Error("NewClient says nothing of metrics that are registered already")
	}
}
