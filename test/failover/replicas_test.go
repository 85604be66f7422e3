package failover

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// program is a manager of Deployments and ReplicaSets of which several replicas run.
type program struct {
	name    string
	binary  string
	args    func(kubeconfig, ns string) []string
	standby string // matches what a standby logs
	leader  string // matches what a leader logs
	begins  string // matches what it logs once a term
}

// lease is how long the lease lasts, and how long the holder may go on without renewing it.
type lease struct{ duration, deadline, retry time.Duration }

func leaseOf() lease {
	if isLong() {
		return lease{15 * time.Second, 10 * time.Second, 2 * time.Second}
	}
	return lease{4 * time.Second, 2 * time.Second, 500 * time.Millisecond}
}

func (l lease) flags(ns string) []string {
	return []string{
		"--leader-elect-resource-namespace", ns,
		"--leader-elect-lease-duration", l.duration.String(),
		"--leader-elect-renew-deadline", l.deadline.String(),
		"--leader-elect-retry-period", l.retry.String(),
	}
}

// bothRun matches when the two controllers run, in either order: the first time that they do, each asks whether somebody else is there.
const bothRun = `(?s)(deployment controller state [^\n]*"Running".*replicaset|replicaset controller state [^\n]*"Running".*deployment) controller state [^\n]*"Running"`

func wheelhouse() program {
	return program{
		name: "wheelhouse", binary: "wheelhouse",
		args: func(kubeconfig, ns string) []string {
			return append(leaseOf().flags(ns), "--kubeconfig", kubeconfig, "--controllers=deployment,replicaset", "--kube-api-qps=500", "--kube-api-burst=500")
		},
		standby: `replicaset controller state .*"Standby"`,
		leader:  bothRun,
		begins:  `term begins`,
	}
}

func kubeControllerManager() program {
	return program{
		name: "kube-controller-manager", binary: "localcluster",
		args: func(kubeconfig, ns string) []string {
			return append([]string{"kube-controller-manager"}, append(leaseOf().flags(ns), "--kubeconfig", kubeconfig,
				"--controllers=deployment-controller,replicaset-controller", "--leader-elect=true", "--bind-address=127.0.0.1", "--secure-port=0",
				"--kube-api-qps=500", "--kube-api-burst=500")...)
		},
		standby: `[Aa]ttempting to acquire leader lease`, leader: `[Ss]uccessfully acquired lease`,
		begins: `[Ss]uccessfully acquired lease`,
	}
}

// replica is a running program, and the user that it is for the API server.
type replica struct {
	*cluster.Process
	program
	user string
}

// terms returns how many terms the replica has begun.
func (r replica) terms() int {
	return len(regexp.MustCompile(r.begins).FindAllString(r.Log(), -1))
}

// start runs a replica as a user of its own who may do everything.
func start(t *testing.T, p program, ns, name string) replica {
	t.Helper()
	user := name + "-of-" + ns
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole=cluster-admin", "--user="+user)
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrolebinding", user) })
	return startThrough(t, p, ns, user, shared.User(t, user))
}

func startThrough(t *testing.T, p program, ns, user, kubeconfig string) replica {
	t.Helper()
	binary, err := cluster.Binary(p.binary)
	if err != nil {
		t.Fatal(err)
	}
	args := p.args(kubeconfig, ns)
	if p.binary == "wheelhouse" {
		args = append(args, "--status-port", cluster.FreePort(t), "--secure-port", "0")
	}
	return replica{Process: cluster.Start(t, binary, args...), program: p, user: user}
}

// pair runs a leader and a standby.
func pair(t *testing.T, p program, ns string) (leader, standby replica) {
	t.Helper()
	leader = start(t, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	standby = start(t, p, ns, "second")
	standby.WaitForLog(t, p.standby)
	return leader, standby
}

// each calls run as a subtest, for each program as often as said.
func each(t *testing.T, programs map[string]int, run func(t *testing.T, p program)) {
	t.Helper()
	for _, p := range []program{wheelhouse(), kubeControllerManager()} {
		for i := range programs[p.name] {
			t.Run(fmt.Sprintf("%s/%d", p.name, i+1), func(t *testing.T) { run(t, p) })
		}
	}
}

// theirs is how often kube-controller-manager runs in a scenario, at most: for comparison, and only in long runs.
const theirs = 2

// sideBySide returns how often each program runs in a scenario that ours is to stand so many times: theirs not oftener than ours.
func sideBySide(ours int) map[string]int {
	counts := map[string]int{"wheelhouse": runs(ours)}
	if isLong() {
		counts["kube-controller-manager"] = runs(min(theirs, ours))
	}
	return counts
}
