package integration

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// Each of the two controllers works with whoever does the other's work: a process of its own, or kube-controller-manager.
func TestDeploymentAndReplicaSetApart(t *testing.T) {
	ours := func(controller string) func(*testing.T) {
		return func(t *testing.T) {
			p := cluster.Wheelhouse(t, append([]string{"--kubeconfig", shared.Kubeconfig, "--controllers=" + controller}, fast()...)...)
			p.WaitForLog(t, controller+` controller state .*"Running"`)
		}
	}
	theirs := func(controller string) func(*testing.T) {
		return func(t *testing.T) { upstream(t, controller) }
	}
	for _, tc := range []struct {
		name                    string
		deployments, replicaSet func(*testing.T)
	}{
		{"two processes of ours", ours("deployment"), ours("replicaset")},
		{"our deployment, upstream's replicaset", ours("deployment"), theirs("replicaset-controller")},
		{"upstream's deployment, our replicaset", theirs("deployment-controller"), ours("replicaset")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			client, ns := namespace(t)
			tc.deployments(t)
			tc.replicaSet(t)
			web := deploy(t, client, ns, newDeployment(3))
			web.awaitComplete()
			web.setImage("v2")
			web.awaitComplete()
			web.scale(5)
			web.awaitComplete()
			web.awaitHistory("1:v1=0", "2:v2=5")
		})
	}
}

// A manager that dies right after its first write, its second, and so on, leaves what the next one brings to the same end.
func TestDeploymentSurvivesDeathAtEveryWrite(t *testing.T) {
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	for ordinal, dies := 1, true; dies; ordinal++ {
		t.Run(fmt.Sprint("write ", ordinal), func(t *testing.T) { dies = rolloutDiesAtWrite(t, ordinal) })
		if t.Failed() {
			return
		}
	}
}

// rolloutDiesAtWrite lets a manager create and roll out a Deployment, and another one go on after it has died. It reports whether
// it did die.
func rolloutDiesAtWrite(t *testing.T, ordinal int) bool {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	pods, asked := count(t, client, ns), askedFor(t, client, ns)
	var first *cluster.Process
	death := proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Namespace: ns, Where: isWriteOfState},
		Fault: killed(t, &first), Skip: ordinal - 1, Times: 1,
	})
	start := func() *cluster.Process {
		args := append([]string{"--kubeconfig", proxy.Kubeconfig("admin"), "--controllers=deployment"}, fast()...)
		return cluster.Wheelhouse(t, args...)
	}
	first = start()
	succeeded := false
	web := deploy(t, client, ns, newDeployment(2))
	for _, image := range []string{"v1", "v2"} {
		web.setImage(image)
		cluster.Eventually(t, "the rollout of "+image+" to be complete", func() bool {
			if !succeeded && death.Applied() > 0 && !first.Running() {
				succeeded = true
				start()
			}
			d := web.get()
			return d.Status.ObservedGeneration == d.Generation && isComplete(d)
		})
	}
	web.awaitHistory("1:v1=0", "2:v2=2")
	if made, most := pods.tally(t).Made, asked.atMost(); made != 4 || most > 3 {
		t.Errorf("%d pods made and at most %d asked for at once, want 4 and 3", made, most)
	}
	if death.Applied() > 0 { // and if that was the last write, nobody had to go on
		return true
	}
	death.Lift() // of a write that is the last of all
	first.Signal(t, syscall.SIGTERM)
	if status := first.Wait(t); status != 0 {
		t.Errorf("exit status %d of the manager that did not die", status)
	}
	return false
}

// isWriteOfState is true of every write but events, without which nothing is decided otherwise.
func isWriteOfState(r faultproxy.Request) bool {
	return r.IsWrite() && r.Resource != "events"
}
