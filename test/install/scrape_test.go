package install

import (
	"net/url"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	monitored = `
serviceMonitor: {enabled: true, interval: 1s}
prometheusRule: {enabled: true}
dashboards: {enabled: true}
metricsReader: {create: true, subjects: [{kind: ServiceAccount, name: ` + scraper + `, namespace: `

	// scraper is the service account of Prometheus.
	scraper = "prometheus"
	// patience bounds how long it takes until all panels show something: some show rates over a minute.
	patience = 3 * time.Minute
)

// A Prometheus that is told by the release's ServiceMonitor whom to scrape, and has its rules, gets data for each panel of its dashboards.
func TestReleaseIsMonitored(t *testing.T) {
	client := shared.Client(t)
	ns := strict(t, client)
	defineMonitoring(t)
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: scraper}}
	if _, err := client.CoreV1().ServiceAccounts(ns).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	helm(t, ns, monitored+ns+"}]}", "install", chart.Release, chart.Path(t))
	t.Cleanup(func() { helm(t, ns, "", "uninstall", chart.Release) })
	replicas := []replica{runReplica(t, client, ns), runReplica(t, client, ns)}

	prometheus := cluster.RunPrometheus(t, newMonitoring(t, client, ns).config(replicas))
	cluster.Eventually(t, "both replicas to be scraped", func() bool {
		up, err := prometheus.Count(`count(up{job="wheelhouse"} == 1)`)
		return err == nil && up == 2
	})
	strain(t, client)
	awaitPanels(t, prometheus, ns)
	checkRules(t, prometheus)
}

// awaitPanels waits until each query of each dashboard that the release brings has brought a number.
func awaitPanels(t *testing.T, prometheus cluster.Prometheus, ns string) {
	t.Helper()
	empty := panels(t, ns)
	all := len(empty)
	defer func() { t.Logf("of %d queries these bring nothing: %q", all, empty) }()
	cluster.EventuallyWithin(t, patience, "data for all panels", func() bool {
		empty = slices.DeleteFunc(empty, func(q chart.Query) bool {
			brings, err := prometheus.Brings(q.Expression)
			return err == nil && brings
		})
		return len(empty) == 0
	})
}

// panels returns the queries of the dashboards where Grafana finds them.
func panels(t *testing.T, ns string) []chart.Query {
	t.Helper()
	boards, err := shared.Client(t).CoreV1().ConfigMaps(ns).List(t.Context(), metav1.ListOptions{LabelSelector: "grafana_dashboard"})
	if err != nil {
		t.Fatal(err)
	}
	var list []chart.Query
	for _, board := range boards.Items {
		for _, text := range board.Data {
			list = append(list, chart.Queries(t, []byte(text), "$namespace", ns, "$job", chart.Release, "$controller", "replicaset")...)
		}
	}
	if len(list) == 0 {
		t.Fatal("the release brings no dashboards")
	}
	return list
}

// checkRules sees to it that Prometheus can evaluate each of the release's alerts, and that none fires of replicas that are well.
func checkRules(t *testing.T, prometheus cluster.Prometheus) {
	t.Helper()
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError, State string }
		}
	}
	if err := prometheus.Get("rules", url.Values{}, &data); err != nil {
		t.Fatal(err)
	}
	var n int
	for _, group := range data.Groups {
		for _, rule := range group.Rules {
			n++
			if rule.Health != "ok" || rule.State == "firing" {
				t.Errorf("alert %s: %s, %s %s", rule.Name, rule.State, rule.Health, rule.LastError)
			}
		}
	}
	if n == 0 {
		t.Error("Prometheus has no rules")
	}
	t.Logf("%d alerts", n)
}
