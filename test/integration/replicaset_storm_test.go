package integration

import (
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// stormBound is how many pods of one ReplicaSet may be made within a minute while none of them stays.
	stormBound = 60
	// afterStorm bounds how long it takes to be back at full speed: the minute for which a storm is remembered, and room.
	afterStorm = 90 * time.Second
)

// Pods that fail as soon as a node has them are replaced calmly, also by a manager that comes new to the storm, and so are pods
// that are deleted as soon as a node has them. Once they stay, creation is back at full speed.
func TestPodsThatDoNotStayAreReplacedCalmly(t *testing.T) {
	length := 65 * time.Second
	if isLong() {
		length = 5 * time.Minute
	}
	taint(t)
	client, failing := namespace(t)
	_, evicting := namespace(t)
	pods := map[string]*census{failing: count(t, client, failing), evicting: count(t, client, evicting)}
	first := keepReplicaSets(t, shared.Kubeconfig, fast()...)
	web := create(t, client, failing, annotated(replicaSet("web", 3), "phase", "failed"))
	cluster.Eventually(t, "a storm", func() bool { return pods[failing].tally(t).Made > 20 })
	first.Signal(t, syscall.SIGKILL)
	first.Wait(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	create(t, client, evicting, evicted(annotated(replicaSet("web", 3), "ready", "false")))
	time.Sleep(length)
	for ns, c := range pods {
		most, all := c.mostMadeWithin(time.Minute), c.tally(t).Made
		t.Logf("%s: %d pods were made, at most %d of them within a minute", ns, all, most)
		if most > stormBound || all < stormBound/2 {
			t.Errorf("%s: %d pods were made, at most %d of them within a minute, want at most %d, and no end of trying", ns, all, most, stormBound)
		}
	}

	web.patch(`{"spec":{"template":{"metadata":{"annotations":null}}}}`)
	took := web.awaitAvailable(3)
	t.Logf("3 pods available %v after they stay", took)
	web.scale(200) // at the pace of a storm these would take four minutes
	took = web.awaitStatusWithin(afterStorm, "200 available", isAvailable(200))
	t.Logf("200 pods available %v later", took)
}

// tainted is a node of the cluster. Other tests' pods tolerate every taint.
const tainted = "node-1"

// taint makes the node evict the pods that don't tolerate it, until the test ends.
func taint(t *testing.T) {
	t.Helper()
	shared.Kubectl(t, "taint", "node", tainted, "storm=here:NoExecute")
	t.Cleanup(func() { shared.Kubectl(t, "taint", "node", tainted, "storm-") })
}

// evicted returns the ReplicaSet with pods that are bound to that node and don't tolerate it.
func evicted(rs *appsv1.ReplicaSet) *appsv1.ReplicaSet {
	rs.Spec.Template.Spec.NodeName, rs.Spec.Template.Spec.Tolerations = tainted, nil
	return rs
}
