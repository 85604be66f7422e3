package deployment

import (
	"cmp"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// cleanupIfComplete returns the ReplicaSets that are too old to keep, once the rollout is over: until then one of them may be
// what the user returns to.
func (r *rollout) cleanupIfComplete() []*appsv1.ReplicaSet {
	if status := r.counts(); !r.isComplete(status) || r.total(r.all()) != r.wanted {
		return nil
	}
	return r.cleanup()
}

// cleanup returns the old ReplicaSets beyond those that the history keeps, the lowest revisions first. One that has pods, or may
// have, stays, and counts nonetheless.
func (r *rollout) cleanup() []*appsv1.ReplicaSet {
	limit := r.deployment.Spec.RevisionHistoryLimit
	if limit == nil || *limit == math.MaxInt32 {
		return nil
	}
	sets := slices.DeleteFunc(slices.Clone(r.old), func(set *appsv1.ReplicaSet) bool { return set.DeletionTimestamp != nil })
	excess := len(sets) - int(max(0, *limit))
	if excess <= 0 {
		return nil
	}
	slices.SortFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		return cmp.Or(cmp.Compare(revisionOf(a), revisionOf(b)), byAge(a, b))
	})
	return slices.DeleteFunc(sets[:excess], r.mayHavePods)
}

func (r *rollout) mayHavePods(set *appsv1.ReplicaSet) bool {
	return r.size[set.UID] != 0 || replicasOf(set) != 0 || set.Status.Replicas != 0 || r.census[set.UID].Replicas != 0 || set.Status.ObservedGeneration < set.Generation
}
