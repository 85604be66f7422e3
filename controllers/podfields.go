package controllers

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// PodFields are fields of pods, by the paths under which `kubectl explain pod` knows them. A path stands for all that is below it:
//
//	"spec.nodeName"
//	"status.conditions"                     // the whole list
//	"status.conditions[Ready]"              // of the list, the item of that type
//	"status.containerStatuses.restartCount" // of each item, one field; the others keep their places, and are empty
//	"metadata.annotations[example.com/a]"   // of the map, one key
//
// Nil stands for whole pods. What says which pod it is, and whose, needs no mention: metadata.name, namespace, uid,
// resourceVersion and ownerReferences.
type PodFields []string

// identity is what the caches, the indexes by owner and the records of all controllers stand on.
var identity = [...]string{"metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion", "metadata.ownerReferences"}

// UnionOfPodFields returns the fields that are in any of them.
func UnionOfPodFields(all ...PodFields) PodFields {
	union := PodFields{}
	for _, fields := range all {
		if fields == nil {
			return nil
		}
		union = append(union, fields...)
	}
	slices.Sort(union)
	return slices.Compact(union)
}

// Copier returns a function that gives one pod these fields of another, and leaves its other fields as they are. Both share the
// memory of what is below the paths, but for lists with room to spare, which are copied. It fails if pods have no such field.
func (f PodFields) Copier() (func(into, from *corev1.Pod), error) {
	if f == nil {
		return func(into, from *corev1.Pod) { *into = *from }, nil
	}
	root, err := f.tree()
	if err != nil {
		return nil, err
	}
	return func(into, from *corev1.Pod) { root.copy(reflect.ValueOf(into).Elem(), reflect.ValueOf(from).Elem()) }, nil
}

// tree returns the fields as one of a pod, with its identity.
func (f PodFields) tree() (*field, error) {
	root := &field{}
	for _, path := range slices.Concat(identity[:], f) {
		if path == "" || strings.HasSuffix(path, ".") {
			return nil, fmt.Errorf("%q ends before it names a field of pods", path)
		}
		if err := root.add(reflect.TypeFor[corev1.Pod](), path); err != nil {
			return nil, fmt.Errorf("pods have no field %q: %w", path, err)
		}
	}
	return root, nil
}
