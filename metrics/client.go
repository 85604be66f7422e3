package metrics

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
)

// durations are bucket bounds in seconds, for one request (1 ms) up to a long wait (10 min).
var durations = [...]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}

// Client measures the requests that a process makes to the API server. The metrics have the names that
// kube-controller-manager gives them (https://kubernetes.io/docs/reference/instrumentation/metrics/). They are taken where
// the request passes, because client-go's own hooks are global and belong to whoever is first in a process.
type Client struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	limiter  *prometheus.HistogramVec
}

// NewClient registers the metrics.
func NewClient(registerer prometheus.Registerer) (*Client, error) {
	c := &Client{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rest_client_requests_total",
			Help: "Requests to the API server by status code, method and host. The code is <error> where no answer came.",
		}, []string{"code", "method", "host"}),
		duration: histogram("rest_client_request_duration_seconds", "Time until the head of the API server's answer.", "verb", "host"),
		limiter:  histogram("rest_client_rate_limiter_duration_seconds", "How long requests waited for the client's own rate limit.", "host"),
	}
	for _, collector := range []prometheus.Collector{c.requests, c.duration, c.limiter} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("register client metrics: %w", err)
		}
	}
	return c, nil
}

func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: durations[:],
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  100, // bounds the memory of one histogram
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
}

// Measure makes the config's clients report here, and gives them a rate limiter of config.QPS and config.Burst that they
// share. As everywhere in client-go, 0 stands for its defaults, and a negative QPS for no limit.
func (c *Client) Measure(config *rest.Config) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper{client: c, next: next}
	})
	if config.QPS < 0 { // for which a token bucket would never be filled again
		return
	}
	qps, burst := cmp.Or(config.QPS, rest.DefaultQPS), cmp.Or(config.Burst, rest.DefaultBurst)
	config.RateLimiter = rateLimiter{
		RateLimiter: flowcontrol.NewTokenBucketRateLimiter(qps, burst),
		waited:      c.limiter.WithLabelValues(hostOf(config)),
	}
}

func hostOf(config *rest.Config) string {
	url, _, err := rest.DefaultServerUrlFor(config)
	if err != nil { // then no client can be made from it either
		return config.Host
	}
	return url.Host
}

type roundTripper struct {
	client *Client
	next   http.RoundTripper
}

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	start := time.Now()
	response, err := r.next.RoundTrip(request)
	host := request.URL.Host
	r.client.duration.WithLabelValues(request.Method, host).Observe(time.Since(start).Seconds())
	code := "<error>"
	if err == nil {
		code = strconv.Itoa(response.StatusCode)
	}
	r.client.requests.WithLabelValues(code, request.Method, host).Inc()
	return response, err
}

// WrappedRoundTripper lets client-go look through to the transport.
func (r roundTripper) WrappedRoundTripper() http.RoundTripper {
	return r.next
}

type rateLimiter struct {
	flowcontrol.RateLimiter
	waited prometheus.Observer
}

func (l rateLimiter) Wait(ctx context.Context) error {
	start := time.Now()
	err := l.RateLimiter.Wait(ctx)
	l.waited.Observe(time.Since(start).Seconds())
	return err
}
