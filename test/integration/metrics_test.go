package integration

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// maxScrape is how large the page of metrics may be with all controllers at work.
const maxScrape = 300_000

// TestMetricsAreAsDocumented scrapes a leader that has all controllers and has made pods.
func TestMetricsAreAsDocumented(t *testing.T) {
	client, ns := namespace(t)
	p := wheelhouse(t, "--controllers=*", "--leader-elect", "--leader-elect-resource-namespace", ns)
	create(t, client, ns, replicaSet("web", 2)).awaitAvailable(2)
	begin := time.Now()
	_, page := p.Get("/metrics")
	t.Logf("%d bytes, %d series, in %v", len(page), strings.Count(page, "\n")-strings.Count(page, "# "), time.Since(begin).Round(time.Millisecond))
	if len(page) > maxScrape {
		t.Errorf("the page has %d bytes, want at most %d", len(page), maxScrape)
	}
	for _, name := range documented(t) {
		if !strings.Contains(page, "# TYPE "+name+" ") {
			t.Errorf("%s is not on the page", name)
		}
	}
	if complaints := cluster.CheckMetrics(t, page); complaints != "" {
		t.Errorf("promtool check metrics: %s", complaints)
	}
	for _, line := range []string{
		`wheelhouse_writes_total{code="201",controller="replicaset",resource="pods",verb="create"} 2`,
		`leader_election_master_status{name="wheelhouse"} 1`,
		`wheelhouse_terms_begun_total{name="wheelhouse"} 1`,
		`wheelhouse_controller_state{controller="deployment",state="Running"} 1`,
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("the page has no line %s", line)
		}
	}
}

// documented returns the names of the metrics that the program says it has.
func documented(t *testing.T) []string {
	t.Helper()
	var list []struct{ Name string }
	if err := json.Unmarshal([]byte(cluster.Output(t, "wheelhouse", "metrics", "-o", "json")), &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	return names
}
