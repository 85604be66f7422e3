package integration

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// killed returns a fault that kills a process after the API server has carried the request out and before the process knows.
func killed(t *testing.T, p **cluster.Process) faultproxy.Fault {
	kill := faultproxy.Do(func() { (*p).Signal(t, syscall.SIGKILL) })
	return faultproxy.AfterCommit(func(apiServer http.Handler) http.Handler {
		return kill(faultproxy.BlackHole()(apiServer))
	})
}

// A manager that dies right after its first write, its second, and so on, leaves what the next one brings to the same end.
func TestReplicaSetSurvivesDeathAtEveryWrite(t *testing.T) {
	for ordinal, dies := 1, true; dies; ordinal++ {
		t.Run(fmt.Sprint("write ", ordinal), func(t *testing.T) { dies = dieAtWrite(t, ordinal) })
		if t.Failed() {
			return
		}
	}
}

// dieAtWrite lets a manager adopt a pod, make two and delete two, and another one go on after it has died. It reports whether
// it did die.
func dieAtWrite(t *testing.T, ordinal int) bool {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	counted := count(t, client, ns)
	orphan(t, client, ns, "orphan", app("web"))
	web := create(t, client, ns, replicaSet("web", 3))
	var first *cluster.Process
	death := proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Namespace: ns, Where: faultproxy.Request.IsWrite},
		Fault: killed(t, &first), Skip: ordinal - 1, Times: 1,
	})
	through := proxy.Kubeconfig("admin")
	first = startKeeper(t, through, fast()...)
	died := func() bool { return death.Applied() > 0 && !first.Running() }
	succeed := func() {
		first.Wait(t)
		keepReplicaSets(t, through, fast()...)
	}
	cluster.Eventually(t, "3 available, or death", func() bool { return isAvailable(3)(web.get().Status) || died() })
	// A little later it may have died of a write that comes after that of the status.
	grow := died()
	if grow {
		succeed()
	}
	web.awaitAvailable(3)
	web.scale(1)
	cluster.Eventually(t, "1 available, or death", func() bool { return isAvailable(1)(web.get().Status) || !grow && died() })
	if !grow && died() {
		succeed()
	}
	web.awaitAvailable(1)
	if diff := cmp.Diff(tally{Active: 1, Most: 3, Made: 3, Deleted: 2}, counted.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	return death.Applied() > 0
}
