package app

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// Bounds of what tracing may cost.
const (
	// maxQueuedSpans are kept for the receiver, a few megabytes; when it doesn't keep up, further ones are dropped.
	maxQueuedSpans = 4096
	maxBatch       = 512
	batchInterval  = 5 * time.Second
	// exportTimeout bounds how long one batch is tried, retries included.
	exportTimeout = 10 * time.Second
	// flushTimeout bounds how long the end of the process waits for the receiver. Leases have been released by then.
	flushTimeout = 5 * time.Second
	// maxAttribute is in bytes. What the API server says of a denied object fits.
	maxAttribute = 1024
)

// traces is where spans go. Nil is nowhere.
type traces struct {
	provider *sdktrace.TracerProvider
	exporter sdktrace.SpanExporter
	log      *zap.Logger
}

// traces returns nil if nothing is to be traced. Identity is that of the process. It starts nothing and sends nothing.
func (o tracingOptions) traces(identity string, log *zap.Logger) (*traces, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	receiver, err := o.receiver()
	if err != nil {
		return nil, err
	}
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = maxAttribute
	return &traces{
		provider: sdktrace.NewTracerProvider(
			sdktrace.WithResource(ourselves(identity)),
			sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.SamplingRatio))),
			sdktrace.WithRawSpanLimits(limits),
		),
		exporter: &quietExporter{SpanExporter: otlptracehttp.NewUnstarted(receiver...), log: log},
		log:      log,
	}, nil
}

// ourselves says whose spans they are, in the words of OpenTelemetry (https://opentelemetry.io/docs/specs/semconv/resource/service/).
func ourselves(identity string) *resource.Resource {
	return resource.NewSchemaless(
		attribute.String("service.name", programName),
		attribute.String("service.version", buildVersion()),
		attribute.String("service.instance.id", identity),
	)
}

// tracers returns what makes tracers, or nil.
func (t *traces) tracers() trace.TracerProvider {
	if t == nil {
		return nil
	}
	return t.provider
}

// observe makes spans of the requests that clients of the config send for the controller.
func (t *traces) observe(controller string, config *rest.Config) {
	if t != nil {
		manager.TraceRequests(t.provider.Tracer(controller), config)
	}
}

// start begins to send spans. What is returned sends those that are left.
func (t *traces) start() (stop func()) {
	if t == nil {
		return func() {}
	}
	t.provider.RegisterSpanProcessor(sdktrace.NewBatchSpanProcessor(t.exporter,
		sdktrace.WithMaxQueueSize(maxQueuedSpans), sdktrace.WithMaxExportBatchSize(maxBatch),
		sdktrace.WithBatchTimeout(batchInterval), sdktrace.WithExportTimeout(exportTimeout)))
	return t.stop
}

func (t *traces) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.log.Warn("the last spans could not be sent", zap.Error(fmt.Errorf("flush traces: %w", err)))
	}
}
