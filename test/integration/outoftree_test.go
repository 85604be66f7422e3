package integration

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// outOfTree runs the program with somebody else's controllers.
func outOfTree(t *testing.T, args ...string) *cluster.Process {
	t.Helper()
	binary, err := cluster.Binary("outoftree")
	if err != nil {
		t.Fatal(err)
	}
	return cluster.Start(t, binary, append([]string{
		"--status-port", cluster.FreePort(t), "--kubeconfig", shared.Kubeconfig, "--leader-elect=false"}, args...)...)
}

func TestForeignControllerRunsBesideOurs(t *testing.T) {
	client, ns := namespace(t)
	p := outOfTree(t, "--controllers=podsync,greeter", "--greeter-greeting=Welcome", "--greeter-panic-on=bad")
	p.WaitForLog(t, `greeter controller state .*"Running"`)
	for _, name := range []string{"bad", "good"} {
		_, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"example.com/greet": "world"}},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
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

func TestPanicOfOneControllerLeavesTheOthersAlone(t *testing.T) {
	client, ns := namespace(t)
	p := outOfTree(t, "--controllers=crasher,greeter", "--crasher-configmap", "crash-"+ns)
	p.WaitForLog(t, `crasher controller state .*"Running"`)
	create := func(name string) {
		_, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"example.com/greet": "world"}},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	create("crash-" + ns)
	p.WaitForLog(t, `crasher controller failed .*"Backoff"`)
	create("meanwhile")
	cluster.Eventually(t, "a configmap to be greeted while the other controller fails", func() bool {
		cm, err := client.CoreV1().ConfigMaps(ns).Get(t.Context(), "meanwhile", metav1.GetOptions{})
		return err == nil && cm.Annotations["example.com/greeting"] != ""
	})
	if state, err := p.Metric(`wheelhouse_controller_state{controller="greeter",state="Running"}`); err != nil || state != 1 {
		t.Errorf("greeter's state Running is %v (%v), want 1", state, err)
	}
	if err := client.CoreV1().ConfigMaps(ns).Delete(t.Context(), "crash-"+ns, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the failed controller to run again", func() bool {
		state, err := p.Metric(`wheelhouse_controller_state{controller="crasher",state="Running"}`)
		return err == nil && state == 1
	})
}
