package manager

import (
	"hash/maphash"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

// sized is an object that knows how many bytes it takes in the encoding that the API server sends it in. All of Kubernetes' own do.
type sized interface {
	Size() int
}

// sample is of how many objects a large cache is asked for the size, at least.
const sample = 1000

// census counts the objects of a cache, and their bytes. It looks at the cache when it is asked to, so that nothing is to be done for each
// object that comes or goes, and nothing to be remembered of it. Of large caches it weighs a sample, always of the same names: a cache in
// which nothing changes has the same size each time.
type census struct {
	cache cache.Store
	seed  maphash.Seed
}

func newCensus(of cache.Store) census {
	return census{cache: of, seed: maphash.MakeSeed()}
}

func (c census) count() (objects, bytes int) {
	keys := c.cache.ListKeys()
	every, weighed := uint64(max(1, len(keys)/sample)), 0
	for _, key := range keys {
		if maphash.String(c.seed, key)%every != 0 {
			continue
		}
		if object, exists, err := c.cache.GetByKey(key); err == nil && exists {
			bytes += sizeOf(object)
			weighed++
		}
	}
	return len(keys), bytes * len(keys) / max(1, weighed)
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
