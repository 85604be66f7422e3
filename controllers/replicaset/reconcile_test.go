package replicaset

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// cached returns a cache of ReplicaSets.
func cached(t *testing.T, rs *appsv1.ReplicaSet) cache.Indexer {
	t.Helper()
	indexers := ownerindex.Indexers()
	indexers[cache.NamespaceIndex] = cache.MetaNamespaceIndexFunc
	sets := cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)
	if err := sets.Add(rs); err != nil {
		t.Fatal(err)
	}
	return sets
}

// engineOn returns an Engine that begins with no pods.
func engineOn(client kubernetes.Interface, sets cache.Indexer) *Engine {
	return NewEngine(Config{
		Client: client, ReplicaSets: sets, Pods: cache.NewIndexer(cache.MetaNamespaceKeyFunc, ownerindex.Indexers()), Now: epoch,
		Spread: func(n int, do func(int)) {
			for i := range n {
				do(i)
			}
		},
		Pass: func(context.Context, string) error { return nil },
		Say:  func(*appsv1.ReplicaSet, string, string, string) {},
		Wake: func(worker.Key) {},
	})
}

// Some API servers keep no number of terminating pods. It is written to them once, not at every look.
func TestNumberThatIsNotKeptIsWrittenOnce(t *testing.T) {
	rs := newReplicaSet(0, func(rs *appsv1.ReplicaSet) { rs.Status.TerminatingReplicas = nil })
	client := fake.NewClientset(rs)
	patches := 0
	client.PrependReactor("patch", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) {
		patches++
		return true, rs.DeepCopy(), nil
	})
	e, now := engineOn(client, cached(t, rs)), epoch()
	e.now = func() time.Time { return now }
	for range 5 {
		now = now.Add(time.Second)
		if _, err := e.Reconcile(t.Context(), keyOf(rs)); err != nil {
			t.Fatal(err)
		}
	}
	if patches != 1 {
		t.Errorf("%d patches of the status, want 1", patches)
	}
}

// TestBlockedHoldsWhileItsStatusIsUnseen reconciles twice on a cache that doesn't show what the first time wrote.
func TestBlockedHoldsWhileItsStatusIsUnseen(t *testing.T) {
	rs := newReplicaSet(3)
	rs.ResourceVersion = "1"
	written := rs.DeepCopy()
	written.ResourceVersion = "2"
	client := fake.NewClientset(rs)
	client.PrependReactor("patch", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return true, written, nil })
	client.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, forbidden() })
	sets := cached(t, rs)
	e := engineOn(client, sets)
	var blocked []string
	for range 2 {
		result, err := e.Reconcile(t.Context(), keyOf(rs))
		if err != nil {
			t.Fatal(err)
		}
		blocked = append(blocked, result.Blocked)
	}
	want := forbidden().Error()
	if diff := cmp.Diff([]string{want, want}, blocked); diff != "" {
		t.Errorf("blocked (-want +got):\n%s", diff)
	}
}

// largeSet returns an engine on a ReplicaSet that has 1,000 pods and wants others, and its clock.
func largeSet(t *testing.T, client *fake.Clientset, rs *appsv1.ReplicaSet) (*Engine, *time.Time) {
	t.Helper()
	e, now := engineOn(client, cached(t, rs)), epoch()
	e.now = func() time.Time { return now }
	for _, pod := range newPods("web-", 1000, readyFor(time.Hour)) {
		if err := e.caches.pods.Add(pod); err != nil {
			t.Fatal(err)
		}
	}
	return e, &now
}

// looksAt reconciles the ReplicaSet, and reports whether it was looked at.
func looksAt(t *testing.T, e *Engine, rs *appsv1.ReplicaSet, now *time.Time) bool {
	t.Helper()
	*now = now.Add(time.Nanosecond) // by which two looks differ
	before := e.term.remember(keyOf(rs), rs.UID).pace
	if _, err := e.Reconcile(t.Context(), keyOf(rs)); err != nil {
		t.Fatal(err)
	}
	return before != e.term.remember(keyOf(rs), rs.UID).pace
}

// TestLargeReplicaSetIsLookedAtAtAPace reconciles one again and again, as when its pods change all the time.
func TestLargeReplicaSetIsLookedAtAtAPace(t *testing.T) {
	rs := newReplicaSet(1000)
	e, now := largeSet(t, fake.NewClientset(rs), rs)
	var looks []bool
	for range 4 {
		looks = append(looks, looksAt(t, e, rs, now))
		*now = now.Add(25 * time.Millisecond)
	}
	if diff := cmp.Diff([]bool{true, false, true, false}, looks); diff != "" {
		t.Errorf("looks at 1,000 pods, one each 25 ms (-want +got):\n%s", diff)
	}
}

// TestPaceDoesNotHoldUpWhatWasBegun lets the cache show a pod that the last look missed, before the pace would allow another look.
func TestPaceDoesNotHoldUpWhatWasBegun(t *testing.T) {
	rs := newReplicaSet(1001)
	e, now := largeSet(t, fake.NewClientset(rs), rs)
	made := newPod("made", readyFor(time.Hour))
	made.ResourceVersion = "2" // newer than what the cache has
	e.term.remember(keyOf(rs), rs.UID).pods.Wrote(made, *now)
	looks := []bool{looksAt(t, e, rs, now), looksAt(t, e, rs, now)}
	if err := e.caches.pods.Add(made); err != nil {
		t.Fatal(err)
	}
	looks = append(looks, looksAt(t, e, rs, now), looksAt(t, e, rs, now))
	if diff := cmp.Diff([]bool{true, false, true, false}, looks); diff != "" {
		t.Errorf("looks: two before the pod is seen, two after (-want +got):\n%s", diff)
	}
}

// TestPaceHidesNoFailure reconciles again what has failed before its pace would allow.
func TestPaceHidesNoFailure(t *testing.T) {
	rs := newReplicaSet(999)
	client := fake.NewClientset(rs)
	client.PrependReactor("*", "*", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, errors.New("no") })
	e, _ := largeSet(t, client, rs)
	for range 2 {
		if _, err := e.Reconcile(t.Context(), keyOf(rs)); err == nil {
			t.Error("Reconcile = nil, want that a pod can't be deleted")
		}
	}
}
