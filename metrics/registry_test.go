package metrics_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

// scrape returns what the registry's page answers.
func scrape(t *testing.T, page http.Handler) (status int, body string) {
	t.Helper()
	answer := httptest.NewRecorder()
	page.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	return answer.Code, answer.Body.String()
}

func TestPageTellsOfRuntimeProcessAndBuild(t *testing.T) {
	status, body := scrape(t, metrics.Handler(metrics.NewRegistry("v1.2.3"), zap.NewNop()))
	if status != http.StatusOK {
		t.Errorf("status %d, want 200", status)
	}
	for _, want := range []string{
		"go_goroutines ",
		"process_start_time_seconds ",
		`wheelhouse_build_info{version="v1.2.3"} 1`,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("the page has no line %q…", want)
		}
	}
}

func TestMetricsAreLintClean(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	client, err := metrics.NewClient(registry)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: "https://a.example.test", Transport: transport{}}
	client.Measure(config)
	send(t, config, "GET", "https://a.example.test/200")
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}

func TestRegistriesAreIndependent(t *testing.T) {
	first, second := metrics.NewRegistry("v1"), metrics.NewRegistry("v2")
	for _, registry := range []*metrics.Registry{first, second} {
		if _, err := metrics.NewClient(registry); err != nil {
			t.Fatal(err)
		}
		scrape(t, metrics.Handler(registry, zap.NewNop()))
	}
	_, body := scrape(t, metrics.Handler(first, zap.NewNop())) // a second page of one registry
	if !strings.Contains(body, `version="v1"`) || strings.Contains(body, `version="v2"`) {
		t.Error("the page of the first registry doesn't tell of its own version alone")
	}
}

var errNoValue = errors.New("the value can't be read")

// broken can't be collected.
type broken struct{}

func (broken) Describe(chan<- *prometheus.Desc) {}

func (broken) Collect(into chan<- prometheus.Metric) {
	into <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(errNoValue), errNoValue)
}

func TestBrokenMetricIsLoggedAndTheOthersAreServed(t *testing.T) {
	registry := metrics.NewRegistry("v1.2.3")
	registry.MustRegister(broken{})
	core, logged := observer.New(zapcore.DebugLevel)
	status, body := scrape(t, metrics.Handler(registry, zap.New(core)))
	if status != http.StatusOK || !strings.Contains(body, "wheelhouse_build_info") {
		t.Errorf("status %d, want 200 and the other metrics", status)
	}
	if logged.FilterMessageSnippet(errNoValue.Error()).Len() == 0 {
		t.Errorf("the log doesn't tell of the broken metric: %v", logged.All())
	}
}

// slow takes until it is told to end.
type slow struct{ proceed chan struct{} }

func (slow) Describe(chan<- *prometheus.Desc) {}

func (s slow) Collect(chan<- prometheus.Metric) { <-s.proceed }

func TestScrapesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, proceed := metrics.NewRegistry("v1.2.3"), make(chan struct{})
		registry.MustRegister(slow{proceed})
		page := metrics.Handler(registry, zap.NewNop())
		var running sync.WaitGroup
		for range 3 {
			running.Go(func() {
				if status, _ := scrape(t, page); status != http.StatusOK {
					t.Errorf("status of one of three scrapes at once is %d, want 200", status)
				}
			})
		}
		synctest.Wait()
		if status, _ := scrape(t, page); status != http.StatusServiceUnavailable {
			t.Errorf("status of a fourth scrape is %d, want 503", status)
		}
		close(proceed)
		running.Wait()
	})
}
