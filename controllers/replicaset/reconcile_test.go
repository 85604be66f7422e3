package replicaset

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// TestBlockedHoldsWhileItsStatusIsUnseen reconciles twice on a cache that doesn't show what the first time wrote.
func TestBlockedHoldsWhileItsStatusIsUnseen(t *testing.T) {
	rs := newReplicaSet(3)
	rs.ResourceVersion = "1"
	written := rs.DeepCopy()
	written.ResourceVersion = "2"
	client := fake.NewClientset(rs)
	client.PrependReactor("patch", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return true, written, nil })
	client.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, forbidden() })
	indexers := ownerindex.Indexers()
	indexers[cache.NamespaceIndex] = cache.MetaNamespaceIndexFunc
	sets := cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)
	if err := sets.Add(rs); err != nil {
		t.Fatal(err)
	}
	e := NewEngine(Config{
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
