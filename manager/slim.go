package manager

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// slim drops from an object, before it is cached, what is large and of no use to any controller: managedFields, and the
// annotation that `kubectl apply` keeps its input in. A copy of that annotation would be refused or misread by kubectl
// anyway, so that a controller must not copy it.
func slim(obj any) (any, error) {
	if object, ok := obj.(metav1.Object); ok { // else it is what the informer says of one
		object.SetManagedFields(nil)
		object.SetAnnotations(withoutLastApplied(object.GetAnnotations()))
	}
	return obj, nil
}

func withoutLastApplied(annotations map[string]string) map[string]string {
	if _, ok := annotations[corev1.LastAppliedConfigAnnotation]; !ok {
		return annotations
	}
	annotations = maps.Clone(annotations)
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	return annotations
}
