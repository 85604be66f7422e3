package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// kind is what controllerRefs to a Deployment call it.
const kind = "Deployment"

// controllerRef returns the reference that makes a ReplicaSet belong to the Deployment.
func controllerRef(d *appsv1.Deployment) metav1.OwnerReference {
	return *metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind(kind))
}

// ownerKey returns the key of the Deployment that the object's controllerRef names.
func ownerKey(object metav1.Object) (worker.Key, bool) {
	ref := metav1.GetControllerOfNoCopy(object)
	if ref == nil || ref.Kind != kind {
		return worker.Key{}, false
	}
	return worker.Key{Namespace: object.GetNamespace(), Name: ref.Name}, true
}
