package integration

import (
	"slices"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// scraper returns a token with which /metrics may be read, and nothing else.
func scraper(t *testing.T, client kubernetes.Interface, ns string) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "prometheus"}}
	if _, err := client.CoreV1().ServiceAccounts(ns).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	role := "scraper-of-" + ns
	shared.Kubectl(t, "create", "clusterrole", role, "--verb=get", "--non-resource-url=/metrics")
	shared.Kubectl(t, "create", "clusterrolebinding", role, "--clusterrole="+role, "--serviceaccount="+ns+":prometheus")
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrole/"+role, "clusterrolebinding/"+role) })
	token, err := client.CoreV1().ServiceAccounts(ns).CreateToken(t.Context(), "prometheus", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return token.Status.Token
}

// A Prometheus scrapes leader and standby over TLS, with a token of the cluster, and gets every metric that is documented.
func TestPrometheusScrapesReplicas(t *testing.T) {
	client, ns := namespace(t)
	var targets []string
	for range 2 {
		port := cluster.FreePort(t)
		p := cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect-resource-namespace", ns,
			"--bind-address=127.0.0.1", "--secure-port", port)
		p.WaitForLog(t, `replicaset controller state .*"(Running|Standby)"`)
		targets = append(targets, "127.0.0.1:"+port)
	}
	prometheus := cluster.StartPrometheus(t, scraper(t, client, ns), targets...)
	cluster.Eventually(t, "both replicas to be scraped", func() bool {
		up, err := prometheus.Count("count(up == 1)")
		return err == nil && up == 2
	})
	exercise(t, client, ns)
	all := documented(t)
	var missing []string
	has := func(name string) bool {
		for _, series := range []string{name, name + "_count"} {
			if n, err := prometheus.Count("count(" + series + ")"); err == nil && n > 0 {
				return true
			}
		}
		return false
	}
	cluster.Eventually(t, "all documented metrics", func() bool {
		missing = slices.DeleteFunc(slices.Clone(all), has)
		return len(missing) == 0 || t.Failed()
	})
	if leaders, err := prometheus.Count("sum(leader_election_master_status)"); err != nil || leaders != 1 {
		t.Errorf("%v replicas lead (%v), want 1", leaders, err)
	}
	t.Logf("%d documented metrics, missing %v", len(all), missing)
}

// exercise lets the controllers do something: what nobody has done yet, no metric shows.
func exercise(t *testing.T, client kubernetes.Interface, ns string) {
	t.Helper()
	web := create(t, client, ns, replicaSet("web", 2))
	web.awaitAvailable(2)
	web.scale(0)
	web.awaitAvailable(0)
}
