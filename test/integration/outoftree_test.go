package integration

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func TestForeignControllerRunsBesideOurs(t *testing.T) {
	client, ns := namespace(t)
	p := cluster.OutOfTree(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect=false", "--controllers=podsync,greeter", "--greeter-greeting=Welcome", "--greeter-panic-on=bad")
	p.WaitForLog(t, `greeter controller state .*"Running"`)
	for _, name := range []string{"bad", "good"} {
		greetable(t, client, ns, name)
	}
	cluster.Eventually(t, "the good configmap to be greeted", func() bool {
		cm, err := client.CoreV1().ConfigMaps(ns).Get(t.Context(), "good", metav1.GetOptions{})
		return err == nil && cm.Annotations["example.com/greeting"] == "Welcome, world!"
	})
	p.WaitForLog(t, `greeter reconcile failed .*panic: `)
	cluster.Eventually(t, "the panic to be counted", func() bool {
		n, err := p.Metric(`wheelhouse_reconciles_total{controller="greeter",result="panic"}`)
		return err == nil && n > 1
	})
	if code, body := p.Get("/readyz"); code != 200 {
		t.Errorf("readyz = %d %s", code, body)
	}
	if !p.Running() {
		t.Error("the process has ended")
	}
}

// greetable creates a ConfigMap for greeter.
func greetable(t *testing.T, client kubernetes.Interface, ns, name string) {
	t.Helper()
	_, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"example.com/greet": "world"}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}
