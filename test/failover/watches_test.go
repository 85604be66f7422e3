package failover

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// act creates a Deployment and waits until it has a pod.
func act(t *testing.T, ns, name string, within time.Duration) {
	t.Helper()
	has := ask(t, ns, name)
	cluster.EventuallyWithin(t, within, fmt.Sprintf("a pod of deployment %s", name), has)
}

// ask creates a Deployment and returns what reports whether it has a pod.
func ask(t *testing.T, ns, name string) (has func() bool) {
	t.Helper()
	client := shared.Client(t)
	if _, err := client.AppsV1().Deployments(ns).Create(t.Context(), deployment(name), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		pods, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
		return err == nil && len(pods.Items) > 0
	}
}

// acts asks for a pod, notes how long it takes until there is one, and fails the test of ours if that isn't within the bound.
func (r replica) acts(t *testing.T, ns, scenario string, bound time.Duration) {
	t.Helper()
	const what, glance = "until a change is acted upon", 50 * time.Millisecond
	has, begin := ask(t, ns, "after"), time.Now()
	for r.Running() && time.Since(begin) < bound {
		if has() {
			took := time.Since(begin)
			results.addTime(scenario, r.program, what, took)
			t.Logf("acted upon after %v", took)
			return
		}
		time.Sleep(glance)
	}
	instead := fmt.Sprintf("more than %v s", bound.Seconds())
	if !r.Running() {
		instead = "ends"
	}
	results.addNever(scenario, r.program, what, instead)
	t.Logf("not acted upon: %s", instead)
	if r.name == "wheelhouse" {
		t.Errorf("a change is not acted upon within %v; running %t", bound, r.Running())
	}
}

// alone runs a replica without a rival that has acted once, and the proxy that it goes through.
func alone(t *testing.T, p program) (leader replica, proxy *faultproxy.Proxy, ns string) {
	t.Helper()
	ns = cluster.Namespace(t, shared.Client(t))
	proxy = faultproxy.Start(t, shared)
	leader = through(t, proxy, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	act(t, ns, "before", time.Minute)
	return leader, proxy, ns
}

// maxBlind is how long a change may wait for a replica to notice that its watches bring nothing.
const maxBlind = time.Minute

// presentWatches matches those that have begun by now.
func presentWatches() faultproxy.Match {
	now := time.Now()
	return faultproxy.Match{Verbs: []string{"watch"}, Where: func(r faultproxy.Request) bool { return r.Begin.Before(now) }}
}

func TestFrozenWatchesAreReplaced(t *testing.T) {
	each(t, sideBySide(1), func(t *testing.T, p program) {
		leader, proxy, ns := alone(t, p)
		proxy.Add(faultproxy.Rule{Match: presentWatches(), Watch: &faultproxy.Watch{Frozen: true}})
		leader.acts(t, ns, "all watches frozen on live connections", maxBlind)
	})
}

// unanswered makes the proxy leave watches of a resource without an answer, so often or, if times is 0, for ever.
func unanswered(proxy *faultproxy.Proxy, resource string, times int) *faultproxy.Active {
	return proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"watch"}, Resources: []string{resource}},
		Fault: faultproxy.BlackHole(), Times: times,
	})
}

// cutWatches ends the present watches, as the API server does with each after some minutes.
func cutWatches(proxy *faultproxy.Proxy) {
	proxy.Add(faultproxy.Rule{Match: presentWatches(), Watch: &faultproxy.Watch{Cut: true}})
}

// Each watch ends, and when it is begun anew, not even a header comes back the first time.
func TestUnansweredWatchesAreReplaced(t *testing.T) {
	p := wheelhouse()
	leader, proxy, ns := alone(t, p)
	for _, resource := range []string{"deployments", "replicasets", "pods"} {
		blind := unanswered(proxy, resource, 1)
		defer func() {
			if blind.Applied() != 1 {
				t.Errorf("no watch of %s was left without an answer", resource)
			}
		}()
	}
	cutWatches(proxy)
	leader.acts(t, ns, "all watches not answered when they are begun anew", maxBlind)
}

// A standby whose watch of the lease is never answered looks at the lease instead, and takes over when the leader dies.
func TestStandbyTakesOverThoughItsWatchIsNeverAnswered(t *testing.T) {
	// It may see a renewal late by the retry periods that it gives a watch, and by one more until it looks.
	bound := leaseOf().duration + 3*leaseOf().retry + 2*time.Second
	for _, since := range []string{"the start", "its renewal"} {
		t.Run("since "+since, func(t *testing.T) {
			p := wheelhouse()
			ns := cluster.Namespace(t, shared.Client(t))
			leader := start(t, p, ns, "first")
			leader.WaitForLog(t, p.leader)
			proxy := faultproxy.Start(t, shared)
			var blind *faultproxy.Active
			if since == "the start" {
				blind = unanswered(proxy, "leases", 0)
			}
			standby := through(t, proxy, p, ns, "second")
			standby.WaitForLog(t, p.standby)
			if blind == nil {
				blind = unanswered(proxy, "leases", 0)
				cutWatches(proxy)
			}
			cluster.Eventually(t, "a watch of the lease", func() bool { return blind.Applied() > 0 })
			time.Sleep(warm)
			killed := time.Now()
			leader.Signal(t, syscall.SIGKILL)
			cluster.EventuallyWithin(t, bound, "the standby to take over", func() bool { return standby.HasLog(p.leader) })
			took := time.Since(killed)
			results.addTime("SIGKILL of the leader, the standby's watch of the lease never answered", p, "until the standby leads", took)
			t.Logf("the standby leads %v after the leader was killed; %d watches were not answered", took, blind.Applied())
		})
	}
}

func TestBlackHoledConnectionsAreReplaced(t *testing.T) {
	const bound = 30 * time.Second
	each(t, sideBySide(1), func(t *testing.T, p program) {
		leader, proxy, ns := alone(t, p)
		proxy.Silence()
		leader.acts(t, ns, "all connections black-holed", bound)
		if p.name == "wheelhouse" && isLong() && strings.Contains(leader.Log(), "term ended") {
			t.Error("the term was lost with one connection")
		}
	})
}
