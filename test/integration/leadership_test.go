package integration

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// replica runs one of several managers that contend for the lease in the namespace.
func replica(t *testing.T, ns string) *cluster.Process {
	t.Helper()
	return cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--controllers=podsync", "--podsync-namespace", ns,
		"--leader-elect-resource-namespace", ns)
}

func TestStandbyTakesOverWhenTheLeaderIsToldToEnd(t *testing.T) {
	client, ns := namespace(t)
	first := replica(t, ns)
	first.WaitForLog(t, `podsync controller state .*"Running"`)
	second := replica(t, ns)
	second.WaitForLog(t, `podsync controller state .*"Standby"`)
	status := fmt.Sprintf("leader_election_master_status{name=%q}", "wheelhouse")
	if leads, err := first.Metric(status); err != nil || leads != 1 {
		t.Errorf("the first replica's %s is %v (%v), want 1", status, leads, err)
	}
	if leads, err := second.Metric(status); err != nil || leads != 0 {
		t.Errorf("the second replica's %s is %v (%v), want 0", status, leads, err)
	}
	if code, body := second.Get("/readyz"); code != 200 {
		t.Errorf("readyz of the standby = %d %s", code, body)
	}

	first.Signal(t, syscall.SIGTERM)
	if code := first.Wait(t); code != 0 {
		t.Errorf("exit status of the first replica is %d, want 0", code)
	}
	second.WaitForLog(t, `podsync controller state .*"Running"`)
	name := "pod-" + rand.String(5)
	if _, err := client.CoreV1().Pods(ns).Create(t.Context(), cluster.Pod(name), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	second.WaitForLog(t, ns+"/"+name)
	released, ended := strings.Index(first.Log(), "lease released"), strings.Index(first.Log(), "term ended")
	if released < 0 || ended < 0 || released < ended {
		t.Error("the first replica did not release the lease, or did so before its term had ended")
	}
}

func TestLosingTheLeaseIsNotTheEnd(t *testing.T) {
	_, ns := namespace(t)
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--controllers=podsync", "--podsync-namespace", ns,
		"--leader-elect-resource-namespace", ns,
		"--leader-elect-lease-duration=3s", "--leader-elect-renew-deadline=2s", "--leader-elect-retry-period=500ms")
	p.WaitForLog(t, `podsync controller state .*"Running"`)
	shared.Kubectl(t, "-n", ns, "patch", "lease", "wheelhouse", "--type=merge", "-p",
		`{"spec":{"holderIdentity":"thief","leaseDurationSeconds":6,"renewTime":"2100-01-01T00:00:00.000000Z"}}`)
	p.WaitForLog(t, `term ended .*"lost the lease"`)
	cluster.Eventually(t, "a second term", func() bool { return strings.Count(p.Log(), "term begins") == 2 })
	p.WaitForLog(t, `podsync controller state .*"Running"`)
	p.Signal(t, syscall.SIGTERM)
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
}

// The roles that the program writes are enough for it: it runs as a user who has these and no others.
func TestRolesAreEnough(t *testing.T) {
	_, ns := namespace(t)
	user := "wheelhouse-of-" + ns
	shared.Apply(t, cluster.Output(t, "wheelhouse", "rbac", "--secure-port=0", "--name", user, "--leader-elect-resource-namespace", ns))
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	shared.Kubectl(t, "-n", ns, "create", "rolebinding", user, "--role="+user, "--user="+user)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "clusterrole/"+user, "clusterrolebinding/"+user)
	})
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.User(t, user), "--leader-elect-resource-namespace", ns)
	for _, d := range builtin.All() {
		p.WaitForLog(t, d.Name+` controller state .*"Running"`)
	}
	if p.HasLog(`forbidden`) {
		t.Error("something was forbidden")
	}
}

// A replica that may not write the lease would never be missed while another leads. Its readiness says so from the start.
func TestReplicaThatMayNotLeadIsNotReady(t *testing.T) {
	_, ns := namespace(t)
	leader := replica(t, ns)
	leader.WaitForLog(t, `podsync controller state .*"Running"`)
	user := "standby-of-" + ns
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole=view", "--user="+user)
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrolebinding/"+user) })
	shared.Kubectl(t, "-n", ns, "create", "role", user, "--verb=get,watch", "--resource=leases.coordination.k8s.io")
	shared.Kubectl(t, "-n", ns, "create", "rolebinding", user, "--role="+user, "--user="+user)
	p := cluster.Wheelhouse(t, "--kubeconfig", shared.User(t, user), "--controllers=podsync", "--podsync-namespace", ns,
		"--leader-elect-resource-namespace", ns)
	p.WaitForLog(t, `podsync controller state .*"Standby"`)
	p.WaitForLog(t, `this replica could not lead`)
	const want = "[-]leader-election failed: forbidden: create leases.coordination.k8s.io, update leases.coordination.k8s.io wheelhouse\n"
	if code, body := p.Get("/readyz"); code != 503 || !strings.Contains(body, want) {
		t.Errorf("readyz = %d %s, want 503 and %q", code, body, want)
	}
	shared.Kubectl(t, "-n", ns, "delete", "role", user)
	shared.Kubectl(t, "-n", ns, "create", "role", user, "--verb=create,get,update,watch", "--resource=leases.coordination.k8s.io")
	cluster.Eventually(t, "readiness when it is granted", func() bool {
		code, _ := p.Get("/readyz")
		return code == 200
	})
}
