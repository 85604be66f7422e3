package podfacts

import (
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// Census is how many pods of each kind there are, as the status of a ReplicaSet counts them.
type Census struct {
	Replicas, Ready, Available, Terminating int
	// UntilAvailable is how long it is until the next ready pod becomes available, 0 if none will.
	UntilAvailable time.Duration
}

// Count returns the census of the pods.
func Count(pods []*corev1.Pod, minReadySeconds int32, now time.Time) Census {
	var c Census
	for _, pod := range pods {
		switch {
		case IsTerminating(pod):
			c.Terminating++
		case IsActive(pod):
			c.add(pod, minReadySeconds, now)
		}
	}
	return c
}

// add counts an active pod.
func (c *Census) add(pod *corev1.Pod, minReadySeconds int32, now time.Time) {
	c.Replicas++
	if IsReady(pod) {
		c.Ready++
	}
	if IsAvailable(pod, minReadySeconds, now) {
		c.Available++
	}
	c.UntilAvailable = soonest.Of(c.UntilAvailable, UntilAvailable(pod, minReadySeconds, now))
}

// ChangesCensus reports whether a pod that was one thing and is another may count otherwise: in itself, or by its owner or labels,
// which say where it counts. Nil stands for not being there. What only the order of deletion depends on doesn't matter before pods are
// deleted.
func ChangesCensus(before, after *corev1.Pod) bool {
	if before == nil || after == nil {
		return before != after
	}
	if before.ResourceVersion == after.ResourceVersion { // a resync
		return false
	}
	sinceBefore, readyBefore := ReadySince(before)
	sinceAfter, readyAfter := ReadySince(after)
	return before.UID != after.UID ||
		IsEnded(before) != IsEnded(after) ||
		(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		readyBefore != readyAfter || !sinceBefore.Equal(sinceAfter) ||
		ownership.ControllerUID(before) != ownership.ControllerUID(after) ||
		!maps.Equal(before.Labels, after.Labels)
}
