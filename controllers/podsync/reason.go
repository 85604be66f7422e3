package podsync

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

const (
	terminating = "Terminating"
	other       = "Other"
)

// reasons are why pods wait. Of several that a pod has, the one that comes first here counts.
//
// The list ends with ordinary reasons: those that pass by themselves or were asked for, as a scheduling gate is. What is not
// in the list at all is taken for an error, and counts as Other.
var reasons = [...]string{
	"CrashLoopBackOff",
	"ImagePullBackOff",
	"ErrImagePull",
	"InvalidImageName",
	"CreateContainerConfigError",
	"CreateContainerError",
	"RunContainerError",
	corev1.PodReasonUnschedulable,
	terminating,
	other,

	"PodInitializing",
	"ContainerCreating",
	"RestartingAllContainers",
	corev1.PodReasonSchedulingGated,
	"",
}

// terminationGrace is how much longer than its grace period the deletion of a pod may take: a kubelet that is alive is done
// within it.
const terminationGrace = time.Minute

// stuckReasons returns the reasons that keep a pod from getting on until somebody does something about it.
func stuckReasons() []string {
	return reasons[:rank(other)+1]
}

// stuckOn returns which of stuckReasons the reason counts as, or "" if it is an ordinary one.
func stuckOn(reason string) string {
	if i := rank(reason); i <= rank(other) {
		return reasons[i]
	}
	return ""
}

// rank returns the index in reasons of the one that the reason counts as.
func rank(reason string) int {
	if i := slices.Index(reasons[:], reason); i >= 0 {
		return i
	}
	return slices.Index(reasons[:], other)
}

// reasonOf returns why the pod waits, or "". A pod that is being deleted waits for nothing but its end, and one that has ended
// for nothing at all, whatever its containers say.
func reasonOf(pod *corev1.Pod, now time.Time) string {
	if pod.DeletionTimestamp != nil {
		if untilStuck(pod, now) > 0 {
			return ""
		}
		return terminating
	}
	if podfacts.IsEnded(pod) {
		return ""
	}
	first := ""
	if c := condition(pod, corev1.PodScheduled); is(c, corev1.ConditionFalse) {
		first = c.Reason
	}
	for _, statuses := range [...][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for _, s := range statuses {
			if w := s.State.Waiting; w != nil && rank(w.Reason) < rank(first) {
				first = w.Reason
			}
		}
	}
	return shared(first)
}

// untilStuck returns how long it is until the deletion of the pod takes too long; 0 or less if it already does.
func untilStuck(pod *corev1.Pod, now time.Time) time.Duration {
	// The timestamp is when the grace period ends, not when the deletion was requested.
	return pod.DeletionTimestamp.Add(terminationGrace).Sub(now)
}

// shared returns the same reason without holding on to the pod's memory, if it is one of reasons.
func shared(reason string) string {
	if i := slices.Index(reasons[:], reason); i >= 0 {
		return reasons[i]
	}
	return reason
}
