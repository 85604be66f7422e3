package integration

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// podCreates matches creations of pods.
func podCreates(ns string) faultproxy.Match {
	return faultproxy.Match{Verbs: []string{"create"}, Resources: []string{"pods"}, Namespace: ns}
}

func podDeletes(ns string) faultproxy.Match {
	return faultproxy.Match{Verbs: []string{"delete"}, Resources: []string{"pods"}, Namespace: ns}
}

// committed returns how many of the matching requests the API server has carried out.
func committed(p *faultproxy.Proxy, m faultproxy.Match) int {
	m.Where = func(r faultproxy.Request) bool { return r.Upstream/100 == 2 }
	return p.Count(m)
}

func watchesOfPods() faultproxy.Match {
	return faultproxy.Match{Verbs: []string{"watch"}, Resources: []string{"pods"}}
}

// However the answer to a creation is lost, the pod that it made is found again, while the watch tells of it 3 s late.
func TestLostRepliesMakeNoDuplicates(t *testing.T) {
	tests := []struct {
		name  string
		fault faultproxy.Fault
	}{
		{"aborted", faultproxy.AfterCommit(faultproxy.Abort())},
		{"connection reset", faultproxy.AfterCommit(faultproxy.Reset())},
		{"500", faultproxy.AfterCommit(faultproxy.Status(http.StatusInternalServerError, "lost"))},
		{"503", faultproxy.AfterCommit(faultproxy.Status(http.StatusServiceUnavailable, "lost"))},
		{"504", faultproxy.AfterCommit(faultproxy.Status(http.StatusGatewayTimeout, "lost"))},
		{"503 before the commit", faultproxy.Status(http.StatusServiceUnavailable, "not done")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { loseReplies(t, test.fault) })
	}
}

func loseReplies(t *testing.T, fault faultproxy.Fault) {
	const replicas = 30
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	pods := count(t, client, ns)
	proxy.Add(faultproxy.Rule{Match: watchesOfPods(), Watch: &faultproxy.Watch{Late: 3 * time.Second}})
	lost := proxy.Add(faultproxy.Rule{Match: podCreates(ns), Fault: fault, Probability: 0.5, Seed: 1, Times: 6})
	took := create(t, client, ns, replicaSet("web", replicas)).awaitAvailable(replicas)
	t.Logf("%d replies were lost; done in %v", lost.Applied(), took)
	if lost.Applied() == 0 {
		t.Error("no reply was lost")
	}
	if diff := cmp.Diff(tally{Active: replicas, Most: replicas, Made: replicas}, pods.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	// Of those that went over a connection that was reset, it isn't known.
	if n := committed(proxy, podCreates(ns)); n > replicas {
		t.Errorf("%d creations were carried out, want %d", n, replicas)
	}
}

// Two requests at once that are never answered end with the client's time-out, and their pods are found again.
func TestUnansweredCreationsMakeNoDuplicates(t *testing.T) {
	const replicas = 10
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	pods := count(t, client, ns)
	proxy.Add(faultproxy.Rule{Match: podCreates(ns), Fault: faultproxy.AfterCommit(faultproxy.BlackHole()), Skip: 1, Times: 2})
	web := create(t, client, ns, replicaSet("web", replicas))
	took := web.awaitStatusWithin(3*time.Minute, "10 available", isAvailable(replicas))
	t.Logf("done in %v", took)
	if diff := cmp.Diff(tally{Active: replicas, Most: replicas, Made: replicas}, pods.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

// Replicas change while the watch tells of pods 3 s late: what the manager did itself it knows without being told.
func TestLateWatchLeadsToNoSurplusWrites(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	pods := count(t, client, ns)
	web := create(t, client, ns, replicaSet("web", 4))
	web.awaitAvailable(4)
	proxy.Add(faultproxy.Rule{Match: watchesOfPods(), Watch: &faultproxy.Watch{Late: 3 * time.Second}})
	for _, replicas := range []int32{10, 6, 12, 2} {
		web.scale(replicas)
		time.Sleep(time.Second) // less than the watch is late
	}
	web.awaitAvailable(2)
	got := pods.tally(t)
	t.Logf("%+v after 4 changes of replicas in 4 s", got)
	if got.Active != 2 || got.Most > 12 || got.Made > 4+6+6 {
		t.Errorf("%+v, want 2 in the end, at most 12 at any time, and no more made than each change asks for", got)
	}
	if n := committed(proxy, podDeletes(ns)); n != got.Made-2 {
		t.Errorf("%d deletions, want %d", n, got.Made-2)
	}
	time.Sleep(4 * time.Second) // what comes late must not lead to more
	if diff := cmp.Diff(got, pods.tally(t)); diff != "" {
		t.Errorf("pods change after all was done (-before +after):\n%s", diff)
	}
}

// A watch that is frozen for a while on a live connection leads to no surplus, and work goes on when it thaws.
func TestFrozenWatchLeadsToNoSurplus(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	pods := count(t, client, ns)
	web := create(t, client, ns, replicaSet("web", 5))
	web.awaitAvailable(5)
	frozen := proxy.Add(faultproxy.Rule{Match: watchesOfPods(), Watch: &faultproxy.Watch{Frozen: true}})
	web.scale(8) // few enough to be made in one turn, even on a busy machine: nothing wakes it for another
	cluster.Eventually(t, "8 pods", func() bool { return pods.tally(t).Active == 8 })
	time.Sleep(2 * time.Second)
	frozen.Lift()
	t.Logf("done %v after the watch thawed", web.awaitAvailable(8))
	if diff := cmp.Diff(tally{Active: 8, Most: 8, Made: 8}, pods.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}
