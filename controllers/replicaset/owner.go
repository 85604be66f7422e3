package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// kind is what controllerRefs to a ReplicaSet call it.
const kind = "ReplicaSet"

// controllerRef returns the reference that makes a pod belong to the ReplicaSet.
func controllerRef(rs *appsv1.ReplicaSet) metav1.OwnerReference {
	return *metav1.NewControllerRef(rs, appsv1.SchemeGroupVersion.WithKind(kind))
}

// ownerKey returns the key of the ReplicaSet that the object's controllerRef names.
func ownerKey(object metav1.Object) (worker.Key, bool) {
	ref := metav1.GetControllerOfNoCopy(object)
	if ref == nil || ref.Kind != kind {
		return worker.Key{}, false
	}
	return worker.Key{Namespace: object.GetNamespace(), Name: ref.Name}, true
}
