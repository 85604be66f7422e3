package integration

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	manyPods = 1000
	// logged is when a deletion must be in the log: a second is promised, and a busy machine gets five.
	logged = 5 * time.Second
	// idleMemory is what the manager may hold with that many pods in its cache.
	idleMemory = 60 << 20
	// settleTime lets the garbage of the start be collected: Go returns memory to the system within minutes, most of it soon.
	settleTime = 20 * time.Second
)

func TestPodsyncCountsEveryPodOnce(t *testing.T) {
	client, ns := namespace(t)
	createPods(t, client, ns, manyPods)
	p := wheelhouse(t, "--controllers=podsync", "--podsync-namespace", ns)
	phases := []string{"Pending", "Running", "Succeeded", "Failed", "Unknown"}
	cluster.Eventually(t, "all pods to be counted as running", func() bool {
		running, err := p.Metric(`wheelhouse_podsync_pods{phase="Running"}`)
		return err == nil && running == manyPods
	})
	var total float64
	for _, phase := range phases {
		n, err := p.Metric(fmt.Sprintf("wheelhouse_podsync_pods{phase=%q}", phase))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != manyPods {
		t.Errorf("%v pods are counted, want %d", total, manyPods)
	}
	if depth, err := p.Metric(`workqueue_depth{name="podsync"}`); err != nil || depth != 0 {
		t.Errorf("depth of the queue is %v (%v), want 0", depth, err)
	}

	begin := time.Now()
	if err := client.CoreV1().Pods(ns).Delete(t.Context(), "pod-7", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p.WaitForLog(t, fmt.Sprintf(`pod does not exist anymore .*"%s/pod-7"`, ns))
	if took := time.Since(begin); took > logged {
		t.Errorf("a deleted pod was logged %v after the request, want at most %v", took, logged)
	} else {
		t.Logf("a deleted pod was logged %v after the request", took.Round(time.Millisecond))
	}

	time.Sleep(settleTime)
	rss := p.RSS(t)
	t.Logf("resident memory with %d pods cached: %.1f MiB", manyPods, float64(rss)/(1<<20))
	if rss > idleMemory {
		t.Errorf("resident memory is %d bytes, want at most %d", rss, idleMemory)
	}
}

// createPods makes pods "pod-0", "pod-1" … and waits until all run.
func createPods(t *testing.T, client kubernetes.Interface, ns string, n int) {
	t.Helper()
	const parallel = 20
	errs := make(chan error, parallel)
	for worker := range parallel {
		go func() {
			var err error
			for i := worker; i < n && err == nil; i += parallel {
				_, err = client.CoreV1().Pods(ns).Create(t.Context(), cluster.Pod(fmt.Sprintf("pod-%d", i)), metav1.CreateOptions{})
			}
			errs <- err
		}()
	}
	for range parallel {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	err := wait.PollUntilContextTimeout(t.Context(), time.Second, 3*time.Minute, true, func(ctx context.Context) (bool, error) {
		list, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{FieldSelector: "status.phase=Running"})
		return err == nil && len(list.Items) == n, err
	})
	if err != nil {
		t.Fatalf("wait until %d pods run: %v", n, err)
	}
}
