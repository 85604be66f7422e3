package manager

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"
)

// caches are the informers of the process, one for each resource that any controller asked for.
type caches struct {
	factory informers.SharedInformerFactory
	watches *Watches // nil if nobody listens

	mu      sync.Mutex
	cached  map[cache.Indexer]*cached // guarded by mu; by what the informer fills: one informer has many wrappers
	running sync.WaitGroup
}

func newCaches(factory informers.SharedInformerFactory) *caches {
	return &caches{factory: factory, cached: map[cache.Indexer]*cached{}}
}

// user returns the shared informers for one controller, which remember those that it asks for.
func (c *caches) user() *usedInformers {
	return &usedInformers{SharedInformerFactory: c.factory, caches: c, used: map[*cached]struct{}{}}
}

// of returns the cache that the informer of the resource fills.
func (c *caches) of(informer cache.SharedIndexInformer, resource string) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, ok := c.cached[informer.GetIndexer()]
	if !ok {
		one = &cached{resource: resource, informer: informer, watches: c.watches, moved: time.Now()}
		c.cached[informer.GetIndexer()] = one
		one.watchErrors()
	}
	return one
}

// list returns all caches, sorted by resource.
func (c *caches) list() []*cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*cached, 0, len(c.cached))
	for _, one := range c.cached {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b *cached) int { return strings.Compare(a.resource, b.resource) })
	return list
}

// wait returns when all informers have ended, which they do when the context that they were started with has.
func (c *caches) wait() {
	c.running.Wait()
}

// resourceOf returns what to call the objects' resource: "pods", "replicasets.apps".
func resourceOf(obj runtime.Object) string {
	kinds, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil || len(kinds) == 0 { // not an API type of Kubernetes
		return fmt.Sprintf("%T", obj)
	}
	resource, _ := meta.UnsafeGuessKindToResource(kinds[0])
	return resource.GroupResource().String()
}

// cached is the cache of one resource.
type cached struct {
	resource string
	informer cache.SharedIndexInformer
	watches  *Watches
	once     sync.Once // starts the informer

	mu      sync.Mutex
	failure failure   // guarded by mu
	version string    // guarded by mu: how far the cache had come when somebody last looked
	moved   time.Time // guarded by mu: when it was first seen there
}

// failure is the last error of a list or watch.
type failure struct {
	err     error
	version string // of the cache at that time: when it has moved on, the failure is over
}

// start starts the informer, unless it has been started.
func (c *cached) start(ctx context.Context, running *sync.WaitGroup) {
	c.once.Do(func() {
		running.Go(func() { c.informer.RunWithContext(ctx) })
	})
}

// isSynced reports whether the cache has been filled.
func (c *cached) isSynced() bool {
	return cache.IsDone(c.informer.HasSyncedChecker())
}

// watchErrors makes the informer tell of failed lists and watches. One that has been started already, by a controller that
// broke its promise to start nothing, can't be asked any more, and does without.
func (c *cached) watchErrors() {
	_ = c.informer.SetWatchErrorHandlerWithContext(c.noteError)
}

// noteError keeps the error for whoever reports the state of the controllers that use the cache.
func (c *cached) noteError(_ context.Context, _ *cache.Reflector, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = failure{err: err, version: c.informer.LastSyncResourceVersion()}
}

// idle returns how long ago the cache came to where it is, or the resource was last heard of. Of a move it knows to the interval at which
// it is asked.
func (c *cached) idle(now time.Time) time.Duration {
	version := c.informer.LastSyncResourceVersion()
	c.mu.Lock()
	defer c.mu.Unlock()
	if version != c.version {
		c.version, c.moved = version, now
	}
	if heard := c.watches.last(c.resource); heard.After(c.moved) {
		return max(0, now.Sub(heard))
	}
	return now.Sub(c.moved)
}

// lastError returns why the cache is not filled or not moving, or nil if it is.
func (c *cached) lastError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure.err != nil && c.failure.version == c.informer.LastSyncResourceVersion() {
		return c.failure.err
	}
	return nil
}
