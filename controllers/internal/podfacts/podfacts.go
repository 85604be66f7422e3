// Package podfacts says what controllers ask about a pod: is it active, terminating, ready, and available at a given time.
package podfacts

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// IsActive reports whether the pod counts as a replica: it has neither ended nor been told to end.
func IsActive(pod *corev1.Pod) bool {
	return !IsEnded(pod) && pod.DeletionTimestamp == nil
}

// IsTerminating reports whether the pod has been told to end and has not ended yet.
func IsTerminating(pod *corev1.Pod) bool {
	return !IsEnded(pod) && pod.DeletionTimestamp != nil
}

// IsEnded reports whether the pod has succeeded or failed, after which it never runs again.
func IsEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// IsReady reports whether the pod's Ready condition is true.
func IsReady(pod *corev1.Pod) bool {
	_, ready := ReadySince(pod)
	return ready
}

// ReadySince returns since when the pod is ready. The time is zero if the pod is ready and doesn't say since when.
func ReadySince(pod *corev1.Pod) (since time.Time, ready bool) {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.LastTransitionTime.Time, c.Status == corev1.ConditionTrue
		}
	}
	return time.Time{}, false
}

// StampGrain is how coarse timestamps in objects are.
const StampGrain = time.Second

// WasReady reports whether the pod is ready, or tells that it has been: its Ready condition has changed after the kubelet began with it, when
// the kubelet writes it first. It must have changed two seconds later, for all that timestamps tell. A pod that the kubelet has rejected has no
// such condition, but may get one when the kubelet is started anew, and is taken for one that was ready then.
func WasReady(pod *corev1.Pod) bool {
	since, ready := ReadySince(pod)
	return ready || pod.Status.StartTime != nil && since.Sub(pod.Status.StartTime.Time) > StampGrain
}

// IsAvailable reports whether the pod has been ready for at least minReadySeconds.
func IsAvailable(pod *corev1.Pod, minReadySeconds int32, now time.Time) bool {
	since, ready := ReadySince(pod)
	if !ready || minReadySeconds <= 0 {
		return ready
	}
	return !since.IsZero() && !availableAt(since, minReadySeconds).After(now)
}

// UntilAvailable returns how long a pod that stays ready needs to become available, or 0 if it is available, is not ready, or
// doesn't say since when it is.
func UntilAvailable(pod *corev1.Pod, minReadySeconds int32, now time.Time) time.Duration {
	since, ready := ReadySince(pod)
	if !ready || since.IsZero() || minReadySeconds <= 0 {
		return 0
	}
	return max(0, availableAt(since, minReadySeconds).Sub(now))
}

// availableAt can't overflow: the longest minReadySeconds are 68 years, a Duration holds 292.
func availableAt(readySince time.Time, minReadySeconds int32) time.Time {
	return readySince.Add(time.Duration(minReadySeconds) * time.Second)
}
