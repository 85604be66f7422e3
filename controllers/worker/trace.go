package worker

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// spanName is that of every reconcile: names of spans are few, what differs is in their attributes.
const spanName = "reconcile"

// Attributes of the span of a reconcile. Like those of a record, they are bounded in number and length.
const (
	controllerAttribute = attribute.Key("wheelhouse.controller")
	keyAttribute        = attribute.Key("wheelhouse.key")
	causesAttribute     = attribute.Key("wheelhouse.causes")
	omittedAttribute    = attribute.Key("wheelhouse.causes_omitted") // events that are not in the causes
	resultAttribute     = attribute.Key("wheelhouse.result")
	blockedAttribute    = attribute.Key("wheelhouse.blocked")
)

// unlessIdle returns nil for a tracer that is known to trace nothing, so that a host that traces nothing pays nothing.
func unlessIdle(tracer trace.Tracer) trace.Tracer {
	if _, idle := tracer.(noop.Tracer); idle {
		return nil
	}
	return tracer
}

// startSpan begins the span of a reconcile of the key, which the caller holds. The span is nil if there is no tracer.
func (w *Worker) startSpan(ctx context.Context, key Key) (context.Context, trace.Span) {
	if w.config.Tracer == nil {
		return ctx, nil
	}
	ctx, span := w.config.Tracer.Start(ctx, spanName)
	if span.IsRecording() {
		v := w.queue.visit(key)
		span.SetAttributes(controllerAttribute.String(w.config.Name), keyAttribute.String(key.String()))
		span.SetAttributes(v.attributes()...)
	}
	return ctx, span
}

// attributes returns why the key was queued.
func (v *visit) attributes() []attribute.KeyValue {
	var causes []string
	for _, cause := range v.why.list() {
		causes = append(causes, cause.String())
	}
	list := []attribute.KeyValue{causesAttribute.StringSlice(causes)}
	if n := v.why.omitted(); n > 0 {
		list = append(list, omittedAttribute.Int(n))
	}
	return list
}

// endSpan ends what startSpan began, with how the reconcile ended.
func endSpan(span trace.Span, r *record, blocked string, err error) {
	if span == nil {
		return
	}
	defer span.End()
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(resultAttribute.String(string(r.result)))
	if blocked != "" {
		span.SetAttributes(blockedAttribute.String(shortened(blocked)))
	}
	if err != nil {
		span.RecordError(errors.New(r.err)) // which is bounded in length
	}
	if r.result != succeeded && r.result != cutShort { // that a term ends is no failure of the reconcile
		span.SetStatus(codes.Error, r.err)
	}
}
