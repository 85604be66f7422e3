package manager

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
	cachetesting "k8s.io/client-go/tools/cache/testing"
	"k8s.io/utils/dump"

	"github.com/6ead2ce0/wheelhouse/metrics"
)

func podOf(name string, labels map[string]string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: labels}}
}

// cacheOf returns a cache of what the source has, which is kept until the test ends.
func cacheOf(t testing.TB, all *caches, source *cachetesting.FakeControllerSource) *cached {
	t.Helper()
	c := all.of(cache.NewSharedIndexInformer(source, &corev1.Pod{}, 0, cache.Indexers{}), "pods")
	c.start(t.Context(), &all.running)
	t.Cleanup(func() {
		all.wait()
		source.Shutdown()
	})
	return c
}

func TestFiguresOfACacheFollowIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, source := newCaches(nil), cachetesting.NewFakeControllerSource()
		source.Add(podOf("early", nil)) // so that the first version isn't 0, from which client-go doesn't count
		source.Delete(podOf("early", nil))
		time.Sleep(time.Minute)
		cacheOf(t, all, source)
		large := map[string]string{"key": fmt.Sprintf("%01000d", 0)}
		steps := []struct {
			name    string
			change  func()
			objects int
			large   bool
			idle    time.Duration
		}{
			{"empty", func() {}, 0, false, time.Second},
			{"two pods", func() { source.Add(podOf("a", nil)); source.Add(podOf("b", nil)) }, 2, false, time.Second},
			{"nothing new", func() {}, 2, false, 2 * time.Second},
			{"one grows", func() { source.Modify(podOf("a", large)) }, 2, true, time.Second},
			{"it goes", func() { source.Delete(podOf("a", nil)) }, 1, false, time.Second},
			{"the other goes", func() { source.Delete(podOf("b", nil)) }, 0, false, time.Second},
		}
		for _, s := range steps {
			s.change()
			synctest.Wait()
			all.figures(time.Now()) // which sees it move, as the manager does from time to time
			time.Sleep(time.Second)
			got := all.figures(time.Now())["pods"]
			want := figures{objects: s.objects, bytes: got.bytes, idle: s.idle}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(figures{})); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", s.name, diff)
			}
			if isLarge := got.bytes > 1000; isLarge != s.large || (got.bytes == 0) != (s.objects == 0) {
				t.Errorf("%s: %d bytes in %d objects", s.name, got.bytes, got.objects)
			}
		}
	})
}

func TestTwoCachesOfOneResourceAreOneSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, source := newCaches(nil), cachetesting.NewFakeControllerSource()
		source.Add(podOf("a", nil))
		cacheOf(t, all, source)
		cacheOf(t, all, cachetesting.NewFakeControllerSource())
		synctest.Wait()
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(newCacheMetrics(all))
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if n := len(family.GetMetric()); n != 1 {
				t.Errorf("%s has %d series, want 1", family.GetName(), n)
			}
		}
		if got := all.figures(time.Now())["pods"].objects; got != 1 {
			t.Errorf("%d objects, want 1", got)
		}
	})
}

// A resource of which nothing changes is heard of whenever its watch is begun anew.
func TestAnsweredWatchIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newCaches(nil)
		all.watches = NewWatches()
		<-cacheOf(t, all, cachetesting.NewFakeControllerSource()).informer.HasSyncedChecker().Done()
		synctest.Wait()
		all.figures(time.Now()) // which sees it move
		time.Sleep(time.Minute)
		all.watches.hear("nodes")
		if got := all.figures(time.Now())["pods"].idle; got != time.Minute {
			t.Errorf("idle for %v after a minute in which nothing came, want 1m0s", got)
		}
		all.watches.hear("pods")
		time.Sleep(time.Second)
		if got := all.figures(time.Now())["pods"].idle; got != time.Second {
			t.Errorf("idle for %v a second after the watch was answered, want 1s", got)
		}
	})
}

// TestWeighingLeavesObjectsAlone tells that a quantity doesn't remember its text. A template is hashed with all that its quantities hold,
// and another hash is another ReplicaSet.
func TestWeighingLeavesObjectsAlone(t *testing.T) {
	limit := resource.MustParse("64Mi")
	pod := podOf("a", nil)
	pod.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: &limit}}}}
	before := dump.ForHash(pod)
	store := cache.NewStore(cache.MetaNamespaceKeyFunc)
	if err := store.Add(pod); err != nil {
		t.Fatal(err)
	}
	if _, bytes := weigh(store); bytes == 0 {
		t.Error("the pod has no size")
	}
	if diff := cmp.Diff(before, dump.ForHash(pod)); diff != "" {
		t.Errorf("the pod has changed (-before +after):\n%s", diff)
	}
}

// BenchmarkScrape gets the page of metrics of a process with 50,000 pods in its cache.
func BenchmarkScrape(b *testing.B) {
	const pods = 50_000
	all, source := newCaches(nil), cachetesting.NewFakeControllerSource()
	for i := range pods {
		source.AddDropWatch(podOf(fmt.Sprint(i), map[string]string{"app": "web"}))
	}
	c := cacheOf(b, all, source)
	<-c.informer.HasSyncedChecker().Done()
	registry := metrics.NewRegistry("benchmark")
	registry.MustRegister(newCacheMetrics(all))
	page := metrics.Handler(registry, zap.NewNop())
	size := 0
	for b.Loop() {
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), "GET", "/metrics", nil))
		size = answer.Body.Len()
	}
	b.ReportMetric(float64(size), "B/scrape")
}

// scalePod counts how often it is weighed.
type scalePod struct {
	*corev1.Pod
	weighed *int
}

func (p scalePod) DeepCopyObject() runtime.Object {
	*p.weighed++
	return p.Pod.DeepCopyObject()
}

// TestSampleOfManyPodsIsWeighed has small pods and large ones in the cache, as many of each.
func TestSampleOfManyPodsIsWeighed(t *testing.T) {
	const pods = 20_000
	store, want, weighed := cache.NewStore(cache.MetaNamespaceKeyFunc), 0, 0
	for i := range pods {
		pod := podOf(fmt.Sprint(i), map[string]string{"key": strings.Repeat("x", i%2*1000)})
		want += pod.Size()
		if err := store.Add(scalePod{pod, &weighed}); err != nil {
			t.Fatal(err)
		}
	}
	objects, bytes := weigh(store)
	if objects != pods || bytes < want*8/10 || bytes > want*12/10 {
		t.Errorf("%d objects of %d bytes, want %d of about %d", objects, bytes, pods, want)
	}
	if weighed < sample*3/4 || weighed > sample*5/2 {
		t.Errorf("%d of them were weighed, want about %d to %d", weighed, sample, 2*sample)
	}
}
