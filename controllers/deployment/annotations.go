package deployment

import (
	"maps"
	"math"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Annotations that kubectl and kube-controller-manager read, too.
const (
	revisionAnnotation        = "deployment.kubernetes.io/revision"
	historyAnnotation         = "deployment.kubernetes.io/revision-history"
	desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas"
	maxReplicasAnnotation     = "deployment.kubernetes.io/max-replicas"
)

// isOwn reports whether an annotation belongs to one object, and is not carried over from a Deployment to its ReplicaSet or back.
func isOwn(key string) bool {
	switch key {
	case corev1.LastAppliedConfigAnnotation, appsv1.DeprecatedRollbackTo,
		revisionAnnotation, historyAnnotation, desiredReplicasAnnotation, maxReplicasAnnotation:
		return true
	}
	return false
}

// shared returns the annotations that are carried over.
func shared(annotations map[string]string) map[string]string {
	carried := map[string]string{}
	for key, value := range annotations {
		if !isOwn(key) {
			carried[key] = value
		}
	}
	return carried
}

// sizeAnnotations adds those that tell how large the Deployment is, by which a later change of its size is noticed.
func (r *rollout) sizeAnnotations(annotations map[string]string) {
	annotations[desiredReplicasAnnotation] = strconv.FormatInt(r.wanted, 10)
	annotations[maxReplicasAnnotation] = strconv.FormatInt(r.most(), 10)
}

// numberIn returns the number of replicas that an annotation tells, if it tells one.
func numberIn(object metav1.Object, annotation string) (int64, bool) {
	n, err := strconv.ParseInt(object.GetAnnotations()[annotation], 10, 64)
	return n, err == nil && n >= 0 && n <= math.MaxInt32
}

// cloneWithout returns a copy of the map without the key.
func cloneWithout(original map[string]string, key string) map[string]string {
	clone := maps.Clone(original)
	delete(clone, key)
	return clone
}

// cloneWith returns a copy of the map with the key set.
func cloneWith(original map[string]string, key, value string) map[string]string {
	clone := maps.Clone(original)
	if clone == nil {
		clone = map[string]string{}
	}
	clone[key] = value
	return clone
}
