package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
)

// statusPatch returns the patch that makes the status of the ReplicaSet, as it was seen, the given one. Conditions are a list that
// others add to: it is written only if nothing has changed since it was seen.
func statusPatch(rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) *jsonpatch.Patch {
	before, patch := &rs.Status, jsonpatch.For(rs)
	set(patch, "replicas", before.Replicas, status.Replicas)
	set(patch, "fullyLabeledReplicas", before.FullyLabeledReplicas, status.FullyLabeledReplicas)
	set(patch, "readyReplicas", before.ReadyReplicas, status.ReadyReplicas)
	set(patch, "availableReplicas", before.AvailableReplicas, status.AvailableReplicas)
	set(patch, "terminatingReplicas", before.TerminatingReplicas, status.TerminatingReplicas)
	set(patch, "observedGeneration", before.ObservedGeneration, status.ObservedGeneration)
	if !equality.Semantic.DeepEqual(before.Conditions, status.Conditions) {
		patch.IfAsSeen(rs)
		patch.Set(status.Conditions, "status", "conditions")
	}
	return patch
}

func set[T any](patch *jsonpatch.Patch, field string, before, after T) {
	if !equality.Semantic.DeepEqual(before, after) {
		patch.Set(after, "status", field)
	}
}
