package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/protobuf/proto"
)

func TestTracingFlagsAreChecked(t *testing.T) {
	tests := []struct{ endpoint, ratio, want string }{
		{"", "1", ""},
		{"http://127.0.0.1:4318", "0", ""},
		{"https://traces.example/otlp/v1/traces", "0.5", ""},
		{"127.0.0.1:4318", "1", `--tracing-endpoint: must be an http or https URL such as http://127.0.0.1:4318, not "127.0.0.1:4318"`},
		{"grpc://a:4317", "1", `--tracing-endpoint: must be an http or https URL such as http://127.0.0.1:4318, not "grpc://a:4317"`},
		{"http://:4318", "1", `--tracing-endpoint: must be an http or https URL such as http://127.0.0.1:4318, not "http://:4318"`},
		{"http://me:secret@a", "1", "--tracing-endpoint: must not hold a user or password; OTEL_EXPORTER_OTLP_HEADERS in the environment can"},
		{"http://a?b=c", "1", `--tracing-endpoint: must have no query and no fragment, but is "http://a?b=c"`},
		{"", "1.1", "--tracing-sampling-ratio: must be from 0 to 1, not 1.1"},
		{"", "-0.1", "--tracing-sampling-ratio: must be from 0 to 1, not -0.1"},
		{"", "NaN", "--tracing-sampling-ratio: must be from 0 to 1, not NaN"},
	}
	for _, tt := range tests {
		got := ""
		if err := tracingFlags(t, tt.endpoint, tt.ratio).validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("endpoint %q and ratio %s: error %q, want %q", tt.endpoint, tt.ratio, got, tt.want)
		}
	}
}

func tracingFlags(t *testing.T, endpoint, ratio string) tracingOptions {
	t.Helper()
	o := defaultTracingOptions()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	o.addFlags(flags)
	if err := flags.Parse([]string{"--tracing-endpoint=" + endpoint, "--tracing-sampling-ratio=" + ratio}); err != nil {
		t.Fatal(err)
	}
	return o
}

// receiver takes traces by OTLP over HTTP.
type receiver struct {
	mu    sync.Mutex
	paths []string          // guarded by mu
	spans []string          // guarded by mu
	of    map[string]string // guarded by mu: the attributes of the process
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	var sent coltracepb.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &sent); err != nil {
		return // the test will miss the spans
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, request.URL.Path)
	for _, process := range sent.ResourceSpans {
		for _, a := range process.Resource.Attributes {
			r.of[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range process.ScopeSpans {
			for _, s := range scope.Spans {
				r.spans = append(r.spans, scope.Scope.Name+": "+s.Name)
			}
		}
	}
}

func TestSpansReachTheReceiverBeforeTheEnd(t *testing.T) {
	got := &receiver{of: map[string]string{}}
	server := httptest.NewServer(got)
	defer server.Close()
	traces, err := tracingFlags(t, server.URL, "1").traces("me", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	stop := traces.start()
	_, span := traces.tracers().Tracer("replicaset").Start(t.Context(), "reconcile")
	span.End()
	stop()
	if diff := cmp.Diff([]string{"replicaset: reconcile"}, got.spans); diff != "" {
		t.Errorf("spans (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/v1/traces"}, got.paths); diff != "" {
		t.Errorf("paths (-want +got)\n%s", diff)
	}
	want := map[string]string{"service.name": "wheelhouse", "service.version": buildVersion(), "service.instance.id": "me"}
	for name, value := range want {
		if got.of[name] != value {
			t.Errorf("%s is %q, want %q", name, got.of[name], value)
		}
	}
}

func TestNothingIsSampledAtRatioZero(t *testing.T) {
	traces, err := tracingFlags(t, "http://127.0.0.1:4318", "0").traces("me", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer traces.start()()
	_, span := traces.tracers().Tracer("a").Start(t.Context(), "reconcile")
	defer span.End()
	if span.IsRecording() {
		t.Error("a span is recorded")
	}
}

func TestWithoutEndpointNothingIsTraced(t *testing.T) {
	traces, err := tracingFlags(t, "", "1").traces("me", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer traces.start()()
	if traces.tracers() != nil {
		t.Error("there is a provider of tracers")
	}
}

// failing is an exporter whose receiver is away.
type failing struct{ sdktrace.SpanExporter }

func (failing) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	return errors.New("connection refused")
}

// hanging is an exporter whose receiver doesn't answer.
type hanging struct{ sdktrace.SpanExporter }

func (hanging) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestLostSpansAreToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.WarnLevel)
		exporter := &quietExporter{SpanExporter: failing{}, log: zap.New(core)}
		spans := tracetest.SpanStubs{{Name: "a"}, {Name: "b"}}.Snapshots()
		for range 13 { // as many as begin in a minute
			if err := exporter.ExportSpans(t.Context(), spans); err != nil {
				t.Errorf("ExportSpans returned %v, which OpenTelemetry would write to standard error", err)
			}
			time.Sleep(lossInterval / 12)
		}
		var told []any
		for _, entry := range logs.All() {
			told = append(told, entry.ContextMap()["spans"])
		}
		if diff := cmp.Diff([]any{int64(2), int64(24)}, told); diff != "" {
			t.Errorf("spans in the lines of the log (-want +got)\n%s", diff)
		}
	})
}

func TestEndWaitsForTheReceiverForABoundedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.WarnLevel)
		traces := &traces{provider: sdktrace.NewTracerProvider(), exporter: hanging{tracetest.NewNoopExporter()}, log: zap.New(core)}
		stop := traces.start()
		_, span := traces.tracers().Tracer("a").Start(t.Context(), "reconcile")
		span.End()
		began := time.Now()
		stop()
		if took := time.Since(began); took != flushTimeout {
			t.Errorf("stop took %v, want %v", took, flushTimeout)
		}
		if n := logs.FilterMessage("the last spans could not be sent").Len(); n != 1 {
			t.Errorf("the log says %d times that spans could not be sent, want once: %v", n, logs.All())
		}
		time.Sleep(exportTimeout) // until OpenTelemetry's goroutine has given up, too
	})
}
