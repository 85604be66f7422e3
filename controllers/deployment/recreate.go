package deployment

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// recreate ends all old pods, waits until the last of them is gone, and only then starts new ones. New ones that are too many end at once.
func (r *rollout) recreate() decision {
	if r.current != nil {
		r.size[r.current.UID] = min(r.size[r.current.UID], r.wanted)
	}
	if active := r.active(r.old); len(active) > 0 {
		for _, set := range active {
			r.size[set.UID] = 0
		}
		return decision{}
	}
	if slices.ContainsFunc(r.old, r.stillRuns) {
		return decision{}
	}
	if r.current == nil {
		return r.createCurrent(r.wanted)
	}
	r.size[r.current.UID] = r.wanted
	return decision{remove: r.cleanupIfComplete()}
}

// stillRuns reports whether the ReplicaSet has pods that may run. Its status counts too: the cache of pods may be behind. A
// status that is older than the spec says nothing.
func (r *rollout) stillRuns(set *appsv1.ReplicaSet) bool {
	terminating := set.Status.TerminatingReplicas
	return set.Status.ObservedGeneration < set.Generation ||
		set.Status.Replicas > 0 ||
		terminating != nil && *terminating > 0 ||
		slices.ContainsFunc(r.pods[set.UID], func(pod *corev1.Pod) bool { return !podfacts.IsEnded(pod) })
}
