package failover

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// shares returns a program with two controllers, each with a lease of its own.
func shares() program {
	p := wheelhouse()
	p.args = func(kubeconfig, ns string) []string {
		return append(leaseOf().flags(ns), "--kubeconfig", kubeconfig, "--controllers=deployment,replicaset", "--leader-elect-scope=controller")
	}
	p.standby = `replicaset controller state .*"Standby"`
	return p
}

// leading returns how many leases the replica holds.
func (r replica) leading() int {
	n := 0
	for _, controller := range []string{"deployment", "replicaset"} {
		if leads, err := r.Metric(fmt.Sprintf("leader_election_master_status{name=%q}", "wheelhouse-"+controller)); err == nil && leads == 1 {
			n++
		}
	}
	return n
}

// Two replicas share two controllers; when one is told to end, or dies, the other does the work of both.
func TestControllersAreSharedOut(t *testing.T) {
	for _, end := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(end.String(), func(t *testing.T) {
			ns := cluster.Namespace(t, shared.Client(t))
			first := start(t, shares(), ns, "first")
			first.WaitForLog(t, first.leader)
			second := start(t, shares(), ns, "second")
			cluster.Eventually(t, "one controller on each replica", func() bool { return first.leading() == 1 && second.leading() == 1 })
			act(t, ns, "shared", 20*time.Second)
			begin := time.Now()
			first.Signal(t, end)
			cluster.Eventually(t, "both controllers on the one that is left", func() bool { return second.leading() == 2 })
			t.Logf("both on one %v after %v", time.Since(begin).Round(time.Millisecond), end)
			act(t, ns, "alone", 20*time.Second)
			if status := first.Wait(t); end == syscall.SIGTERM && status != 0 {
				t.Errorf("exit status %d, want 0", status)
			}
		})
	}
}
