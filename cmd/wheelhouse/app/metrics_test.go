package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/metrics"
)

// listMetrics returns the metrics that a program lists, by name.
func listMetrics(t *testing.T) map[string]metrics.Metric {
	t.Helper()
	got := execute([]controllers.Descriptor{alpha(), gamma()}, "metrics", "-o", "json")
	if got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.err)
	}
	var list []metrics.Metric
	if err := json.Unmarshal([]byte(got.out), &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]metrics.Metric{}
	for _, m := range list {
		byName[m.Name] = m
	}
	return byName
}

func TestMetricsAreListed(t *testing.T) {
	list := listMetrics(t)
	tests := map[string]struct {
		kind   string
		labels []string
	}{
		"leader_election_master_status":                   {"gauge", []string{"name"}},
		"rest_client_requests_total":                      {"counter", []string{"code", "host", "method"}}, // of which none was made
		"rest_client_request_duration_seconds":            {"histogram", []string{"host", "verb"}},
		"wheelhouse_build_info":                           {"gauge", []string{"version"}},
		"wheelhouse_controller_state":                     {"gauge", []string{"controller", "state"}},
		"wheelhouse_certificate_expiry_timestamp_seconds": {"gauge", []string{"use"}},
		"wheelhouse_writes_total":                         {"counter", []string{"code", "controller", "resource", "verb"}},
	}
	for name, want := range tests {
		got := list[name]
		if got.Help == "" {
			t.Errorf("%s has no meaning", name)
		}
		if diff := cmp.Diff(metrics.Metric{Name: name, Type: want.kind, Labels: want.labels, Help: got.Help}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// Names are forever: dashboards and alerts are made of them.
func TestMetricsAreOursOrBearKubernetesNames(t *testing.T) {
	families := []string{"wheelhouse_", "workqueue_", "leader_election_", "rest_client_"}
	for name, m := range listMetrics(t) {
		known := false
		for _, family := range families {
			known = known || strings.HasPrefix(name, family)
		}
		if !known {
			t.Errorf("%s belongs to none of %v", name, families)
		}
		if isCounter := m.Type == "counter"; isCounter != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %s", name, m.Type)
		}
	}
}

func TestMetricsInOtherFormats(t *testing.T) {
	for format, want := range map[string]string{
		"table":    "\nrest_client_requests_total ",
		"yaml":     "\n  name: rest_client_requests_total\n",
		"markdown": "\n| `rest_client_requests_total` | counter | code, host, method | Requests to the API server by status code, method and host. The code is &lt;error> where no answer came. |\n",
	} {
		got := execute([]controllers.Descriptor{alpha()}, "metrics", "-o", format)
		if !strings.Contains(got.out, want) {
			t.Errorf("-o %s writes no %q: %s%s", format, want, got.out, got.err)
		}
	}
	if got := execute([]controllers.Descriptor{alpha()}, "metrics", "-o", "xml"); got.status != 2 {
		t.Errorf("-o xml ends with status %d, want 2", got.status)
	}
}
