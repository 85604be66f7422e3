package manager

import (
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// sized is an object that knows how many bytes it takes in the encoding that the API server sends it in. All of Kubernetes' own do.
type sized interface {
	Size() int
}

// census counts the objects of a cache and their bytes as they come and go: a cache of 50,000 pods is not to be walked whenever
// somebody asks. It remembers the size of each, because the last that is heard of an object is mostly not what the cache held. That
// takes some 60 bytes an object, whose smallest has several hundred.
type census struct {
	mu    sync.Mutex
	sizes map[cache.ObjectName]int // guarded by mu
	bytes int                      // guarded by mu: all sizes added up
}

// take makes the informer report to the census. It fails only for an informer that has ended, whose cache is of no use any more.
func (c *census) take(informer cache.SharedInformer) {
	const never = 0 // is when to report what has not changed
	_, _ = informer.AddEventHandlerWithResyncPeriod(cache.ResourceEventHandlerFuncs{
		AddFunc:    c.add,
		UpdateFunc: func(_, after any) { c.add(after) },
		DeleteFunc: func(last any) { c.remove(worker.LastSeen(last)) },
	}, never)
}

func (c *census) add(object any) {
	name, err := cache.ObjectToName(object)
	if err != nil { // no object of the API: informers hold no others
		return
	}
	size := sizeOf(object)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sizes == nil {
		c.sizes = map[cache.ObjectName]int{}
	}
	c.bytes += size - c.sizes[name]
	c.sizes[name] = size
}

// sizeOf returns how many bytes the object takes, 0 if that is not known. It asks a copy: a quantity remembers its text when it is
// asked for its size, and what others read at the same time, and hash, must not change.
func sizeOf(object any) int {
	if object, ok := object.(runtime.Object); ok {
		if own, ok := object.DeepCopyObject().(sized); ok {
			return own.Size()
		}
	}
	return 0
}

func (c *census) remove(object any) {
	name, err := cache.ObjectToName(object)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes -= c.sizes[name]
	delete(c.sizes, name)
}

func (c *census) count() (objects, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.sizes), c.bytes
}
