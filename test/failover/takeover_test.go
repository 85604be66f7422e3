package failover

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// killed returns a fault that kills the replica when the API server has carried the request out, and before the replica knows.
func killed(t *testing.T, r replica) faultproxy.Fault {
	kill := faultproxy.Do(func() { r.Signal(t, syscall.SIGKILL) })
	return faultproxy.AfterCommit(func(apiServer http.Handler) http.Handler {
		return kill(faultproxy.BlackHole()(apiServer))
	})
}

// made is how many pods each of two replicas has made, and how many were deleted.
type made struct{ ByFirst, BySecond, Deleted int }

func podsMade(t *testing.T, ns string, first, second replica) made {
	t.Helper()
	var m made
	for _, e := range audit(t, ns) {
		switch {
		case e.ObjectRef.Resource != "pods" || e.ObjectRef.Subresource != "" || e.ResponseStatus.Code >= 300:
		case e.Verb == "delete":
			m.Deleted++
		case e.Verb == "create" && e.User.Username == first.user:
			m.ByFirst++
		case e.Verb == "create" && e.User.Username == second.user:
			m.BySecond++
		}
	}
	return m
}

// The leader is killed in the middle of a scale-up, and the standby's watch of pods is late: what it doesn't know, it reads.
// Kube-controller-manager has no warm standby: its watches begin when it leads.
func TestTakeoverInTheMiddleMakesNoSurplus(t *testing.T) {
	const replicas = 50
	late := leaseOf().duration + 5*time.Second // when it takes over it is blind
	if isLong() {
		late = 30 * time.Second
	}
	p, client := wheelhouse(), shared.Client(t)
	ns := cluster.Namespace(t, client)
	ofLeader, ofStandby := faultproxy.Start(t, shared), faultproxy.Start(t, shared)
	leader := through(t, ofLeader, p, ns, "first")
	leader.WaitForLog(t, p.leader)
	standby := through(t, ofStandby, p, ns, "second")
	standby.WaitForLog(t, p.standby)
	none := int32(0)
	web := deployment("web")
	web.Spec.Replicas = &none
	if _, err := client.AppsV1().Deployments(ns).Create(t.Context(), web, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	shared.Kubectl(t, "-n", ns, "rollout", "status", "deployment/web", "--timeout=1m")
	ofStandby.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"watch"}, Resources: []string{"pods"}}, Watch: &faultproxy.Watch{Late: late},
	})
	ofLeader.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"create"}, Resources: []string{"pods"}, Namespace: ns},
		Fault: killed(t, leader), Skip: 19, Times: 1,
	})

	shared.Kubectl(t, "-n", ns, "scale", "deployment/web", fmt.Sprint("--replicas=", replicas))
	leader.Wait(t)
	begin := time.Now()
	cluster.EventuallyWithin(t, time.Minute+leaseOf().duration+late, "50 available", func() bool {
		got, err := client.AppsV1().Deployments(ns).Get(t.Context(), "web", metav1.GetOptions{})
		return err == nil && got.Status.Replicas == replicas && got.Status.AvailableReplicas == replicas
	})
	took := time.Since(begin)
	time.Sleep(2 * time.Second) // in which a surplus would be deleted
	got := podsMade(t, ns, leader, standby)
	const scenario = "leader killed in the middle of 0 → 50, pod watches of the standby 30 s late"
	pods, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	results.addCount(scenario, p, "pods made", len(pods.Items)+got.Deleted)
	results.addTime(scenario, p, "until 50 are available", took)
	t.Logf("%+v; done %v after the leader died", got, took.Round(time.Millisecond))
	// Of a pod that was made while its maker died, the audit log may say that nobody could be told.
	if len(pods.Items) != replicas || got.Deleted != 0 || got.ByFirst+got.BySecond > replicas {
		t.Errorf("there are %d pods, of which %+v; want %d, and none deleted", len(pods.Items), got, replicas)
	}
	if got.ByFirst == 0 || got.BySecond == 0 {
		t.Errorf("%+v, want some by each", got)
	}
}
