package manager

import (
	"hash/fnv"
	"math/bits"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

// sized is an object that knows how many bytes it takes in the encoding that the API server sends it in. All of Kubernetes' own do.
type sized interface {
	Size() int
}

// sample is about how many objects of a large cache are weighed: up to twice as many.
const sample = 1000

// weigh counts the objects of a cache, and their bytes. It looks at the cache when it is asked to, so that nothing is to be done for each
// object that comes or goes, and nothing to be remembered of it. Of a large cache it weighs a sample, chosen by their names: the same in
// each replica, and nearly the same when the cache grows.
func weigh(store cache.Store) (objects, bytes int) {
	keys := store.ListKeys()
	halvings, weighed := max(0, bits.Len(uint(len(keys)/sample))-1), 0
	var name []byte
	for _, key := range keys {
		hash := fnv.New64a() // its Write never fails
		name = append(name[:0], key...)
		_, _ = hash.Write(name)
		if hash.Sum64()>>(64-halvings) != 0 {
			continue
		}
		if object, exists, err := store.GetByKey(key); err == nil && exists {
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
