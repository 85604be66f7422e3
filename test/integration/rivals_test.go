package integration

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// soonBlocked is how soon the manager has to say that somebody else does its work.
	soonBlocked = 15 * time.Second
	// soonFirst is how soon it has to begin where nobody has ever done so.
	soonFirst = 45 * time.Second
	// soonAlone is how soon it has to begin when nobody else does any more.
	soonAlone = 90 * time.Second
)

// release runs the manager as users do, with the lease, and the canaries, in the namespace.
func release(t *testing.T, ns string, args ...string) *cluster.Process {
	t.Helper()
	return cluster.Wheelhouse(t, append([]string{"--kubeconfig", shared.Kubeconfig, "--leader-elect-resource-namespace", ns}, args...)...)
}

// awaitState waits until the controllers are in the state.
func awaitState(t *testing.T, p *cluster.Process, bound time.Duration, state string, controllers ...string) {
	t.Helper()
	cluster.EventuallyWithin(t, bound, fmt.Sprint(controllers, " to be ", state), func() bool {
		for _, controller := range controllers {
			value, err := p.Metric(fmt.Sprintf("wheelhouse_controller_state{controller=%q,state=%q}", controller, state))
			if err != nil || value != 1 {
				return false
			}
		}
		return true
	})
}

// The local cluster's own kube-controller-manager runs all loops but these two.
func TestOursWaitWhileKubeControllerManagerRunsItsLoops(t *testing.T) {
	client, ns := namespace(t)
	kcm := upstream(t, upstreamLoops)
	made := count(t, client, ns)
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitComplete()

	p := release(t, ns)
	awaitState(t, p, soonBlocked, "Blocked", "deployment", "replicaset")
	awaitState(t, p, soonBlocked, "Running", "podsync")
	for _, resource := range []string{"deployments", "replicasets"} {
		p.WaitForLog(t, `"kube-controller-manager\\?" drives `+resource+`\.apps as well`)
	}
	for _, path := range []string{"/readyz", "/healthz", "/healthz/deployment", "/healthz/replicaset"} {
		if code, body := p.Get(path); code != 200 {
			t.Errorf("%s of who waits for a rival = %d %s", path, code, body)
		}
	}
	if text := cluster.Output(t, "wheelhouse", "status", "--address", p.URL()); !strings.Contains(text, "drives deployments.apps as well") {
		t.Errorf("status doesn't say why:\n%s", text)
	}
	web.scale(4)
	web.awaitComplete()

	stop(t, kcm)
	awaitState(t, p, soonAlone, "Running", "deployment", "replicaset")
	web.scale(5)
	web.awaitComplete()

	upstream(t, upstreamLoops)
	awaitState(t, p, soonBlocked, "Blocked", "deployment", "replicaset")
	web.scale(6)
	web.awaitComplete()
	if n := made.tally(t).Made; n != 6 {
		t.Errorf("%d pods were made, want the 6 that were asked for", n)
	}
}

func TestTakeoverBelievesTheCanary(t *testing.T) {
	client, ns := namespace(t)
	first := release(t, ns)
	awaitState(t, first, soonFirst, "Running", "deployment", "replicaset")
	for _, wanted := range []string{"jsonpath={.status.observedGeneration}=1", "condition=Available"} { // as tools want every Deployment
		shared.Kubectl(t, "-n", ns, "wait", "--for="+wanted, "--timeout=10s", "deployment/wheelhouse-canary-deployment")
	}
	second := release(t, ns)
	awaitState(t, second, soonBlocked, "Standby", "deployment", "replicaset")
	first.Signal(t, syscall.SIGTERM)
	first.Wait(t)
	awaitState(t, second, soonBlocked, "Running", "deployment", "replicaset")
	if second.HasLog(`"Blocked"`) {
		t.Error("the second leader asked again whether somebody else is there")
	}
	web := deploy(t, client, ns, newDeployment(1))
	web.awaitComplete()
}

// Two releases are rivals. One of them works.
func TestAnotherReleaseWaits(t *testing.T) {
	_, ns := namespace(t)
	first := release(t, ns)
	awaitState(t, first, soonFirst, "Running", "deployment", "replicaset")
	second := release(t, ns, "--leader-elect-resource-name=other")
	awaitState(t, second, soonBlocked, "Blocked", "deployment", "replicaset")
	second.WaitForLog(t, `drives replicasets\.apps as well`)
	awaitState(t, first, soonBlocked, "Running", "deployment", "replicaset")
}

func TestNobodyBeginsWhoCanNotAsk(t *testing.T) {
	client, ns := namespace(t)
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ResourceQuotaSpec{
		Hard: corev1.ResourceList{"count/replicasets.apps": {}},
	}}
	if _, err := client.CoreV1().ResourceQuotas(ns).Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p := release(t, ns, "--controllers=replicaset")
	p.WaitForLog(t, `"Backoff".*it can't be found out whether somebody else drives replicasets\.apps: create the canary .*exceeded quota`)
	if err := client.CoreV1().ResourceQuotas(ns).Delete(t.Context(), "none", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitState(t, p, soonAlone, "Running", "replicaset")
}
