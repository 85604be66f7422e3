package app

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/pflag"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
)

// tracingOptions say which reconciles are traced, and where the traces go.
type tracingOptions struct {
	// Endpoint is the URL of an OTLP/HTTP receiver. Default: none, which turns tracing off.
	Endpoint string
	// SamplingRatio is the share of reconciles that are traced, from 0 to 1. Default: 1.
	SamplingRatio float64
}

func defaultTracingOptions() tracingOptions {
	return tracingOptions{SamplingRatio: 1}
}

func (o *tracingOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Endpoint, "tracing-endpoint", o.Endpoint, "URL of an OTLP/HTTP receiver of traces, such as http://127.0.0.1:4318. Empty means that nothing is traced.")
	flags.Float64Var(&o.SamplingRatio, "tracing-sampling-ratio", o.SamplingRatio, "The share of reconciles that are traced, from 0 to 1.")
}

func (o tracingOptions) validate() error {
	if !(o.SamplingRatio >= 0 && o.SamplingRatio <= 1) { // so that NaN is none
		return fmt.Errorf("--tracing-sampling-ratio: must be from 0 to 1, not %v", o.SamplingRatio)
	}
	if o.Endpoint == "" {
		return nil
	}
	endpoint, err := url.Parse(o.Endpoint)
	switch {
	case err != nil || endpoint.Hostname() == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https":
		return fmt.Errorf("--tracing-endpoint: must be an http or https URL such as http://127.0.0.1:4318, not %q", o.Endpoint)
	case endpoint.User != nil: // /flagz and /configz show it
		return errors.New("--tracing-endpoint: must not hold a user or password; OTEL_EXPORTER_OTLP_HEADERS in the environment can")
	case endpoint.RawQuery != "" || endpoint.Fragment != "":
		return fmt.Errorf("--tracing-endpoint: must have no query and no fragment, but is %q", o.Endpoint)
	}
	return nil
}

// tracesPath is where receivers take traces (https://opentelemetry.io/docs/specs/otlp/#otlphttp-request).
const tracesPath = "/v1/traces"

// receiver returns the exporter's options for the endpoint, which has been validated.
func (o tracingOptions) receiver() ([]otlptracehttp.Option, error) {
	endpoint, err := url.Parse(o.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("--tracing-endpoint: %w", err)
	}
	if endpoint.Path == "" || endpoint.Path == "/" {
		endpoint.Path = tracesPath
	}
	return []otlptracehttp.Option{otlptracehttp.WithEndpointURL(endpoint.String())}, nil
}
