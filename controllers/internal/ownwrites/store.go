package ownwrites

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// InStore is the Cache that an informer's store is for one namespace.
type InStore struct {
	Store     cache.Store
	Namespace string
}

// Get returns the object of that name, or nil.
func (s InStore) Get(name string) metav1.Object {
	object, exists, err := s.Store.GetByKey(cache.NewObjectName(s.Namespace, name).String())
	if err != nil || !exists {
		return nil
	}
	return object.(metav1.Object)
}

// Version returns the newest resourceVersion that the store has taken in, or "" if it doesn't know.
func (s InStore) Version() string {
	return s.Store.LastStoreSyncResourceVersion()
}

// Reached reports whether the store is known to have taken in everything up to the version.
func Reached(store cache.Store, version string) bool {
	return reached(store.LastStoreSyncResourceVersion(), version)
}
