package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// statusOf returns what the own pods make of the status. Its conditions are those that there were.
func statusOf(o observation, own []*corev1.Pod, census podfacts.Census) appsv1.ReplicaSetStatus {
	labeled := 0
	for _, pod := range own {
		if podfacts.IsActive(pod) && hasLabels(pod, o.replicaSet.Spec.Template.Labels) {
			labeled++
		}
	}
	status := appsv1.ReplicaSetStatus{
		Replicas:             saturate32(census.Replicas),
		FullyLabeledReplicas: saturate32(labeled),
		ReadyReplicas:        saturate32(census.Ready),
		AvailableReplicas:    saturate32(census.Available),
		ObservedGeneration:   o.replicaSet.Generation,
		Conditions:           o.replicaSet.Status.Conditions,
	}
	if gone := saturate32(census.Terminating); !o.drops {
		status.TerminatingReplicas = &gone
	}
	return status
}

// hasLabels reports whether the pod bears all the labels of the template; it may have more.
func hasLabels(pod *corev1.Pod, template map[string]string) bool {
	for key, value := range template {
		if got, ok := pod.Labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}

func sameStatus(a, b appsv1.ReplicaSetStatus) bool {
	return equality.Semantic.DeepEqual(a, b)
}
