// Package podindex finds pods in an informer's cache without walking over the others: those of an owner by the UID in their
// controllerRef, and those without owner by one of their labels.
package podindex

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
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

// Add makes sure that the informer of pods keeps the indexes. Several controllers may call it for the same informer.
func Add(informer cache.SharedIndexInformer) error {
	if _, ok := informer.GetIndexer().GetIndexers()[byOwner]; ok {
		return nil
	}
	if err := informer.AddIndexers(Indexers()); err != nil {
		return fmt.Errorf("index pods by owner: %w", err)
	}
	return nil
}

// OwnedBy returns the pods whose controllerRef bears the UID.
func OwnedBy(pods cache.Indexer, owner types.UID) []*corev1.Pod {
	return byIndex(pods, byOwner, string(owner))
}

// Orphans returns the pods of the namespace without controllerRef that may match the selector: all that do, and few others.
func Orphans(pods cache.Indexer, namespace string, selector labels.Selector) []*corev1.Pod {
	return byIndex(pods, byOrphan, rarest(pods, namespace, selector))
}

func byIndex(pods cache.Indexer, index, key string) []*corev1.Pod {
	objects, err := pods.ByIndex(index, key)
	mustHave(index, err)
	list := make([]*corev1.Pod, 0, len(objects))
	for _, object := range objects {
		list = append(list, object.(*corev1.Pod))
	}
	return list
}

// rarest returns the index key of the label, among those that the selector insists on, that the fewest orphans bear.
func rarest(pods cache.Indexer, namespace string, selector labels.Selector) string {
	requirements, _ := selector.Requirements()
	best, least := namespace, -1
	for _, requirement := range requirements {
		value, ok := exactValue(requirement)
		if !ok {
			continue
		}
		key := labelKey(namespace, requirement.Key(), value)
		names, err := pods.IndexKeys(byOrphan, key)
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
		panic(fmt.Sprintf("pods have no index %s, Add was not called: %v", index, err))
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
	if ref := controllerOf(object); ref != nil {
		return []string{string(ref.UID)}, nil
	}
	return nil, nil
}

// orphanKeys returns the namespace, for selectors without an exact value, and a key for each label.
func orphanKeys(object any) ([]string, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok || controllerOf(pod) != nil {
		return nil, nil
	}
	keys := []string{pod.Namespace}
	for key, value := range pod.Labels {
		keys = append(keys, labelKey(pod.Namespace, key, value))
	}
	return keys, nil
}

func controllerOf(object any) *metav1.OwnerReference {
	if pod, ok := object.(*corev1.Pod); ok {
		return metav1.GetControllerOfNoCopy(pod)
	}
	return nil
}

// labelKey can't be mistaken for another: "=" is in no namespace and no key, and the value comes last.
func labelKey(namespace, key, value string) string {
	return namespace + "=" + key + "=" + value
}
