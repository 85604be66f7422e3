package manager

import (
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// declared is how much controllers may read of pods.
func declared() map[string]controllers.PodFields {
	replicas := controllers.PodFields{ // as controllers replicaset and deployment do
		"metadata.annotations[" + corev1.PodDeletionCost + "]", "metadata.creationTimestamp", "metadata.deletionTimestamp", "metadata.labels",
		"spec.initContainers.name", "spec.initContainers.restartPolicy", "spec.nodeName", "status.conditions[Ready].lastTransitionTime",
		"status.conditions[Ready].status", "status.containerStatuses.restartCount", "status.initContainerStatuses.name",
		"status.initContainerStatuses.restartCount", "status.phase",
	}
	observed := controllers.PodFields{ // as podsync does
		"spec.containers.name", "status.conditions[PodScheduled].lastTransitionTime", "status.conditions[PodScheduled].reason",
		"status.conditions[PodScheduled].status", "status.containerStatuses.lastState.terminated.startedAt", "status.containerStatuses.ready",
		"status.containerStatuses.state.running.startedAt", "status.containerStatuses.state.terminated.startedAt",
		"status.containerStatuses.state.waiting.reason", "status.initContainerStatuses.ready", "status.initContainerStatuses.state.waiting.reason",
		"status.startTime",
	}
	return map[string]controllers.PodFields{"whole": nil, "replicas": replicas, "replicas+podsync": controllers.UnionOfPodFields(replicas, observed)}
}

// BenchmarkSlim measures what it takes to make a pod small, beside what it takes to decode it.
func BenchmarkSlim(b *testing.B) {
	data := encodedPods(b)(0)
	b.Run("decode only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decode(b, data)
		}
	})
	for name, fields := range declared() {
		b.Run(name, func(b *testing.B) {
			s, pod := slimmerFor(b, fields), decode(b, data)
			b.ReportAllocs()
			for b.Loop() {
				mustSlim(b, s, pod)
			}
		})
	}
}

func decode(t testing.TB, data []byte) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	if err := pod.Unmarshal(data); err != nil {
		t.Fatal(err)
	}
	return pod
}

// BenchmarkPodMemory measures the memory that a pod takes in a cache of 50,000, once garbage is collected.
func BenchmarkPodMemory(b *testing.B) {
	for name, fields := range declared() {
		b.Run(name, func(b *testing.B) {
			const pods = 50_000
			for b.Loop() {
				before := heap()
				store := fill(b, pods, slimmerFor(b, fields))
				b.ReportMetric(float64(heap()-before)/pods, "B/pod")
				runtime.KeepAlive(store)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // the first finds that families have died out
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// fill decodes as many pods into a store as an informer has.
func fill(t testing.TB, pods int, s *slimmer) cache.Indexer {
	t.Helper()
	encoded := encodedPods(t)
	store := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for i := range pods {
		if err := store.Add(mustSlim(t, s, decode(t, encoded(i)))); err != nil {
			t.Fatal(err)
		}
	}
	return store
}
