package replicaset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// statusOf returns what the observation makes of the status. Its conditions are those that there were.
func statusOf(o observation, active, terminating []*corev1.Pod) appsv1.ReplicaSetStatus {
	spec := &o.replicaSet.Spec
	var labeled, ready, available int
	for _, pod := range active {
		if hasLabels(pod, spec.Template.Labels) {
			labeled++
		}
		if podfacts.IsReady(pod) {
			ready++
		}
		if podfacts.IsAvailable(pod, spec.MinReadySeconds, o.now) {
			available++
		}
	}
	status := appsv1.ReplicaSetStatus{
		Replicas:             saturate32(len(active)),
		FullyLabeledReplicas: saturate32(labeled),
		ReadyReplicas:        saturate32(ready),
		AvailableReplicas:    saturate32(available),
		ObservedGeneration:   o.replicaSet.Generation,
		Conditions:           o.replicaSet.Status.Conditions,
	}
	if gone := saturate32(len(terminating)); !o.drops {
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

// untilAvailable returns how long it is until the next ready pod becomes available, or 0 if none will.
func untilAvailable(o observation, active []*corev1.Pod) time.Duration {
	var next time.Duration
	for _, pod := range active {
		next = soonest.Of(next, podfacts.UntilAvailable(pod, o.replicaSet.Spec.MinReadySeconds, o.now))
	}
	return next
}

func sameStatus(a, b appsv1.ReplicaSetStatus) bool {
	return equality.Semantic.DeepEqual(a, b)
}
