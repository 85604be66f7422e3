package podsync

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// phases are those that a pod can have, all of them labels of the gauge.
var phases = [...]corev1.PodPhase{corev1.PodPending, corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed, corev1.PodUnknown}

// observation is what is remembered of a pod from one sync to the next. One is kept for every pod, so it is small and holds
// no part of the pod. Its zero value stands for a pod that has not been seen in this term.
type observation struct {
	uid             types.UID
	phase           corev1.PodPhase // one of phases
	reason          string          // why the pod waits; see reasons
	restarts        int64           // of all its containers
	containers      int32           // that are meant to go on running: init containers only if they are sidecars
	readyContainers int32           // of these

	seen      bool
	selected  bool // at the last sync; a pod that no longer is stays known, so that it is not timed again should it come back
	scheduled bool
	ready     bool
	deleting  bool

	timed [milestones]bool // which times have been taken, or can't be taken any more
}

func observe(pod *corev1.Pod, now time.Time) observation {
	o := observation{
		uid:       pod.UID,
		phase:     phaseOf(pod),
		reason:    reasonOf(pod, now),
		seen:      true,
		selected:  true,
		scheduled: pod.Spec.NodeName != "",
		ready:     podfacts.IsReady(pod),
		deleting:  pod.DeletionTimestamp != nil,
	}
	o.countContainers(pod)
	return o
}

// countContainers counts what the READY and RESTARTS columns of kubectl count, and restarts of finished init containers too.
func (o *observation) countContainers(pod *corev1.Pod) {
	lasting := map[string]bool{}
	for _, c := range pod.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			lasting[c.Name] = true
		}
	}
	o.containers = int32(len(pod.Spec.Containers) + len(lasting)) //nolint:gosec // the API server takes no pod with billions of containers
	for _, s := range pod.Status.InitContainerStatuses {
		o.restarts += int64(s.RestartCount)
		if s.Ready && lasting[s.Name] {
			o.readyContainers++
		}
	}
	for _, s := range pod.Status.ContainerStatuses {
		o.restarts += int64(s.RestartCount)
		if s.Ready {
			o.readyContainers++
		}
	}
}

// phaseOf returns one of phases for every pod: one that has none yet is pending, and what a newer API may add is unknown.
func phaseOf(pod *corev1.Pod) corev1.PodPhase {
	if pod.Status.Phase == "" {
		return corev1.PodPending
	}
	for _, phase := range phases {
		if phase == pod.Status.Phase {
			return phase
		}
	}
	return corev1.PodUnknown
}

// condition returns the condition of that type, or nil.
func condition(pod *corev1.Pod, of corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == of {
			return c
		}
	}
	return nil
}

func is(c *corev1.PodCondition, status corev1.ConditionStatus) bool {
	return c != nil && c.Status == status
}
