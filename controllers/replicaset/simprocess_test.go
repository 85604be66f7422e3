package replicaset

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// simProcess is a process that leads: the engine that production runs, with caches that lag and a queue without workers.
type simProcess struct {
	*world
	engine     *Engine
	pods, sets *simulation.Feed
	due        map[worker.Key]time.Time
	failures   map[worker.Key]int
}

// lead makes a new process the leader. Its caches lag behind the server.
func (w *world) lead() {
	p := &simProcess{world: w, due: map[worker.Key]time.Time{}, failures: map[worker.Key]int{}}
	p.pods = simulation.NewFeed(w.server, "pods", w.random.IntN(20), ownerindex.Indexers())
	indexers := ownerindex.Indexers()
	indexers[cache.NamespaceIndex] = cache.MetaNamespaceIndexFunc
	p.sets = simulation.NewFeed(w.server, "replicasets", w.random.IntN(4), indexers)
	c := caches{pods: p.pods.Store, replicaSets: p.sets.Store}
	p.pods.Notify = func(before, after simulation.Object) { p.podChanged(c, before, after) }
	p.sets.Notify = func(_, after simulation.Object) {
		if after != nil {
			p.due[keyOf(after.(*appsv1.ReplicaSet))] = w.now
		}
	}
	api := simAPI{world: w, client: p}
	t := newTerm(w.random.Uint64(), 5)
	pods, sets, _ := api.versions(context.Background())
	t.begin.Store(&versions{pods, sets})
	p.engine = &Engine{
		api: api, caches: c, term: t,
		now:    func() time.Time { return w.now },
		spread: oneByOne,
		pass:   func(context.Context, string) error { return nil },
		say:    func(*appsv1.ReplicaSet, string, string, string) {},
		wake:   func(key worker.Key) { p.due[key] = w.now },
	}
	for _, held := range p.sets.Store.List() {
		p.due[keyOf(held.(*appsv1.ReplicaSet))] = w.now
	}
	w.process = p
	w.logf("new leader, %d pod and %d replicaset changes behind", p.pods.Behind(), p.sets.Behind())
}

func oneByOne(n int, do func(int)) {
	for i := range n {
		do(i)
	}
}

func (p *simProcess) podChanged(c caches, before, after simulation.Object) {
	for _, key := range c.keysOfPodChange(before, after) {
		p.due[key] = p.now
	}
}

// work reconciles a key that is due, if there is one. The process may be killed while it does.
func (p *simProcess) work() (killed bool) {
	defer func() {
		switch value := recover(); value.(type) {
		case nil:
		case simulation.Killed:
			killed = true
		default:
			panic(value)
		}
	}()
	keys := slices.SortedFunc(maps.Keys(p.due), func(a, b worker.Key) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !p.due[key].After(p.now) {
			delete(p.due, key)
			p.mutate(p)
			p.reconcile(key)
			p.mutate(p)
			return false
		}
	}
	return false
}

func (p *simProcess) reconcile(key worker.Key) {
	result, err := p.engine.Reconcile(context.Background(), key)
	p.logf("reconciled at v%s: again after %s, error %v", p.pods.Store.LastStoreSyncResourceVersion(), result.RequeueAfter, err)
	after := result.RequeueAfter
	if err != nil {
		p.failures[key]++
		after = min(30*time.Second, 5*time.Millisecond<<min(p.failures[key], 13))
	} else {
		p.failures[key] = 0
	}
	if _, again := p.due[key]; after > 0 && !again {
		p.due[key] = p.now.Add(after)
	}
}

// next returns when the next key is due.
func (p *simProcess) next() (time.Time, bool) {
	var next time.Time
	for _, due := range p.due {
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return next, !next.IsZero()
}

// cachedPod returns the pod as the cache shows it, or nil.
func (p *simProcess) cachedPod(pod *corev1.Pod) *corev1.Pod {
	held, exists, _ := p.pods.Store.Get(pod)
	if !exists || held.(metav1.Object).GetUID() != pod.UID {
		return nil
	}
	return held.(*corev1.Pod)
}

// setVersion returns the version of the ReplicaSet that the cache shows, or 0.
func (p *simProcess) setVersion() int {
	held, exists, _ := p.sets.Store.GetByKey("default/web")
	version := 0
	if exists {
		_, _ = fmt.Sscan(held.(metav1.Object).GetResourceVersion(), &version)
	}
	return version
}
