package failover

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// through runs a replica that reaches the API server by way of the proxy.
func through(t *testing.T, proxy *faultproxy.Proxy, p program, ns, name string) replica {
	t.Helper()
	user := name + "-of-" + ns
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole=cluster-admin", "--user="+user)
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrolebinding", user) })
	return startThrough(t, p, ns, user, proxy.Kubeconfig(user))
}

// maxNotice is how soon after somebody else holds the lease the old holder must have stopped.
const maxNotice = 2 * time.Second

func TestLeaseIsTakenOverByHand(t *testing.T) {
	each(t, sideBySide(5), func(t *testing.T, p program) {
		client := shared.Client(t)
		ns := cluster.Namespace(t, client)
		leader := start(t, p, ns, "first")
		leader.WaitForLog(t, p.leader)
		startStream(t, client, ns)
		time.Sleep(warm)
		leases, err := client.CoordinationV1().Leases(ns).List(t.Context(), metav1.ListOptions{})
		if err != nil || len(leases.Items) != 1 {
			t.Fatalf("%d leases, %v, want 1", len(leases.Items), err)
		}
		shared.Kubectl(t, "-n", ns, "patch", "lease", leases.Items[0].Name, "--type=merge", "-p",
			`{"spec":{"holderIdentity":"thief","leaseDurationSeconds":60,"renewTime":"2100-01-01T00:00:00.000000Z"}}`)
		wait := maxNotice + time.Second
		if p.name != "wheelhouse" {
			wait = leaseOf().duration
		}
		time.Sleep(wait)
		entries := audit(t, ns)
		theft := time.Time{}
		for _, e := range entries {
			if e.ObjectRef.Resource == "leases" && e.Verb == "patch" {
				theft = e.StageTimestamp
			}
		}
		late := max(0, lastWrite(entries, leader.user).Sub(theft))
		results.addTime("lease taken over by hand", p, "last write after it", late)
		t.Logf("last write %v after the theft", late)
		if p.name == "wheelhouse" && (late > maxNotice || !leader.Running()) {
			t.Errorf("last write %v after the theft, running %t; want at most %v, true", late, leader.Running(), maxNotice)
		}
	})
}

func unavailable(proxy *faultproxy.Proxy, match faultproxy.Match, code int) *faultproxy.Active {
	return proxy.Add(faultproxy.Rule{Match: match, Fault: faultproxy.Status(code, "a test says so")})
}

func TestLeaseAPIIsAway(t *testing.T) {
	p, client := wheelhouse(), shared.Client(t)
	ns := cluster.Namespace(t, client)
	proxy := faultproxy.Start(t, shared)
	leader := through(t, proxy, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	load := startStream(t, client, ns)
	time.Sleep(warm)
	fault := unavailable(proxy, faultproxy.Match{Resources: []string{"leases"}}, http.StatusServiceUnavailable)
	time.Sleep(leaseOf().deadline + 2*time.Second)
	lifted := time.Now()
	entries := audit(t, ns)
	fault.Lift()
	renewals := leaseWrites(entries, leader.user)
	end := renewals[len(renewals)-1].Add(leaseOf().deadline)
	late := writesAfter(entries, leader.user, end)
	results.addCount("Lease API answers 503 for 12 s", p, "writes after the renew deadline", late)
	if late > 0 {
		t.Errorf("%d writes after the renew deadline", late)
	}
	load.settle()
	resumed := firstWriteAfter(audit(t, ns), leader.user, lifted).Sub(lifted)
	results.addTime("Lease API answers 503 for 12 s", p, "work resumes after it is back", resumed)
	t.Logf("%d late writes; work resumed after %v", late, resumed)
	if n := load.surplus(); n > 0 {
		t.Errorf("%d surplus pods", n)
	}
}

func firstWriteAfter(entries []entry, user string, after time.Time) time.Time {
	for _, e := range entries {
		if e.isCommittedWrite(user) && e.StageTimestamp.After(after) {
			return e.StageTimestamp
		}
	}
	return time.Time{}
}

func TestEverythingButTheLeaseAPIIsOverloaded(t *testing.T) {
	overload := 2 * leaseOf().duration
	if isLong() {
		overload = time.Minute
	}
	p, client := wheelhouse(), shared.Client(t)
	ns := cluster.Namespace(t, client)
	proxy := faultproxy.Start(t, shared)
	leader := through(t, proxy, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	standby := through(t, proxy, p, ns, "second")
	standby.WaitForLog(t, p.standby)
	load := startStream(t, client, ns)
	fault := unavailable(proxy, faultproxy.Match{Where: func(r faultproxy.Request) bool { return r.Resource != "leases" }}, http.StatusTooManyRequests)
	time.Sleep(overload)
	fault.Lift()
	terms := strings.Count(leader.Log(), "term begins") + strings.Count(standby.Log(), "term begins")
	results.addCount("all but the Lease API answers 429 for 60 s", p, "changes of leader", terms-1)
	if terms != 1 || strings.Contains(leader.Log(), "term ended") {
		t.Errorf("%d terms, want 1 that goes on", terms)
	}
	load.settle()
}

// act creates a Deployment and returns how long it takes until it has a pod.
func act(t *testing.T, ns, name string, within time.Duration) time.Duration {
	t.Helper()
	client := shared.Client(t)
	begin := time.Now()
	if _, err := client.AppsV1().Deployments(ns).Create(t.Context(), deployment(name), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.EventuallyWithin(t, within, fmt.Sprintf("a pod of deployment %s", name), func() bool {
		pods, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + name})
		return err == nil && len(pods.Items) > 0
	})
	return time.Since(begin)
}

func TestFrozenWatchesAreReplaced(t *testing.T) {
	const bound = time.Minute
	p := wheelhouse()
	ns := cluster.Namespace(t, shared.Client(t))
	proxy := faultproxy.Start(t, shared)
	leader := through(t, proxy, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	act(t, ns, "before", bound)
	now := time.Now()
	proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"watch"}, Where: func(r faultproxy.Request) bool { return r.Begin.Before(now) }},
		Watch: &faultproxy.Watch{Frozen: true},
	})
	took := act(t, ns, "after", bound)
	results.addTime("all watches frozen on live connections", p, "until a change is acted upon", took)
	t.Logf("acted upon after %v", took)
}

func TestBlackHoledConnectionsAreReplaced(t *testing.T) {
	const bound = 30 * time.Second
	p := wheelhouse()
	ns := cluster.Namespace(t, shared.Client(t))
	proxy := faultproxy.Start(t, shared)
	leader := through(t, proxy, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	act(t, ns, "before", bound)
	proxy.Silence()
	took := act(t, ns, "after", bound)
	results.addTime("all connections black-holed", p, "until a change is acted upon", took)
	t.Logf("acted upon after %v", took)
	if isLong() && strings.Contains(leader.Log(), "term ended") {
		t.Error("the term was lost with one connection")
	}
}
