package manager

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// slimmer makes objects small before they are cached.
type slimmer struct {
	// decoder, if there is one, decodes pods small where it can.
	decoder *PodDecoder
	// copyFields copies what the controllers read of pods. It is set before the first pod comes.
	copyFields func(into, from *corev1.Pod)
	families   families
}

// keep makes the slimmer keep what the controllers read of pods, as far as they have asked for the cache of them.
func (s *slimmer) keep(all []*hosted) (err error) {
	var fields []controllers.PodFields
	for _, h := range all {
		if h.informers.uses("pods") {
			fields = append(fields, h.descriptor.Pods)
		}
	}
	union := controllers.UnionOfPodFields(fields...)
	if s.copyFields, err = union.Copier(); err != nil || s.decoder == nil {
		return err
	}
	return s.decoder.keep(union)
}

// slim drops from an object what is large and of no use to any controller: managedFields, and the annotation that `kubectl apply`
// keeps its input in. A copy of that annotation would be refused or misread by kubectl anyway, so that a controller must not copy it.
// Of a pod it keeps what the controllers declare.
func (s *slimmer) slim(obj any) (any, error) {
	if pod, ok := obj.(*corev1.Pod); ok {
		return s.slimPod(pod), nil
	}
	if object, ok := obj.(metav1.Object); ok { // else it is what the informer says of one
		strip(object)
	}
	return obj, nil
}

// slimPod returns the pod to cache. It is another one unless it comes fresh from the decoder, so that a pod which is in the cache and comes
// by again is never written to.
func (s *slimmer) slimPod(pod *corev1.Pod) *corev1.Pod {
	kept := pod
	switch {
	case s.decoder.isFresh(pod):
		trimLists(pod)
	case s.families.has(pod): // already small: client-go passes the pods of an initial list twice
		return pod
	default:
		kept = &corev1.Pod{}
		s.copyFields(kept, pod)
	}
	strip(kept)
	s.families.join(kept)
	return kept
}

func strip(object metav1.Object) {
	object.SetManagedFields(nil)
	object.SetAnnotations(withoutLastApplied(object.GetAnnotations()))
}

func withoutLastApplied(annotations map[string]string) map[string]string {
	if _, ok := annotations[corev1.LastAppliedConfigAnnotation]; !ok {
		return annotations
	}
	annotations = maps.Clone(annotations)
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	return annotations
}
