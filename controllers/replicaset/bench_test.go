package replicaset

import (
	"context"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
)

// BenchmarkReconcile works on a ReplicaSet with ten pods that needs nothing, among so many other pods in its namespace. The cost
// must not depend on them.
func BenchmarkReconcile(b *testing.B) {
	for _, others := range []int{100, 100_000} {
		b.Run(fmt.Sprint(others, " other pods"), func(b *testing.B) {
			rs := newReplicaSet(10, func(rs *appsv1.ReplicaSet) { rs.Status.Replicas, rs.Status.FullyLabeledReplicas = 10, 10 })
			pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, ownerindex.Indexers())
			sets := cache.NewIndexer(cache.MetaNamespaceKeyFunc, ownerindex.Indexers())
			mustAdd(b, sets, rs)
			for _, pod := range newPods("own", 10) {
				mustAdd(b, pods, pod)
			}
			for _, pod := range newPods("other", others/2, foreign) {
				mustAdd(b, pods, pod)
			}
			for i, pod := range newPods("bare", others/2, orphan) {
				pod.Labels = map[string]string{"app": fmt.Sprint("bare-", i%100)}
				mustAdd(b, pods, pod)
			}
			e := &Engine{caches: caches{pods: pods, replicaSets: sets}, term: newTerm(1, 5), now: epoch}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Reconcile(context.Background(), keyOf(rs)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mustAdd(b *testing.B, store cache.Store, object any) {
	b.Helper()
	if err := store.Add(object); err != nil {
		b.Fatal(err)
	}
}
