package failover

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

// One controller of somebody else's panics, again whenever it is started, and another one goes on as before.
func TestPanicOfOneControllerLeavesTheOthersAlone(t *testing.T) {
	const scenario = "a panic in one controller, again and again"
	client := shared.Client(t)
	ns := cluster.Namespace(t, client)
	trigger := "crash-" + ns
	p := cluster.OutOfTree(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect=false", "--controllers=crasher,greeter", "--crasher-configmap", trigger)
	p.WaitForLog(t, `crasher controller state .*"Running"`)
	usual := greetAll(t, client, ns, p, "before")
	greetable(t, client, ns, trigger)
	p.WaitForLog(t, `crasher controller failed .*"Backoff"`)
	meanwhile := greetAll(t, client, ns, p, "meanwhile")
	panics, err := p.Metric(`wheelhouse_controller_panics_total{controller="crasher"}`)
	results.add(scenario, wheelhouse(), "a reconcile of another before it", " ms", usual.Seconds()*1000)
	results.add(scenario, wheelhouse(), "a reconcile of another meanwhile", " ms", meanwhile.Seconds()*1000)
	t.Logf("a reconcile takes %v, and %v while the other controller panics %v times", usual, meanwhile, panics)
	if bound := maxDisturbed(usual); meanwhile > bound {
		t.Errorf("a reconcile takes %v while another controller panics, %v before: want at most %v", meanwhile, usual, bound)
	}
	if err != nil || panics < 2 {
		t.Errorf("crasher's panics are %v (%v), want 2 at least", panics, err)
	}
	if state, err := p.Metric(`wheelhouse_controller_state{controller="greeter",state="Running"}`); err != nil || state != 1 {
		t.Errorf("greeter's state Running is %v (%v), want 1", state, err)
	}
	if err := client.CoreV1().ConfigMaps(ns).Delete(t.Context(), trigger, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the failed controller to run again", func() bool {
		state, err := p.Metric(`wheelhouse_controller_state{controller="crasher",state="Running"}`)
		return err == nil && state == 1
	})
}

// maxDisturbed returns how long a reconcile may take on the average while another controller panics: what a busy machine adds to either
// figure, which is more where the average is of fewer.
func maxDisturbed(usual time.Duration) time.Duration {
	if isLong() {
		return 2*usual + 15*time.Millisecond // one stall of two seconds in so many adds ten
	}
	return 3*usual + 20*time.Millisecond
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
	const apart = 50 * time.Millisecond
	configMaps := 60
	if isLong() {
		configMaps = 200
	}
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
