package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// The API server takes every rendering, without a warning, and the pods keep to the level "restricted".
func TestServerTakesEveryRendering(t *testing.T) {
	client := shared.Client(t)
	ns := strict(t, client)
	defineMonitoring(t)
	for _, account := range []string{"wheelhouse", "wheelhouse-test", "mine"} { // pods are refused until theirs is there
		shared.Kubectl(t, "-n", ns, "create", "serviceaccount", account)
	}
	shared.Apply(t, "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: r}, handler: r}")
	renderings := map[string]string{"everything by default": ""}
	for _, part := range chart.Parts() {
		renderings[part.Name] = part.Values
	}
	for _, names := range chart.Subsets() {
		renderings[strings.Join(names, " and ")] = chart.Controllers(names)
		renderings[strings.Join(names, " and ")+" by controller"] = chart.Controllers(names) + "leaderElection: {scope: controller}\nfence: {enabled: true}"
	}
	for name, values := range renderings {
		t.Run(name, func(t *testing.T) {
			text, err := chart.Template(t, "helm", chart.Path(t), values, "--namespace", ns)
			if err != nil {
				t.Fatal(err)
			}
			out := dryRun(t, text)
			restricted := !strings.Contains(values, "hostNetwork")
			if restricted == strings.Contains(out, "Warning") {
				t.Errorf("the API server says:\n%s", out)
			}
			if !restricted {
				return // the node's network is what "restricted" forbids
			}
			template := chart.As[appsv1.Deployment](t, chart.Find(t, chart.Objects(t, text), "Deployment")).Spec.Template
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "try", Labels: template.Labels, Annotations: template.Annotations}, Spec: template.Spec}
			if _, err := client.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
				t.Errorf("create a pod of the Deployment: %v", err)
			}
		})
	}
}

// dryRun has the API server check a manifest, and returns what it says.
func dryRun(t *testing.T, manifest string) string {
	t.Helper()
	binary, err := cluster.Binary("kubectl")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "--kubeconfig", shared.Kubeconfig, "apply", "--server-side", "--force-conflicts",
		"--dry-run=server", "--validate=strict", "-f", path).CombinedOutput()
	if err != nil {
		t.Errorf("kubectl apply: %v\n%s", err, out)
	}
	return string(out)
}
