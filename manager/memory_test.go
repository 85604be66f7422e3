package manager

import (
	goruntime "runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// declared is how much controllers may read of pods.
func declared() map[string]controllers.PodFields {
	replicas := controllers.PodFields{ // as controllers replicaset and deployment do
		"metadata.annotations[" + corev1.PodDeletionCost + "]", "metadata.creationTimestamp", "metadata.deletionTimestamp", "metadata.labels",
		"spec.initContainers.name", "spec.initContainers.restartPolicy", "spec.nodeName", "status.conditions[Ready].lastTransitionTime",
		"status.conditions[Ready].status", "status.containerStatuses.restartCount", "status.initContainerStatuses.name",
		"status.initContainerStatuses.restartCount", "status.phase", "status.startTime",
	}
	observed := controllers.PodFields{ // as podsync does
		"spec.containers.name", "status.conditions[PodScheduled].lastTransitionTime", "status.conditions[PodScheduled].reason",
		"status.conditions[PodScheduled].status", "status.containerStatuses.lastState.terminated.startedAt", "status.containerStatuses.ready",
		"status.containerStatuses.state.running.startedAt", "status.containerStatuses.state.terminated.startedAt",
		"status.containerStatuses.state.waiting.reason", "status.initContainerStatuses.ready", "status.initContainerStatuses.state.waiting.reason",
	}
	return map[string]controllers.PodFields{"whole": nil, "replicas": replicas, "replicas+podsync": controllers.UnionOfPodFields(replicas, observed)}
}

// BenchmarkSlim measures what it takes to make a pod small that was decoded whole.
func BenchmarkSlim(b *testing.B) {
	data := mustEncode(b, realPod(0), runtime.ContentTypeProtobuf)
	for name, fields := range declared() {
		b.Run(name, func(b *testing.B) {
			s, pod := slimmerFor(b, fields), mustDecode(b, scheme.Codecs.UniversalDeserializer(), data)
			b.ReportAllocs()
			for b.Loop() {
				mustSlim(b, s, pod)
			}
		})
	}
}

// BenchmarkDecode measures what it takes to decode of a pod what controllers read, and to make it small.
func BenchmarkDecode(b *testing.B) {
	data := mustEncode(b, realPod(0), runtime.ContentTypeProtobuf)
	for name, fields := range declared() {
		b.Run(name, func(b *testing.B) {
			s := slimmerFor(b, fields)
			decoder := decoderFor(b, s, fields)
			b.ReportAllocs()
			for b.Loop() {
				mustSlim(b, s, mustDecode(b, decoder, data))
			}
		})
	}
}

// decoderFor returns the slimmer's decoder, for controllers that read these fields of pods.
func decoderFor(t testing.TB, s *slimmer, fields controllers.PodFields) runtime.Decoder {
	t.Helper()
	s.decoder = NewPodDecoder()
	if err := s.decoder.keep(fields); err != nil {
		t.Fatal(err)
	}
	return runtime.WithoutVersionDecoder{Decoder: cuttingDecoder{scheme.Codecs.UniversalDeserializer(), s.decoder}} // as clients have it
}

func mustDecode(t testing.TB, decoder runtime.Decoder, data []byte) runtime.Object {
	t.Helper()
	object, err := runtime.Decode(decoder, data)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// BenchmarkPodMemory measures the memory that a pod takes in a cache of 50,000, once garbage is collected.
func BenchmarkPodMemory(b *testing.B) {
	for name, fields := range declared() {
		b.Run(name, func(b *testing.B) {
			const pods = 50_000
			for b.Loop() {
				before := heap()
				store := fill(b, pods, fields)
				b.ReportMetric(float64(heap()-before)/pods, "B/pod")
				goruntime.KeepAlive(store)
			}
		})
	}
}

func heap() uint64 {
	goruntime.GC()
	goruntime.GC() // the first finds that families have died out
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// fill decodes as many pods into a store as an informer has.
func fill(t testing.TB, pods int, fields controllers.PodFields) cache.Indexer {
	t.Helper()
	s := slimmerFor(t, fields)
	decoder := decoderFor(t, s, fields)
	store := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for i := range pods {
		data := mustEncode(t, realPod(i), runtime.ContentTypeProtobuf)
		if err := store.Add(mustSlim(t, s, mustDecode(t, decoder, data))); err != nil {
			t.Fatal(err)
		}
	}
	return store
}
