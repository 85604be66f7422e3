// Package ownwrites remembers what a controller wrote and its cache doesn't show yet, so that no decision is made on a cache
// that is older than the decision before it.
//
// The caller records each write when its reply has come, and calls Settle before it reads the cache for its next decision.
// Writes are compared with what the cache holds, not counted as events come by: nothing drifts when an event is missed,
// repeated or merged. The event that brings a write into the cache wakes the caller as any other event does.
package ownwrites

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// Patience is how long a write may stay unseen. After that the cache has missed it or stands still; waiting longer helps
// neither, and the caller must read from the API server instead.
const Patience = 5 * time.Minute

// Cache is what Settle asks of the cache, for one kind of object and one namespace.
type Cache interface {
	// Get returns the object of that name, or nil.
	Get(name string) metav1.Object
	// Version returns the newest resourceVersion that the cache has taken in, or "" if it doesn't know.
	Version() string
}

// Writes are the unseen writes on objects of one kind and namespace. The zero value has none. It has no lock: it belongs to
// whoever holds the key of the owner.
type Writes struct {
	unseen map[string]write // by name of the object; a later write replaces an earlier one
}

type write struct {
	uid     types.UID
	version string // of the object after the write; of a deletion, the last one known before it
	deleted bool
	at      time.Time
}

// Wrote records that the object is now as given: it was created or changed, or read from the API server.
func (w *Writes) Wrote(object metav1.Object, now time.Time) {
	w.record(object.GetName(), write{uid: object.GetUID(), version: object.GetResourceVersion(), at: now})
}

// Deleted records that the object, which is given as it was last known, was deleted or told to end.
func (w *Writes) Deleted(object metav1.Object, now time.Time) {
	w.record(object.GetName(), write{uid: object.GetUID(), version: object.GetResourceVersion(), deleted: true, at: now})
}

func (w *Writes) record(name string, one write) {
	if w.unseen == nil {
		w.unseen = map[string]write{}
	}
	w.unseen[name] = one
}

// Has reports whether a write on the object is still unseen.
func (w *Writes) Has(object metav1.Object) bool {
	one, ok := w.unseen[object.GetName()]
	return ok && one.uid == object.GetUID()
}

// Len returns how many writes are unseen.
func (w *Writes) Len() int {
	return len(w.unseen)
}

// Settle forgets the writes that the cache shows. If one has been unseen for longer than Patience it forgets all of them and
// returns false: then the cache can't be trusted, and the caller must read from the API server before it acts.
func (w *Writes) Settle(cache Cache, now time.Time) (trust bool) {
	if len(w.unseen) == 0 {
		return true
	}
	version := cache.Version() // before the objects: what is read later is no older
	for name, one := range w.unseen {
		if one.shownBy(cache.Get(name), version) {
			delete(w.unseen, name)
		}
	}
	for _, one := range w.unseen {
		if now.Sub(one.at) > Patience {
			clear(w.unseen)
			return false
		}
	}
	return true
}

// shownBy reports whether a cache that holds the object (nil if none of that name) and has taken in all up to version shows
// the write or what came after it.
func (w write) shownBy(object metav1.Object, version string) bool {
	switch {
	case object == nil && w.deleted:
		return !newer(w.version, version) // else the cache has not seen it come yet
	case object == nil:
		return reached(version, w.version)
	case w.deleted && object.GetUID() == w.uid:
		return object.GetDeletionTimestamp() != nil
	}
	return !newer(w.version, object.GetResourceVersion())
}

// newer reports whether a is known to be newer than b. Versions that are not numbers, as those of test doubles, aren't.
func newer(a, b string) bool {
	order, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && order > 0
}

// reached reports whether version is known to be at least wanted.
func reached(version, wanted string) bool {
	order, err := resourceversion.CompareResourceVersion(version, wanted)
	return err == nil && order >= 0
}
