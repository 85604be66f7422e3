package simulation

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
)

// Feed is a watch of one kind, and the cache that it fills. It lags behind the server by as many changes as haven't been
// delivered.
type Feed struct {
	// Store is the cache, with the indexes that NewFeed was given. As in the host's caches, objects lack what kubectl apply
	// notes in them.
	Store cache.Indexer
	// Notify is told of each change after it has come into the cache; nil stands for an object that isn't there.
	Notify func(before, after Object)

	server   *Server
	kind     string
	position int
}

// Bookmark tells the cache that it has come as far as the server, if it has.
func (f *Feed) Bookmark() {
	if f.Behind() == 0 {
		f.Store.Bookmark(f.server.Version())
	}
}

// NewFeed returns a Feed whose cache lags behind by so many changes, or holds nothing if there have been fewer. It notifies
// nobody of what the cache holds at first.
func NewFeed(server *Server, kind string, lag int, indexers cache.Indexers) *Feed {
	f := &Feed{
		Store:  ordered{cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)},
		Notify: func(before, after Object) {},
		server: server, kind: kind,
	}
	f.Deliver(max(0, f.Behind()-lag))
	return f
}

// Behind returns by how many changes the cache lags behind.
func (f *Feed) Behind() int {
	return len(f.server.table(f.kind).log) - f.position
}

// Deliver brings the next n changes into the cache, or as many as there are.
func (f *Feed) Deliver(n int) {
	for range min(n, f.Behind()) {
		event := f.server.table(f.kind).log[f.position]
		f.position++
		f.take(event)
	}
}

func (f *Feed) take(e event) {
	var before, after Object
	if held, exists, _ := f.Store.Get(e.object); exists {
		before = held.(Object)
	}
	if e.deleted {
		_ = f.Store.Delete(e.object) // fails for no object with a name
	} else {
		after = slim(e.object)
		_ = f.Store.Update(after)
	}
	f.Notify(before, after)
}

// Relist breaks the watch and lists anew: the cache holds what the server does, and changes in between go unnoticed.
func (f *Feed) Relist() {
	before := map[string]Object{}
	for _, held := range f.Store.List() {
		before[keyOf(held.(Object))] = held.(Object)
	}
	var objects []any
	after := f.server.List(f.kind)
	for i, object := range after {
		after[i] = slim(object)
		objects = append(objects, after[i])
	}
	_ = f.Store.Replace(objects, f.server.Version())
	f.position = len(f.server.table(f.kind).log)
	for _, object := range after {
		was := before[keyOf(object)]
		delete(before, keyOf(object))
		f.Notify(was, object)
	}
	for _, key := range sortedKeys(before) {
		f.Notify(before[key], nil)
	}
}

// slim returns what a cache keeps of an object.
func slim(object Object) Object {
	if _, ok := object.GetAnnotations()[corev1.LastAppliedConfigAnnotation]; !ok {
		return object
	}
	kept := object.DeepCopyObject().(Object)
	delete(kept.GetAnnotations(), corev1.LastAppliedConfigAnnotation)
	return kept
}

func sortedKeys(objects map[string]Object) []string {
	keys := make([]string, 0, len(objects))
	for key := range objects {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
