package integration

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// spans are those that a receiver was sent by OTLP over HTTP.
type spans struct {
	mu       sync.Mutex
	names    map[string]string   // guarded by mu; by identity of the span
	children map[string][]string // guarded by mu: identities, by that of the parent
	keys     map[string]string   // guarded by mu: of reconciles, by identity
}

func (s *spans) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var sent coltracepb.ExportTraceServiceRequest
	if body, err := io.ReadAll(request.Body); err != nil || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, process := range sent.ResourceSpans {
		for _, scope := range process.ScopeSpans {
			for _, span := range scope.Spans {
				id, parent := fmt.Sprintf("%x", span.SpanId), fmt.Sprintf("%x", span.ParentSpanId)
				s.names[id] = scope.Scope.Name + ": " + span.Name
				s.children[parent] = append(s.children[parent], id)
				for _, a := range span.Attributes {
					if a.Key == "wheelhouse.key" {
						s.keys[id] = a.Value.GetStringValue()
					}
				}
			}
		}
	}
}

// below returns the names of the key's reconciles and of what they sent, each once, sorted.
func (s *spans) below(key string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := map[string]bool{}
	for id, of := range s.keys {
		if of != key {
			continue
		}
		names[s.names[id]] = true
		for _, child := range s.children[id] {
			names["  "+s.names[child]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// What a reconcile sends to the API server is below it in its trace.
func TestReconcilesAreTraced(t *testing.T) {
	client, ns := namespace(t)
	received := &spans{names: map[string]string{}, children: map[string][]string{}, keys: map[string]string{}}
	receiver := httptest.NewServer(received)
	defer receiver.Close()
	p := keepReplicaSets(t, shared.Kubeconfig, fast("--tracing-endpoint="+receiver.URL)...)
	create(t, client, ns, replicaSet("web", 2)).awaitAvailable(2)
	want := []string{"  replicaset: PATCH replicasets.apps/status", "  replicaset: POST pods", "replicaset: reconcile"}
	cluster.Eventually(t, "the spans", func() bool { return len(received.below(ns+"/web")) >= len(want) })
	// The first reconciles of a term read what earlier leaders may have left.
	got := slices.DeleteFunc(received.below(ns+"/web"), func(name string) bool {
		return name == "  replicaset: GET pods" || name == "  replicaset: GET replicasets.apps"
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got)\n%s", diff)
	}
	if p.HasLog("spans were lost") {
		t.Error("spans were lost")
	}
}
