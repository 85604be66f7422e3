package manager_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// hearing is an API server that keeps the headers it gets.
type hearing struct {
	answering
	headers []http.Header
}

func (h *hearing) RoundTrip(request *http.Request) (*http.Response, error) {
	h.headers = append(h.headers, request.Header)
	return h.answering.RoundTrip(request)
}

// tracing returns the transport of a traced controller, its tracer, and where the spans are kept.
func tracing(server http.RoundTripper) (http.RoundTripper, trace.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("replicaset")
	config := &rest.Config{Host: "https://api.example/behind"}
	manager.TraceRequests(tracer, config)
	return config.WrapTransport(server), tracer, spans
}

func TestRequestWithinAReconcileIsAChild(t *testing.T) {
	server := &hearing{answering: 201}
	via, tracer, spans := tracing(server)
	ctx, end := context.WithCancel(t.Context())
	w, err := worker.New(worker.Config{
		Name: "replicaset", Workers: 1, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Tracer: tracer,
		Reconcile: func(ctx context.Context, _ worker.Key) (worker.Result, error) {
			defer end()
			send(t, ctx, via, http.MethodPost, "/behind/api/v1/namespaces/default/pods")
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
	seen := spans.Ended()
	if len(seen) != 2 {
		t.Fatalf("%d spans have ended, want that of the request and that of the reconcile", len(seen))
	}
	request, reconcile := seen[0], seen[1]
	if request.Name() != "POST pods" || request.SpanKind() != trace.SpanKindClient {
		t.Errorf("the request's span is %q of kind %v, want POST pods of kind client", request.Name(), request.SpanKind())
	}
	if request.Parent().SpanID() != reconcile.SpanContext().SpanID() {
		t.Errorf("the request's span has parent %v, want the reconcile %v", request.Parent().SpanID(), reconcile.SpanContext().SpanID())
	}
	want := []attribute.KeyValue{
		attribute.String("http.request.method", "POST"), attribute.String("url.path", "/behind/api/v1/namespaces/default/pods"),
		attribute.String("server.address", "api.example"), attribute.Int("http.response.status_code", 201),
	}
	if diff := cmp.Diff(want, request.Attributes(), cmp.Comparer(func(a, b attribute.KeyValue) bool { return a == b })); diff != "" {
		t.Errorf("attributes (-want +got)\n%s", diff)
	}
	heard := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(t.Context(), propagation.HeaderCarrier(server.headers[0])))
	if heard.SpanID() != request.SpanContext().SpanID() || heard.TraceID() != reconcile.SpanContext().TraceID() || !heard.IsSampled() {
		t.Errorf("the API server was told of %v of trace %v, want %v, sampled", heard.SpanID(), heard.TraceID(), request.SpanContext().SpanID())
	}
}

func TestRequestOutsideOfASpanIsNone(t *testing.T) {
	server := &hearing{answering: 200}
	via, _, spans := tracing(server)
	send(t, t.Context(), via, http.MethodGet, "/behind/api/v1/pods?watch=true")
	if n := len(spans.Started()); n != 0 {
		t.Errorf("%d spans were started, want none", n)
	}
	if got := server.headers[0].Get("traceparent"); got != "" {
		t.Errorf("traceparent is %q, want none", got)
	}
}

// Names of objects are not in the names of spans, and an answer that is an error makes one of the span.
func TestSpansOfRequests(t *testing.T) {
	for code, status := range map[answering]sdktrace.Status{
		200: {},
		409: {Code: codes.Error, Description: "Conflict"},
		0:   {Code: codes.Error, Description: "connection refused"},
	} {
		via, tracer, spans := tracing(code)
		ctx, parent := tracer.Start(t.Context(), "parent")
		send(t, ctx, via, http.MethodPatch, "/behind/apis/apps/v1/namespaces/secret/deployments/hidden/status")
		parent.End()
		got := spans.Ended()[0]
		if got.Name() != "PATCH deployments.apps/status" {
			t.Errorf("name of the span is %q, want PATCH deployments.apps/status", got.Name())
		}
		if diff := cmp.Diff(status, got.Status()); diff != "" {
			t.Errorf("answer %d: status (-want +got)\n%s", code, diff)
		}
	}
}

func TestTraceRequestsLeavesTheRequestAlone(t *testing.T) {
	via, tracer, _ := tracing(answering(200))
	ctx, parent := tracer.Start(t.Context(), "parent")
	defer parent.End()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example/behind/api/v1/pods", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := via.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // it can't fail
	if len(request.Header) != 0 {
		t.Errorf("the caller's request has got headers: %v", request.Header)
	}
}

func TestControllersGetATracer(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	for name, tracers := range map[string]trace.TracerProvider{"off": nil, "on": provider} {
		t.Run(name, func(t *testing.T) {
			var got trace.Tracer
			c := config(controllers.Descriptor{Name: "alpha", New: func(env controllers.Env) (controllers.Controller, error) {
				got = env.Tracer
				return run(func(ctx context.Context) error { <-ctx.Done(); return nil }), nil
			}})
			c.Tracers = tracers
			m, err := manager.New(c)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if got == nil {
				t.Fatal("Env has no tracer")
			}
			_, span := got.Start(t.Context(), "a")
			span.End()
		})
	}
	if seen := spans.Ended(); len(seen) != 1 || seen[0].InstrumentationScope().Name != "alpha" {
		t.Errorf("spans %v, want one whose tracer bears the controller's name", seen)
	}
}
