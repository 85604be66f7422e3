// Package install tests the chart on a real API server: that it takes what Helm renders, that a release can be installed, upgraded,
// rolled back and removed, and that the roles are what the program needs, and no more.
//
// There is no kubelet: a pod is Running without a container. Where the program has to run, a test runs it beside the cluster, with the
// pod's arguments and the pod's token.
package install

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// shared is the one cluster of this package's tests, set by TestMain.
var shared *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Run(m, func(c *cluster.Cluster) { shared = c }, "--nodes", "2", "--audit"))
}

// operator is the module whose definitions of ServiceMonitor and the like the cluster gets.
const operator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

// defineMonitoring makes the kinds of the Prometheus operator known, as its own release defines them.
func defineMonitoring(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", operator).Output()
	if err != nil {
		t.Fatalf("download %s: %v\n%s", operator, err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"servicemonitors", "podmonitors", "prometheusrules"} {
		path := filepath.Join(module.Dir, "example", "prometheus-operator-crd", "monitoring.coreos.com_"+kind+".yaml")
		shared.Kubectl(t, "apply", "--server-side", "-f", path)
		shared.Kubectl(t, "wait", "--for=condition=Established", "--timeout=60s", "-f", path)
	}
}

// helm runs Helm 4 for the release in the namespace, as the administrator.
func helm(t *testing.T, ns, values string, args ...string) string {
	t.Helper()
	args = append(args, "--kubeconfig", shared.Kubeconfig, "--namespace", ns)
	run := func() (string, error) { return chart.Helm(t, "helm", args...) }
	if values != "" {
		run = func() (string, error) { return chart.WithValues(t, "helm", values, args...) }
	}
	out, err := run()
	if err != nil {
		t.Fatalf("helm %q: %v\n%s", args, err, out)
	}
	return out
}

// strict makes a namespace where pods must keep to the level "restricted".
func strict(t *testing.T, client kubernetes.Interface) string {
	t.Helper()
	ns := cluster.Namespace(t, client)
	shared.Kubectl(t, "label", "namespace", ns, "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted")
	return ns
}
