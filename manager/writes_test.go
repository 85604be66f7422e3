package manager_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// answering is an API server that answers each request with the status code, or with none if that is 0.
type answering int

func (code answering) RoundTrip(*http.Request) (*http.Response, error) {
	if code == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: int(code), Body: http.NoBody}, nil
}

// writesOf returns the transport of a controller, whose writes are counted in the registry.
func writesOf(t *testing.T, registry *prometheus.Registry, controller string, server http.RoundTripper) http.RoundTripper {
	t.Helper()
	writes, err := manager.NewWrites(registry)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: "https://api.example"}
	writes.Count(controller, config)
	return config.WrapTransport(server)
}

func send(t *testing.T, ctx context.Context, via http.RoundTripper, method, path string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, "https://api.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := via.RoundTrip(request); err == nil {
		_ = response.Body.Close()
	}
}

func TestWritesAreCounted(t *testing.T) {
	for code, label := range map[answering]string{201: "201", 403: "403", 0: "<error>", 299: "other"} {
		t.Run(label, func(t *testing.T) {
			registry := prometheus.NewPedanticRegistry()
			via := writesOf(t, registry, "replicaset", code)
			send(t, t.Context(), via, http.MethodPost, "/api/v1/namespaces/default/pods")
			send(t, t.Context(), via, http.MethodGet, "/api/v1/namespaces/default/pods")
			want := fmt.Sprintf(`
				# HELP wheelhouse_writes_total Writes that a controller sent to the API server, by verb, resource and the status code of the answer, which is <error> where none came.
				# TYPE wheelhouse_writes_total counter
				wheelhouse_writes_total{code=%q,controller="replicaset",resource="pods",verb="create"} 1
			`, label)
			if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWritesHaveBoundedLabels(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	via := writesOf(t, registry, "replicaset", answering(200))
	for i := range 10_000 {
		send(t, t.Context(), via, http.MethodDelete, fmt.Sprintf("/api/v1/namespaces/n-%d/pods/p-%d", i%100, i))
	}
	if n, err := testutil.GatherAndCount(registry); err != nil || n != 1 {
		t.Errorf("10,000 pods make %d series (%v), want 1", n, err)
	}
	for i := range 10_000 {
		send(t, t.Context(), via, http.MethodPatch, fmt.Sprintf("/apis/example.com/v1/kind-%d/a", i))
	}
	if n, err := testutil.GatherAndCount(registry); err != nil || n > 102 {
		t.Errorf("10,000 resources make %d series (%v), want at most 102", n, err)
	}
}

func TestWritesGetIntoTheRecord(t *testing.T) {
	via := writesOf(t, prometheus.NewRegistry(), "test", answering(409))
	ctx, end := context.WithCancel(t.Context())
	w, err := worker.New(worker.Config{
		Name: "test", Workers: 1, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
		Reconcile: func(ctx context.Context, _ worker.Key) (worker.Result, error) {
			defer end()
			send(t, ctx, via, http.MethodPatch, "/apis/apps/v1/namespaces/default/replicasets/a/status")
			return worker.Result{}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Add(worker.Key{Name: "a"}, worker.Live)
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	want := []worker.Write{{Verb: "patch", Resource: "replicasets.apps/status", Code: 409, Count: 1}}
	if diff := cmp.Diff(want, w.Records(1)[0].Writes); diff != "" {
		t.Errorf("writes of the record (-want +got)\n%s", diff)
	}
}
