package manager

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Writes counts what controllers write, in a metric and in the records of their reconciles.
type Writes struct {
	total *prometheus.CounterVec

	mu        sync.Mutex
	resources map[string]string // guarded by mu: those that have been written, each as it is kept
}

// NewWrites registers the metric.
func NewWrites(registerer prometheus.Registerer) (*Writes, error) {
	w := &Writes{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wheelhouse_writes_total",
			Help: "Writes that a controller sent to the API server, by verb, resource and the status code of the answer, which is <error> where none came.",
		}, []string{"controller", "verb", "resource", "code"}),
		resources: map[string]string{},
	}
	if err := registerer.Register(w.total); err != nil {
		return nil, fmt.Errorf("register metric of writes: %w", err)
	}
	return w, nil
}

// Count makes the writes known that the controller sends with clients of the config.
func (w *Writes) Count(controller string, config *rest.Config) {
	base := basePath(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return writingTripper{writes: w, controller: controller, base: base, next: next}
	})
}

// basePath returns the path at which the API server is.
func basePath(config *rest.Config) string {
	url, _, err := rest.DefaultServerUrlFor(config)
	if err != nil { // then no client can be made from it either
		return ""
	}
	return url.Path
}

// maxResources bounds the label: more than a cluster with many custom resources lets one process write.
const maxResources = 100

// label returns the resource, or "other" if there are too many already. What it returns is kept in records: it is no part of a path, all
// of which would be kept with it.
func (w *Writes) label(resource string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept, known := w.resources[resource]
	switch {
	case known:
		return kept
	case len(w.resources) == maxResources:
		return other
	}
	kept = strings.Clone(resource)
	w.resources[kept] = kept
	return kept
}

type writingTripper struct {
	writes           *Writes
	controller, base string
	next             http.RoundTripper
}

// WrappedRoundTripper lets client-go look through to the transport.
func (t writingTripper) WrappedRoundTripper() http.RoundTripper {
	return t.next
}

func (t writingTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	verb, resource, isWrite := writeOf(request.Method, request.URL.Path, t.base)
	response, err := t.next.RoundTrip(request)
	if isWrite {
		code := 0
		if err == nil {
			code = response.StatusCode
		}
		t.note(request, verb, t.writes.label(resource), code)
	}
	return response, err
}

func (t writingTripper) note(request *http.Request, verb, resource string, code int) {
	worker.NoteWrite(request.Context(), verb, resource, code)
	label := "<error>"
	switch {
	case http.StatusText(code) != "":
		label = strconv.Itoa(code)
	case code != 0: // which is no server's of ours, and could be any
		label = other
	}
	t.writes.total.WithLabelValues(t.controller, verb, resource, label).Inc()
}
