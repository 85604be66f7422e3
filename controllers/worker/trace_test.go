package worker_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// traced returns a worker's tracer and where its spans are kept.
func traced(options ...sdktrace.TracerProviderOption) (func(*worker.Config), *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(append(options, sdktrace.WithSpanProcessor(spans))...)
	return func(c *worker.Config) { c.Tracer = provider.Tracer("test") }, spans
}

// seenSpan is what a test looks at in one.
type seenSpan struct {
	Name       string
	Attributes map[string]any
	Status     sdktrace.Status
	Events     []string
}

func spanOf(s sdktrace.ReadOnlySpan) seenSpan {
	seen := seenSpan{Name: s.Name(), Attributes: map[string]any{}, Status: s.Status()}
	for _, a := range s.Attributes() {
		seen.Attributes[string(a.Key)] = a.Value.AsInterface()
	}
	for _, e := range s.Events() {
		seen.Events = append(seen.Events, e.Name)
	}
	return seen
}

func TestReconcileIsASpan(t *testing.T) {
	tests := []struct {
		name      string
		reconcile func() (worker.Result, error)
		result    string
		blocked   string
		status    sdktrace.Status
		events    []string
	}{
		{name: "success", result: "success", reconcile: func() (worker.Result, error) { return worker.Result{}, nil }},
		{name: "blocked", result: "success", blocked: "quota",
			reconcile: func() (worker.Result, error) { return worker.Result{Blocked: "quota"}, nil }},
		{name: "error", result: "error", status: sdktrace.Status{Code: codes.Error, Description: "full"}, events: []string{"exception"},
			reconcile: func() (worker.Result, error) { return worker.Result{}, errors.New("full") }},
		{name: "panic", result: "panic", status: sdktrace.Status{Code: codes.Error, Description: "panic: full"}, events: []string{"exception"},
			reconcile: func() (worker.Result, error) { panic("full") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tracer, spans := traced()
				var inside trace.SpanContext
				f := newWorker(t, func(ctx context.Context, _ worker.Key) (worker.Result, error) {
					inside = trace.SpanContextFromContext(ctx)
					return tt.reconcile()
				}, tracer)
				f.AddBecause(worker.Cause{Event: worker.Updated, Kind: "Pod", Object: worker.Ref{Namespace: "a", Name: "b-1"}, Count: 2},
					worker.Key{Namespace: "a", Name: "b"}, worker.Live)
				ctx, end := context.WithCancel(t.Context())
				ended := f.start(t, ctx)
				synctest.Wait()
				seen := spans.Ended()
				end()
				<-ended
				if len(seen) != 1 {
					t.Fatalf("%d spans have ended, want 1", len(seen))
				}
				want := seenSpan{Name: "reconcile", Status: tt.status, Events: tt.events, Attributes: map[string]any{
					"wheelhouse.controller": "test", "wheelhouse.key": "a/b", "wheelhouse.result": tt.result,
					"wheelhouse.causes": []string{"update of Pod a/b-1 (2 times)"},
				}}
				if tt.blocked != "" {
					want.Attributes["wheelhouse.blocked"] = tt.blocked
				}
				if diff := cmp.Diff(want, spanOf(seen[0])); diff != "" {
					t.Errorf("span (-want +got)\n%s", diff)
				}
				if !inside.Equal(seen[0].SpanContext()) {
					t.Errorf("the reconcile's context carries span %v, want %v", inside.SpanID(), seen[0].SpanContext().SpanID())
				}
			})
		})
	}
}

// A term that ends is no failure of the reconcile that it cuts short.
func TestSpanOfAReconcileThatIsCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracer, spans := traced()
		f := newWorker(t, func(ctx context.Context, _ worker.Key) (worker.Result, error) {
			<-ctx.Done()
			return worker.Result{}, ctx.Err()
		}, tracer)
		f.Add(worker.Key{Name: "a"}, worker.Live)
		ctx, end := context.WithCancel(t.Context())
		ended := f.start(t, ctx)
		synctest.Wait()
		end()
		<-ended
		seen := spans.Ended()
		if len(seen) != 1 {
			t.Fatalf("%d spans have ended, want 1", len(seen))
		}
		got := spanOf(seen[0])
		if got.Attributes["wheelhouse.result"] != "cancelled" || got.Status.Code != codes.Unset {
			t.Errorf("span has result %v and status %v, want cancelled and none", got.Attributes["wheelhouse.result"], got.Status.Code)
		}
	})
}

func TestReconcileWithoutATracerHasNoSpan(t *testing.T) {
	for name, tracer := range map[string]trace.Tracer{"none": nil, "one that traces nothing": noop.Tracer{}} {
		t.Run(name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			f := newWorker(t, func(ctx context.Context, _ worker.Key) (worker.Result, error) {
				defer end()
				if trace.SpanContextFromContext(ctx).IsValid() {
					t.Error("the reconcile's context carries a span")
				}
				return worker.Result{}, nil
			}, func(c *worker.Config) { c.Tracer = tracer })
			f.Add(worker.Key{Name: "a"}, worker.Live)
			<-f.start(t, ctx)
		})
	}
}
