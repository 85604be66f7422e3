package metrics_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// histograms returns those of the named metric by the values of their labels, sorted from the last label to the first.
func histograms(t *testing.T, registry *prometheus.Registry, name string) map[string]*dto.Histogram {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*dto.Histogram{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var values []string
			for _, label := range slices.Backward(metric.GetLabel()) {
				values = append(values, label.GetValue())
			}
			found[strings.Join(values, " ")] = metric.GetHistogram()
		}
	}
	return found
}

// read sends one request through a typed client.
func read(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	if _, err := client.CoreV1().Pods("ns").Get(t.Context(), "pod", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestRateLimit(t *testing.T) {
	tests := []struct {
		name     string
		qps      float32
		burst    int
		requests int
		takes    time.Duration
	}{
		{"as many as burst at once", 2, 3, 3, 0},
		{"then as many a second as QPS", 2, 3, 7, 2 * time.Second},
		{"negative QPS means no limit", -1, 3, 1000, 0},
		{"0 means client-go's 5 and 10", 0, 0, 20, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, config := measured(t, rest.Config{Host: "https://a.example.test", QPS: tt.qps, Burst: tt.burst})
				client, err := kubernetes.NewForConfig(config)
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				for range tt.requests {
					read(t, client)
				}
				if took := time.Since(begin).Round(time.Millisecond); took != tt.takes {
					t.Errorf("%d requests took %v, want %v", tt.requests, took, tt.takes)
				}
			})
		})
	}
}

func TestClientsOfOneConfigShareTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, config := measured(t, rest.Config{Host: "https://a.example.test", QPS: 1, Burst: 1})
		begin := time.Now()
		for range 3 {
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			read(t, client)
		}
		if took := time.Since(begin).Round(time.Millisecond); took != 2*time.Second {
			t.Errorf("3 requests of 3 clients took %v, want 2s", took)
		}
	})
}

// The host is named as in the other metrics, whatever the config calls it.
func TestWaitForTheLimitIsObserved(t *testing.T) {
	for _, host := range []string{"https://a.example.test:6443", "https://a.example.test:6443/prefix", "a.example.test:6443"} {
		t.Run(host, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				registry, config := measured(t, rest.Config{Host: host, QPS: 2, Burst: 1})
				client, err := kubernetes.NewForConfig(config)
				if err != nil {
					t.Fatal(err)
				}
				for range 3 { // of which the second and the third wait for 0.5s
					read(t, client)
				}
				got := map[string]string{}
				for labels, h := range histograms(t, registry, "rest_client_rate_limiter_duration_seconds") {
					got[labels] = fmt.Sprintf("%d in %.1fs", h.GetSampleCount(), h.GetSampleSum())
				}
				if diff := cmp.Diff(map[string]string{"a.example.test:6443": "3 in 1.0s"}, got); diff != "" {
					t.Errorf("waits by host (-want +got)\n%s", diff)
				}
				requests := slices.Collect(maps.Keys(histograms(t, registry, "rest_client_request_duration_seconds")))
				if diff := cmp.Diff([]string{"GET a.example.test:6443"}, requests); diff != "" {
					t.Errorf("requests by verb and host (-want +got)\n%s", diff)
				}
			})
		})
	}
}
