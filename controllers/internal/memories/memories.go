// Package memories keeps what a controller knows of its objects beside what the caches show: for as long as the object is there,
// and not for another of the same name.
package memories

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// Key names an object.
type Key = cache.ObjectName

// Book holds a memory for each object. It is safe for concurrent use; a memory itself belongs to who holds the key.
type Book[M any] struct {
	mu      sync.Mutex
	entries map[Key]entry[M] // guarded by mu
}

type entry[M any] struct {
	uid    types.UID
	memory *M
}

// New returns an empty Book.
func New[M any]() *Book[M] {
	return &Book[M]{entries: map[Key]entry[M]{}}
}

// Of returns what is known of the object with this UID. If nothing is known it calls begin for a new memory; what was known of an
// earlier object of the same name is forgotten.
func (b *Book[M]) Of(key Key, uid types.UID, begin func() *M) *M {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, ok := b.entries[key]
	if !ok || known.uid != uid {
		known = entry[M]{uid: uid, memory: begin()}
		b.entries[key] = known
	}
	return known.memory
}

// Forget drops what is known of an object that is gone.
func (b *Book[M]) Forget(key Key) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.entries, key)
}

// Each calls do for every memory. Nobody may hold a key meanwhile.
func (b *Book[M]) Each(do func(*M)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, known := range b.entries {
		do(known.memory)
	}
}
