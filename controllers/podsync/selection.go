package podsync

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// selection says which pods are observed.
type selection struct {
	namespace string // empty: all
	labels    labels.Selector
}

// has reports whether the pod is observed.
func (s selection) has(pod *corev1.Pod) bool {
	return (s.namespace == "" || s.namespace == pod.Namespace) && s.labels.Matches(labels.Set(pod.Labels))
}
