package simulation

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// Deleted returns what the server makes of an object that is deleted: nil, or for a pod that runs somewhere, one that has been told
// to end.
func Deleted(object Object, now time.Time) Object {
	pod, ok := object.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" || podfacts.IsEnded(pod) {
		return nil
	}
	if pod.DeletionTimestamp != nil {
		return pod
	}
	told := pod.DeepCopy()
	told.DeletionTimestamp = &metav1.Time{Time: now}
	return told
}
