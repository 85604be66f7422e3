package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// dashboardPatience bounds how long it takes until all panels show something: some show rates over a minute.
const dashboardPatience = 3 * time.Minute

// Every query of every panel brings data of two replicas at work, one of which leads. The dashboard of one controller does so for ours and
// for somebody else's.
func TestDashboardsShowReplicasAtWork(t *testing.T) {
	client, ns := namespace(t)
	prometheus := cluster.StartPrometheus(t, scraper(t, client, ns), greeters(t, ns)...)
	cluster.Eventually(t, "both replicas to be scraped", func() bool {
		up, err := prometheus.Count("count(up == 1)")
		return err == nil && up == 2
	})
	strain(t, client, ns)
	empty := slices.Concat(queriesFor(t, "replicaset"), queriesFor(t, "greeter"))
	all := len(empty)
	defer func() { t.Logf("of %d queries these bring nothing: %q", all, empty) }()
	cluster.EventuallyWithin(t, dashboardPatience, "data for all panels", func() bool {
		empty = slices.DeleteFunc(empty, func(q chart.Query) bool { return brings(t, prometheus, q.Expression) })
		return len(empty) == 0 || t.Failed()
	})
	leaderCounts(t, prometheus)
	alertsTell(t, prometheus)
}

// leaderCounts waits until the panel of workers shows those of the leader alone. The standby has as many, who have nothing to do.
func leaderCounts(t *testing.T, prometheus cluster.Prometheus) {
	t.Helper()
	const byDefault = 5
	all := queriesFor(t, "replicaset")
	i := slices.IndexFunc(all, func(q chart.Query) bool {
		return q.Panel == "Workers" && strings.Contains(q.Expression, "wheelhouse_workers{")
	})
	if i < 0 {
		t.Fatal("no panel shows the workers")
	}
	cluster.EventuallyWithin(t, dashboardPatience, "the workers of the leader alone", func() bool {
		values, err := prometheus.Values(all[i].Expression)
		return err == nil && slices.Equal(values, []float64{byDefault})
	})
}

// strained are the alerts that what strain does would fire, were it to go on for long.
func strained() []string {
	return []string{"WheelhouseKeysBlocked", "WheelhouseKeysFailing", "WheelhousePanics"}
}

// The expressions of alerts, without the time for which they must hold, bring something for what is wrong, and for nothing else.
func alertsTell(t *testing.T, prometheus cluster.Prometheus) {
	t.Helper()
	var telling []string
	defer func() { t.Logf("alerts: %q", telling) }()
	cluster.EventuallyWithin(t, dashboardPatience, strings.Join(strained(), " and ")+" alone to tell", func() bool {
		telling = nil
		for name, expression := range alerts(t) {
			if brings(t, prometheus, expression) {
				telling = append(telling, name)
			}
		}
		slices.Sort(telling)
		return slices.Equal(telling, strained()) || t.Failed()
	})
}

// greeters runs two replicas with all controllers, greeter among them, and returns their addresses.
func greeters(t *testing.T, ns string) []string {
	t.Helper()
	var targets []string
	for range 2 {
		port := cluster.FreePort(t)
		p := cluster.OutOfTree(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect-resource-namespace", ns, "--greeter-panic-on=bad",
			"--bind-address=127.0.0.1", "--secure-port", port)
		p.WaitForLog(t, `greeter controller state .*"(Running|Standby)"`)
		targets = append(targets, "127.0.0.1:"+port)
	}
	return targets
}

// strain has the controllers roll out a change, be blocked by a quota, and fail.
func strain(t *testing.T, client kubernetes.Interface, ns string) {
	t.Helper()
	_, full := namespace(t)
	forbidPods(t, client, full)
	create(t, client, full, replicaSet("blocked", 3))
	for _, name := range []string{"bad", "good"} {
		greetable(t, client, ns, name)
	}
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitComplete()
	web.setImage("v2")
	web.awaitComplete()
}

// brings reports whether the query brings a number.
func brings(t *testing.T, prometheus cluster.Prometheus, query string) bool {
	t.Helper()
	brings, err := prometheus.Brings(query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
	}
	return brings
}

// queriesFor returns the queries of all panels, with everything chosen, and the controller.
func queriesFor(t *testing.T, controller string) []chart.Query {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(chart.Path(t), "dashboards", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("find dashboards: %v", err)
	}
	var list []chart.Query
	for _, path := range paths {
		list = append(list, chart.Queries(t, contentOf(t, path), "$namespace", ".*", "$job", "wheelhouse", "$controller", controller)...)
	}
	return list
}

// alerts returns the expressions of the alerts by their names.
func alerts(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(chart.Path(t), "alerts", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("find alerts: %v", err)
	}
	list := map[string]string{}
	for _, path := range paths {
		var file struct {
			Groups []struct {
				Rules []struct{ Alert, Expr string }
			}
		}
		if err := yaml.Unmarshal(contentOf(t, path), &file); err != nil {
			t.Fatalf("read %s: %v", path, err)
		}
		for _, group := range file.Groups {
			for _, rule := range group.Rules {
				list[rule.Alert] = rule.Expr
			}
		}
	}
	return list
}

func contentOf(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
