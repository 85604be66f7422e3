package failover

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// crowd returns how many pods the caches hold when the standby takes over.
func crowd() int {
	if isLong() {
		return 50_000
	}
	return 1_000
}

// idlePods makes pods that nobody schedules, so that they cost nothing but their place in the caches.
func idlePods(t *testing.T, client kubernetes.Interface, ns string, n int) {
	t.Helper()
	const atOnce = 16
	names := make(chan string)
	var making sync.WaitGroup
	for range atOnce {
		making.Go(func() {
			for name := range names {
				if _, err := client.CoreV1().Pods(ns).Create(t.Context(), idlePod(name), metav1.CreateOptions{}); err != nil {
					t.Errorf("create pod %s: %v", name, err)
				}
			}
		})
	}
	for i := range n {
		if i > 0 && i%10_000 == 0 {
			t.Logf("%d of %d idle pods", i, n)
		}
		names <- fmt.Sprintf("idle-%05d", i)
	}
	close(names)
	making.Wait()
}

func idlePod(name string) *corev1.Pod {
	pod := cluster.Pod(name)
	pod.Spec.SchedulerName = "nobody"
	return pod
}

// maxFirstRequest returns how soon the new leader must be seen at work after it has acquired the lease, whatever its caches hold. Short
// runs are part of `make test`, on machines that may be ten times as slow.
func maxFirstRequest() time.Duration {
	const claim = 50 * time.Millisecond
	if isLong() {
		return claim
	}
	return 10 * claim
}

// The standby's caches are full of pods when it takes over: that costs it no time.
func TestTakeoverWithFullCaches(t *testing.T) {
	p, client := wheelhouse(), shared.Client(t)
	ns := cluster.Namespace(t, client)
	idlePods(t, client, cluster.Namespace(t, client), crowd())
	leader, standby := pair(t, p, ns)
	for i := range runs(5) {
		load := startStream(t, client, ns)
		time.Sleep(warm)
		leader.Signal(t, syscall.SIGTERM)
		leader.Wait(t)
		standby.WaitForLog(t, p.leader)
		load.settle()
		entries := audit(t, ns)
		acquired := leaseWrites(entries, standby.user)[0]
		request := firstRequestAfter(entries, standby.user, acquired).Sub(acquired)
		write := firstWriteAfter(entries, standby.user, acquired).Sub(acquired)
		what := fmt.Sprintf("SIGTERM of the leader, %d pods in the caches", crowd())
		results.addTime(what, p, "first request of the new leader", request)
		results.addTime(what, p, "first write of the new leader", write)
		t.Logf("first request %v after the acquisition, first write %v", request, write)
		if bound := maxFirstRequest(); request < 0 || request > bound {
			t.Errorf("first request %v after the acquisition, want at most %v", request, bound)
		}
		scrape(t, standby, what)
		leader, standby = standby, start(t, p, ns, fmt.Sprint("next-", i))
		standby.WaitForLog(t, p.standby)
		load.clear()
	}
}

// What Prometheus gets may cost so much at the most, whatever the caches hold.
const (
	maxScrape     = 50 * time.Millisecond
	maxScrapeSize = 300 << 10
)

// scrape gets the metrics some times, and notes how long that took and how much it was.
func scrape(t *testing.T, r replica, what string) {
	t.Helper()
	const times = 9
	var took []time.Duration
	size := 0
	for range times {
		begin := time.Now()
		code, body := r.Get("/metrics")
		took = append(took, time.Since(begin))
		if size = len(body); code != http.StatusOK {
			t.Fatalf("metrics: %d %s", code, body)
		}
	}
	slices.Sort(took)
	median := took[times/2]
	results.add(what, r.program, "scrape of the new leader's metrics", " ms", float64(median.Microseconds())/1000)
	results.add(what, r.program, "size of the new leader's metrics", " KiB", float64(size)/(1<<10))
	t.Logf("a scrape takes %v for %d KiB", median, size>>10)
	if size > maxScrapeSize || isLong() && median > maxScrape {
		t.Errorf("a scrape takes %v for %d bytes, want at most %v and %d", median, size, maxScrape, maxScrapeSize)
	}
}

// firstRequestAfter returns when the user's first request came in that has to do with pods and their owners.
func firstRequestAfter(entries []entry, user string, after time.Time) time.Time {
	first := time.Time{}
	for _, e := range entries {
		if e.User.Username == user && e.Verb != "watch" && e.ObjectRef.Resource != "leases" && e.RequestReceivedTimestamp.After(after) &&
			(first.IsZero() || e.RequestReceivedTimestamp.Before(first)) {
			first = e.RequestReceivedTimestamp
		}
	}
	return first
}
