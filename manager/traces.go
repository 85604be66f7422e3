package manager

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"k8s.io/client-go/rest"
)

// Attributes of a request, as OpenTelemetry names them
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
const (
	methodAttribute    = attribute.Key("http.request.method")
	codeAttribute      = attribute.Key("http.response.status_code")
	pathAttribute      = attribute.Key("url.path")
	serverAttribute    = attribute.Key("server.address")
	errorTypeAttribute = attribute.Key("error.type")
)

// TraceRequests makes a span of each request that is sent with clients of the config in the context of another span, as its child. The
// API server is told of it and can continue the trace. Other requests, those of informers among them, pass as they are.
func TraceRequests(tracer trace.Tracer, config *rest.Config) {
	base := basePath(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return tracingTripper{tracer: tracer, base: base, next: next}
	})
}

type tracingTripper struct {
	tracer trace.Tracer
	base   string // the path at which the API server is
	next   http.RoundTripper
}

// WrappedRoundTripper lets client-go look through to the transport.
func (t tracingTripper) WrappedRoundTripper() http.RoundTripper {
	return t.next
}

// RoundTrip ends the span when the answer begins: a watch or a log would keep it open for hours.
func (t tracingTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	if !trace.SpanContextFromContext(request.Context()).IsValid() {
		return t.next.RoundTrip(request)
	}
	resource, _ := resourceAt(strings.TrimPrefix(request.URL.Path, strings.TrimSuffix(t.base, "/")))
	ctx, span := t.tracer.Start(request.Context(), request.Method+" "+resource, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	request = request.Clone(ctx) // a round tripper must not change what it is given
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(request.Header))
	if span.IsRecording() {
		span.SetAttributes(methodAttribute.String(request.Method), pathAttribute.String(request.URL.Path),
			serverAttribute.String(request.URL.Hostname()))
	}
	response, err := t.next.RoundTrip(request)
	noteAnswer(span, response, err)
	return response, err
}

// maxErrorText is how many bytes a span tells of an error.
const maxErrorText = 512

// noteAnswer says in the span how the request ended. What the caller may expect, such as 404 or 409, is an error of the request all
// the same.
func noteAnswer(span trace.Span, response *http.Response, err error) {
	switch {
	case !span.IsRecording():
	case err != nil:
		text := err.Error()
		text = strings.ToValidUTF8(text[:min(len(text), maxErrorText)], "")
		span.RecordError(errors.New(text))
		span.SetStatus(codes.Error, text)
	case response.StatusCode >= http.StatusBadRequest:
		span.SetAttributes(codeAttribute.Int(response.StatusCode), errorTypeAttribute.String(strconv.Itoa(response.StatusCode)))
		span.SetStatus(codes.Error, http.StatusText(response.StatusCode))
	default:
		span.SetAttributes(codeAttribute.Int(response.StatusCode))
	}
}
