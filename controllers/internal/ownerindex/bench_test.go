package ownerindex_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
)

// crowd is a cache with so many pods of owners of ten each, and as many without owner, ten to a label.
func crowd(b *testing.B, n int) cache.Indexer {
	b.Helper()
	pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, ownerindex.Indexers())
	for i := range n {
		set := labels.Set{"app": fmt.Sprint("web-", i/10)}
		for _, p := range []*corev1.Pod{pod("here", fmt.Sprint("owned-", i), owner(i/10), set), pod("here", fmt.Sprint("orphan-", i), "", set)} {
			if err := pods.Add(p); err != nil {
				b.Fatal(err)
			}
		}
	}
	return pods
}

func owner(i int) types.UID { return types.UID(fmt.Sprint("owner-", i)) }

// look measures a look-up that finds ten, among as many others as said: the cost must not depend on them.
func look(b *testing.B, find func(pods cache.Indexer) []*corev1.Pod) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint("among ", n), func(b *testing.B) {
			pods := crowd(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if found := find(pods); len(found) != 10 {
					b.Fatalf("found %d pods, want 10", len(found))
				}
			}
		})
	}
}

func BenchmarkOwnedBy(b *testing.B) {
	look(b, func(pods cache.Indexer) []*corev1.Pod { return ownerindex.OwnedBy[*corev1.Pod](pods, owner(7)) })
}

func BenchmarkOrphans(b *testing.B) {
	selector := labels.SelectorFromSet(labels.Set{"app": "web-7"})
	look(b, func(pods cache.Indexer) []*corev1.Pod { return ownerindex.Orphans[*corev1.Pod](pods, "here", selector) })
}
