package failover

import (
	"fmt"
	"net/http"
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

// startWithin runs a replica as a user of its own who may do what the roles in the namespace say, and nothing else.
func startWithin(t *testing.T, roles string, p program, ns, name string) replica {
	t.Helper()
	user := name + "-of-" + ns
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+roles, "--user="+user)
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrolebinding", user) })
	shared.Kubectl(t, "-n", ns, "create", "rolebinding", user, "--role="+roles, "--user="+user)
	return startThrough(t, p, ns, user, shared.User(t, user))
}

// roles applies what the program writes for one lease a controller, and returns what the roles are called.
func roles(t *testing.T, ns string) string {
	t.Helper()
	name := "wheelhouse-of-" + ns
	shared.Apply(t, cluster.Output(t, "wheelhouse", "rbac", "--name", name, "--controllers=deployment,replicaset", "--secure-port=0",
		"--leader-elect-resource-namespace", ns, "--leader-elect-scope=controller"))
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrole", name) })
	return name
}

// Two replicas share two controllers; when one is told to end, or dies, the other does the work of both. They may do no more than the
// program's roles say.
func TestControllersAreSharedOut(t *testing.T) {
	for _, end := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(end.String(), func(t *testing.T) {
			ns := cluster.Namespace(t, shared.Client(t))
			roles := roles(t, ns)
			first := startWithin(t, roles, shares(), ns, "first")
			first.WaitForLog(t, first.leader)
			second := startWithin(t, roles, shares(), ns, "second")
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
			for _, e := range audit(t, ns) {
				if e.ResponseStatus.Code == http.StatusForbidden && (e.User.Username == first.user || e.User.Username == second.user) {
					t.Errorf("%s may not %s %s %s", e.User.Username, e.Verb, e.ObjectRef.Resource, e.ObjectRef.Name)
				}
			}
			if first.HasLog(`forbidden`) || second.HasLog(`forbidden`) {
				t.Error("something was forbidden")
			}
		})
	}
}
