package podsync

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// milestone is a step in the life of a pod that is reached, and timed, once.
type milestone int

const (
	scheduled milestone = iota // the PodScheduled condition became true
	started                    // the first of its containers ran, init containers aside
	ready                      // the Ready condition became true

	milestones = iota
)

// timing is how long after its creation a pod reached a milestone.
type timing struct {
	milestone milestone
	after     time.Duration
}

// takeTimes returns the times that are to be measured now, and marks in after those that are not to be measured again.
func takeTimes(before observation, after *observation, pod *corev1.Pod, isNew bool) []timing {
	var times []timing
	after.timed = before.timed
	for m := range milestone(milestones) {
		if after.timed[m] {
			continue
		}
		at, reached := reachedAt(pod, m)
		after.timed[m] = reached || m == ready && !before.seen && wasReady(pod)
		if reached && (before.seen || isNew) && isKnown(at) {
			// Several clocks set the timestamps, which is why a step may seem to come before the creation.
			times = append(times, timing{m, max(0, at.Sub(pod.CreationTimestamp.Time))})
		}
	}
	return times
}

// reachedAt reports whether the pod has reached the milestone, and when, as far as that is known.
func reachedAt(pod *corev1.Pod, m milestone) (at time.Time, reached bool) {
	switch m {
	case started:
		return startedAt(pod)
	case ready:
		return podfacts.ReadySince(pod)
	}
	if c := condition(pod, corev1.PodScheduled); is(c, corev1.ConditionTrue) {
		return c.LastTransitionTime.Time, true
	}
	return time.Time{}, false
}

// startedAt returns the earliest start that the statuses of the containers still show. A container that has restarted has
// started, even if they show no start.
func startedAt(pod *corev1.Pod) (at time.Time, reached bool) {
	for _, s := range pod.Status.ContainerStatuses {
		reached = reached || s.RestartCount > 0
		for _, start := range starts(s) {
			if isKnown(start) && (at.IsZero() || start.Before(at)) {
				at, reached = start, true
			}
		}
	}
	return at, reached
}

func starts(s corev1.ContainerStatus) []time.Time {
	var starts []time.Time
	if s.State.Running != nil {
		starts = append(starts, s.State.Running.StartedAt.Time)
	}
	for _, ended := range [...]*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
		if ended != nil {
			starts = append(starts, ended.StartedAt.Time)
		}
	}
	return starts
}

// isKnown reports whether the time was set. A container that ended before it ran has the beginning of 1970 for its start.
func isKnown(at time.Time) bool {
	return at.Unix() > 0
}

// wasReady reports whether a pod that is not ready has been ready before. The Ready condition of one that never was is false
// since the kubelet took the pod on.
func wasReady(pod *corev1.Pod) bool {
	c := condition(pod, corev1.PodReady)
	if !is(c, corev1.ConditionFalse) || pod.Status.StartTime == nil {
		return false
	}
	const rounding = time.Second // of API timestamps
	return c.LastTransitionTime.Sub(pod.Status.StartTime.Time) > rounding
}
