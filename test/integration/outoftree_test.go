package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

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
		"--status-port", cluster.FreePort(t), "--secure-port", "0", "--kubeconfig", shared.Kubeconfig, "--leader-elect=false"}, args...)...)
}

func TestForeignControllerRunsBesideOurs(t *testing.T) {
	client, ns := namespace(t)
	p := outOfTree(t, "--controllers=podsync,greeter", "--greeter-greeting=Welcome", "--greeter-panic-on=bad")
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

func TestPanicOfOneControllerLeavesTheOthersAlone(t *testing.T) {
	client, ns := namespace(t)
	p := outOfTree(t, "--controllers=crasher,greeter", "--crasher-configmap", "crash-"+ns)
	p.WaitForLog(t, `crasher controller state .*"Running"`)
	usual := greetAll(t, client, ns, p, "before")
	greetable(t, client, ns, "crash-"+ns)
	p.WaitForLog(t, `crasher controller failed .*"Backoff"`)
	meanwhile := greetAll(t, client, ns, p, "meanwhile")
	t.Logf("a configmap takes %v, and %v while the other controller panics", usual, meanwhile)
	if bound := 3*usual + 20*time.Millisecond; meanwhile > bound {
		t.Errorf("a configmap takes %v while another controller panics, %v before: want at most %v", meanwhile, usual, bound)
	}
	if panics, err := p.Metric(`wheelhouse_controller_panics_total{controller="crasher"}`); err != nil || panics < 2 {
		t.Errorf("crasher's panics are %v (%v), want 2 at least", panics, err)
	}
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

// greetAll lets greeter do its work on new ConfigMaps for some seconds, and returns how long a reconcile took on the average, with the
// wait for it.
func greetAll(t *testing.T, client kubernetes.Interface, ns string, p *cluster.Process, prefix string) time.Duration {
	t.Helper()
	const (
		configMaps = 60
		apart      = 50 * time.Millisecond
	)
	spent, done := greeterTime(t, p)
	for i := range configMaps {
		greetable(t, client, ns, fmt.Sprint(prefix, "-", i))
		time.Sleep(apart)
	}
	cluster.Eventually(t, "all configmaps to be greeted", func() bool {
		list, err := client.CoreV1().ConfigMaps(ns).List(t.Context(), metav1.ListOptions{LabelSelector: "example.com/greet"})
		return err == nil && !slices.ContainsFunc(list.Items, func(cm corev1.ConfigMap) bool { return cm.Annotations["example.com/greeting"] == "" })
	})
	spentLater, doneLater := greeterTime(t, p)
	return time.Duration((spentLater - spent) / (doneLater - done) * float64(time.Second))
}

// greeterTime returns the seconds that keys have waited and been worked on, and how many there were.
func greeterTime(t *testing.T, p *cluster.Process) (seconds, keys float64) {
	t.Helper()
	read := func(metric string) float64 {
		value, err := p.Metric(fmt.Sprintf("%s{name=%q}", metric, "greeter"))
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return read("workqueue_queue_duration_seconds_sum") + read("workqueue_work_duration_seconds_sum"), read("workqueue_work_duration_seconds_count")
}
