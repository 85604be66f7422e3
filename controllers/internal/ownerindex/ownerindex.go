// Package ownerindex finds objects in an informer's cache without walking over the others: those of an owner by the UID in their
// controllerRef, and those without owner by one of their labels.
package ownerindex

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// Names of the indexes.
const (
	byOwner  = "wheelhouse/owner"
	byOrphan = "wheelhouse/orphan"
)

// Indexers returns the index functions, for a store that no informer fills.
func Indexers() cache.Indexers {
	return cache.Indexers{byOwner: ownerKeys, byOrphan: orphanKeys}
}

// Add makes sure that the informer keeps the indexes. Several controllers may call it for the same informer.
func Add(informer cache.SharedIndexInformer) error {
	if _, ok := informer.GetIndexer().GetIndexers()[byOwner]; ok {
		return nil
	}
	if err := informer.AddIndexers(Indexers()); err != nil {
		return fmt.Errorf("index by owner: %w", err)
	}
	return nil
}

// OwnedBy returns the objects whose controllerRef bears the UID.
func OwnedBy[T metav1.Object](objects cache.Indexer, owner types.UID) []T {
	return byIndex[T](objects, byOwner, string(owner))
}

// Orphans returns the objects of the namespace without controllerRef that may match the selector: all that do, and few others.
func Orphans[T metav1.Object](objects cache.Indexer, namespace string, selector labels.Selector) []T {
	return byIndex[T](objects, byOrphan, rarest(objects, namespace, selector))
}

func byIndex[T metav1.Object](objects cache.Indexer, index, key string) []T {
	found, err := objects.ByIndex(index, key)
	mustHave(index, err)
	list := make([]T, 0, len(found))
	for _, object := range found {
		list = append(list, object.(T))
	}
	return list
}

// rarest returns the index key of the label, among those that the selector insists on, that the fewest orphans bear.
func rarest(objects cache.Indexer, namespace string, selector labels.Selector) string {
	requirements, _ := selector.Requirements()
	best, least := namespace, -1
	for _, requirement := range requirements {
		value, ok := exactValue(requirement)
		if !ok {
			continue
		}
		key := labelKey(namespace, requirement.Key(), value)
		names, err := objects.IndexKeys(byOrphan, key)
		mustHave(byOrphan, err)
		if least < 0 || len(names) < least {
			best, least = key, len(names)
		}
	}
	return best
}

// mustHave panics if a look-up failed, which it does only if the index is missing: a mistake of the programmer.
func mustHave(index string, err error) {
	if err != nil {
		panic(fmt.Sprintf("the cache has no index %s, Add was not called: %v", index, err))
	}
}

func exactValue(requirement labels.Requirement) (string, bool) {
	values := requirement.ValuesUnsorted()
	switch requirement.Operator() {
	case selection.Equals, selection.DoubleEquals, selection.In:
		if len(values) == 1 {
			return values[0], true
		}
	}
	return "", false
}

func ownerKeys(object any) ([]string, error) {
	if o, ok := object.(metav1.Object); ok {
		if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
			return []string{string(ref.UID)}, nil
		}
	}
	return nil, nil
}

// orphanKeys returns the namespace, for selectors without an exact value, and a key for each label.
func orphanKeys(object any) ([]string, error) {
	o, ok := object.(metav1.Object)
	if !ok || metav1.GetControllerOfNoCopy(o) != nil {
		return nil, nil
	}
	keys := []string{o.GetNamespace()}
	for key, value := range o.GetLabels() {
		keys = append(keys, labelKey(o.GetNamespace(), key, value))
	}
	return keys, nil
}

// labelKey can't be mistaken for another: "=" is in no namespace and no key, and the value comes last.
func labelKey(namespace, key, value string) string {
	return namespace + "=" + key + "=" + value
}
