package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
)

// statusPatch returns the patch that makes the status of the ReplicaSet, as it was seen, the given one. The numbers belong together, and
// what was seen of them may be old: all are written. Conditions are a list that others add to: it is written only if it differs, and
// only if nothing has changed since it was seen.
func statusPatch(rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) *jsonpatch.Patch {
	patch := jsonpatch.For(rs)
	patch.Set(status.Replicas, "status", "replicas")
	patch.Set(status.FullyLabeledReplicas, "status", "fullyLabeledReplicas")
	patch.Set(status.ReadyReplicas, "status", "readyReplicas")
	patch.Set(status.AvailableReplicas, "status", "availableReplicas")
	patch.Set(status.TerminatingReplicas, "status", "terminatingReplicas")
	patch.Set(status.ObservedGeneration, "status", "observedGeneration")
	if !equality.Semantic.DeepEqual(rs.Status.Conditions, status.Conditions) {
		patch.IfAsSeen(rs)
		patch.Set(status.Conditions, "status", "conditions")
	}
	return patch
}
