package integration

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

const (
	// recovery is how soon after it is allowed again what was denied must be done.
	recovery = 30 * time.Second
	// maxEventsPerSecond is how many events may be written in any second, whatever happens.
	maxEventsPerSecond = 10
)

// isLong reports whether tests run at the length of what they stand for, which takes an hour, not minutes.
func isLong() bool { return os.Getenv("WHEELHOUSE_LONG") == "1" }

// forbidPods gives the namespace a quota of no pods, and waits until it counts.
func forbidPods(t *testing.T, client kubernetes.Interface, ns string) {
	t.Helper()
	none := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ResourceQuotaSpec{Hard: none}}
	if _, err := client.CoreV1().ResourceQuotas(ns).Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the quota to be heeded", func() bool {
		_, err := client.CoreV1().Pods(ns).Create(t.Context(), cluster.Pod("probe"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.IsForbidden(err)
	})
}

func allowPods(t *testing.T, client kubernetes.Interface, ns string) {
	t.Helper()
	if err := client.CoreV1().ResourceQuotas(ns).Delete(t.Context(), "none", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// Denied by a quota in one namespace and by the API server's refusal in another, for as long as that lasts.
func TestDeniedCreationRecovers(t *testing.T) {
	lengths := []time.Duration{20 * time.Second}
	if isLong() {
		lengths = append(lengths, 90*time.Second, 30*time.Minute)
	}
	for _, length := range lengths {
		t.Run(length.String(), func(t *testing.T) { deniedFor(t, length) })
	}
}

func deniedFor(t *testing.T, length time.Duration) {
	client, full := namespace(t)
	_, refused := namespace(t)
	proxy := faultproxy.Start(t, shared)
	forbidPods(t, client, full)
	refusal := proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"create"}, Resources: []string{"pods"}, Namespace: refused},
		Fault: faultproxy.Status(http.StatusForbidden, "not while the test says so"),
	})
	keepReplicaSets(t, proxy.Kubeconfig("admin"), atDefaultRate()...)
	sets := []set{create(t, client, full, replicaSet("web", 3)), create(t, client, refused, replicaSet("web", 3))}
	for _, s := range sets {
		cluster.Eventually(t, "condition ReplicaFailure", func() bool { return s.conditionReason() == "FailedCreate" })
		s.awaitEvent("FailedCreate")
	}
	time.Sleep(length)
	allowPods(t, client, full)
	refusal.Lift()
	begin := time.Now()
	for _, s := range sets {
		s.awaitAvailable(3)
		took := time.Since(begin)
		t.Logf("%s done %v after it was allowed, having been denied for %v", s.ns, took.Round(time.Millisecond), length)
		if took > recovery {
			t.Errorf("%s done %v after it was allowed, want at most %v", s.ns, took, recovery)
		}
		if reason := s.conditionReason(); reason != "" {
			t.Errorf("condition ReplicaFailure remains: %s", reason)
		}
	}
	t.Logf("%d creations were refused by the proxy", refusal.Applied())
}

func (s set) awaitEvent(reason string) {
	s.t.Helper()
	cluster.Eventually(s.t, "event "+reason, func() bool {
		list, err := s.client.CoreV1().Events(s.ns).List(s.t.Context(), metav1.ListOptions{
			FieldSelector: "involvedObject.name=" + s.name + ",reason=" + reason + ",source=replicaset-controller",
		})
		return err == nil && len(list.Items) > 0
	})
}

func TestManyDeniedReplicaSetsHoldNobodyBack(t *testing.T) {
	many := 300
	if isLong() {
		many = 10_000
	}
	client, full := namespace(t)
	_, healthy := namespace(t)
	proxy := faultproxy.Start(t, shared)
	counted := count(t, client, full)
	forbidPods(t, client, full)
	keepReplicaSets(t, proxy.Kubeconfig("admin"), atDefaultRate()...)
	begin := time.Now()
	createMany(t, client, full, many)
	t.Logf("%d ReplicaSets were made in %v", many, time.Since(begin).Round(time.Millisecond))

	for i := range 3 {
		took := create(t, client, healthy, replicaSet(fmt.Sprint("web-", i), 3)).awaitAvailable(3)
		t.Logf("a healthy ReplicaSet of 3 was done in %v", took)
		if took > 15*time.Second {
			t.Errorf("a healthy ReplicaSet of 3 was done in %v", took)
		}
		time.Sleep(2 * time.Second)
	}
	checkEvents(t, proxy)
	allowPods(t, client, full)
	allowed := time.Now()
	cluster.Eventually(t, "the first pod", func() bool { return counted.tally(t).Made > 0 })
	first := time.Since(allowed)
	bound := recovery + time.Duration(many)*time.Second // a pod and its status at 20 requests a second, and room
	cluster.EventuallyWithin(t, bound, "all pods", func() bool { return counted.tally(t).Made == many })
	t.Logf("the first pod was made %v after it was allowed, the last one %v", first, time.Since(allowed))
	if first > recovery {
		t.Errorf("the first pod was made %v after it was allowed, want at most %v", first, recovery)
	}
	checkEvents(t, proxy)
}

// createMany makes ReplicaSets "web-0" and up of one pod each.
func createMany(t *testing.T, client kubernetes.Interface, ns string, n int) {
	t.Helper()
	each(t, n, func(i int) error {
		_, err := client.AppsV1().ReplicaSets(ns).Create(t.Context(), replicaSet(fmt.Sprint("web-", i), 1), metav1.CreateOptions{})
		return err
	})
}

// checkEvents fails the test if more events were written in a second than may be.
func checkEvents(t *testing.T, proxy *faultproxy.Proxy) {
	t.Helper()
	events := proxy.Requests(faultproxy.Match{Resources: []string{"events"}, Where: faultproxy.Request.IsWrite})
	worst, first := 0, 0
	for last := range events {
		for events[last].Begin.Sub(events[first].Begin) > time.Second {
			first++
		}
		worst = max(worst, last-first+1)
	}
	t.Logf("%d events, at most %d in a second", len(events), worst)
	if worst > maxEventsPerSecond {
		t.Errorf("%d events in one second, want at most %d", worst, maxEventsPerSecond)
	}
}

func TestReplicaSetInADeletedNamespaceIsLeftAlone(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	p := keepReplicaSets(t, proxy.Kubeconfig("admin"), fast()...)
	// The finalizer keeps the ReplicaSet, and with it the namespace, while pods are deleted under it.
	rs := replicaSet("web", 20)
	rs.Finalizers = []string{"example.test/hold"}
	web := create(t, client, ns, rs)
	web.awaitAvailable(20)
	before := len(p.Log())
	if err := client.CoreV1().Namespaces().Delete(t.Context(), ns, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the pods to be gone", func() bool { return len(pods(t, client, ns)) == 0 })
	time.Sleep(3 * time.Second) // a storm would show
	web.patch(`{"metadata":{"finalizers":null}}`)
	cluster.Eventually(t, "the namespace to be gone", func() bool {
		_, err := client.CoreV1().Namespaces().Get(context.Background(), ns, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	lines := strings.Count(p.Log()[before:], "\n")
	creates := proxy.Count(faultproxy.Match{Verbs: []string{"create"}, Resources: []string{"pods"}, Namespace: ns}) - 20
	t.Logf("%d log lines and %d creations since the namespace was deleted", lines, creates)
	if lines > 10 || creates > 10 {
		t.Errorf("%d log lines and %d creations since the namespace was deleted, want hardly any", lines, creates)
	}
}
