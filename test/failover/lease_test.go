package failover

import (
	"math"
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

// maxResume is how soon after the Lease API is back work must go on: the lease is tried for every 2 s.
const maxResume = 10 * time.Second

func TestLeaseAPIIsAway(t *testing.T) {
	const scenario = "Lease API answers 503 for 12 s"
	each(t, sideBySide(1), func(t *testing.T, p program) {
		client := shared.Client(t)
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
		results.addCount(scenario, p, "writes after the renew deadline", late)
		if p.name != "wheelhouse" {
			time.Sleep(maxResume)
			noteResumption(t, ns, leader, scenario, lifted)
			return
		}
		load.settle()
		resumed := noteResumption(t, ns, leader, scenario, lifted)
		if !leader.Running() || resumed > maxResume {
			t.Errorf("work resumed after %v, running %t; want at most %v, true", resumed, leader.Running(), maxResume)
		}
		if n := load.surplus(); late > 0 || n > 0 {
			t.Errorf("%d writes after the renew deadline and %d surplus pods, want 0", late, n)
		}
	})
}

// noteResumption notes how soon after a time the replica writes, unless it never does, and returns that.
func noteResumption(t *testing.T, ns string, r replica, scenario string, after time.Time) time.Duration {
	t.Helper()
	const what = "work resumes after it is back"
	first := firstWriteAfter(audit(t, ns), r.user, after)
	switch {
	case !first.IsZero():
		took := first.Sub(after)
		results.addTime(scenario, r.program, what, took)
		t.Logf("work resumed after %v", took)
		return took
	case r.Running():
		results.addNever(scenario, r.program, what, "never")
	default:
		results.addNever(scenario, r.program, what, "ends")
	}
	t.Logf("no write; running %t", r.Running())
	return math.MaxInt64
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
	each(t, sideBySide(1), func(t *testing.T, p program) {
		client := shared.Client(t)
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
		terms := leader.terms() + standby.terms()
		results.addCount("all but the Lease API answers 429 for 60 s", p, "changes of leader", terms-1)
		t.Logf("%d terms", terms)
		if p.name != "wheelhouse" {
			load.stop()
			for end := time.Now().Add(time.Minute); !load.isDone() && time.Now().Before(end); { // what it leaves is in nobody's way then
				time.Sleep(time.Second)
			}
			return
		}
		if terms != 1 || strings.Contains(leader.Log(), "term ended") {
			t.Errorf("%d terms, want 1 that goes on", terms)
		}
		load.settle()
	})
}
