package worker

import (
	"runtime/debug"
	"slices"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
)

// Handler returns a handler that adds, for each event, the keys that keysOf names for the object (for an update, for the
// object before and after, each key once): as Live, or as Background if the event is part of the initial list or of a resync.
// Objects whose deletion was missed are given to keysOf as they were last seen. A panic of keysOf costs that event, with a line
// in the log, and not the process.
func (w *Worker) Handler(keysOf func(obj any) []Key) cache.ResourceEventHandler {
	return w.handler(true, func(before, after any) (keys []Key) {
		for _, obj := range [...]any{before, after} {
			if obj != nil {
				keys = append(keys, w.survive(func() []Key { return keysOf(obj) })...)
			}
		}
		return keys
	})
}

// ChangeHandler is Handler for controllers to which it matters what has changed: keysOf names the keys for what an object was and is, where
// nil stands for not being there. If Config.Keys is set the initial list adds none, because each term begins with all keys.
func (w *Worker) ChangeHandler(keysOf func(before, after any) []Key) cache.ResourceEventHandler {
	return w.handler(w.config.Keys == nil, func(before, after any) []Key {
		return w.survive(func() []Key { return keysOf(before, after) })
	})
}

// handler returns a handler that adds the keys that keysOf names for what an object was and is, those of the initial list if it is listed.
func (w *Worker) handler(listed bool, keysOf func(before, after any) []Key) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerDetailedFuncs{
		AddFunc: func(obj any, isInInitialList bool) {
			switch {
			case !isInInitialList:
				w.addAll(keysOf(nil, obj), Live, Added, obj)
			case listed:
				w.addAll(keysOf(nil, obj), Background, Listed, obj)
			}
		},
		UpdateFunc: func(before, after any) {
			if isResync(before, after) {
				w.addAll(keysOf(before, after), Background, Resynced, after)
			} else {
				w.addAll(keysOf(before, after), Live, Updated, after)
			}
		},
		DeleteFunc: func(obj any) {
			if last := lastSeen(obj); last != nil {
				w.addAll(keysOf(last, nil), Live, Deleted, last)
			}
		},
	}
}

// survive calls keysOf and makes its panic no keys. The informer's goroutine, in which it is called, has nobody to recover it.
func (w *Worker) survive(keysOf func() []Key) (keys []Key) {
	defer func() {
		if value := recover(); value != nil {
			keys = nil
			w.config.Log.Error("naming the keys of an event panicked", zap.Any("panic", value), zap.ByteString("stack", debug.Stack()))
		}
	}()
	return keysOf()
}

// addAll adds each of the keys once: a worker may be done with a key before it is added again, and would reconcile it twice for one
// event.
func (w *Worker) addAll(keys []Key, priority Priority, event Event, obj any) {
	if len(keys) == 0 {
		return
	}
	cause := CauseOf(event, obj)
	for i, key := range keys {
		if !slices.Contains(keys[:i], key) {
			w.AddBecause(cause, key, priority)
		}
	}
}

// Self names the object itself, for Handler.
func Self(obj any) []Key {
	name, err := cache.ObjectToName(obj)
	if err != nil { // not an object of the API: informers hold no others
		return nil
	}
	return []Key{name}
}

// lastSeen returns the object of a delete event as it was last seen.
func lastSeen(obj any) any {
	if missed, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		return missed.Obj
	}
	return obj
}

// isResync reports whether an update event repeats an object that has not changed. Objects without a version, which only
// tests have, are taken to have changed.
func isResync(before, after any) bool {
	old, err := meta.Accessor(before)
	if err != nil {
		return false
	}
	now, err := meta.Accessor(after)
	return err == nil && now.GetResourceVersion() != "" && old.GetResourceVersion() == now.GetResourceVersion()
}
