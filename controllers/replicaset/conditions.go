package replicaset

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// failure says why pods could not be created or deleted.
type failure struct {
	reason  string // failedCreate or failedDelete
	message string
}

// withFailure returns the conditions with ReplicaFailure. One that is there already stays as it is: it says what failed first.
func withFailure(conditions []appsv1.ReplicaSetCondition, f failure, now time.Time) []appsv1.ReplicaSetCondition {
	if slices.ContainsFunc(conditions, isFailure) {
		return conditions
	}
	return append(slices.Clone(conditions), appsv1.ReplicaSetCondition{
		Type:               appsv1.ReplicaSetReplicaFailure,
		Status:             corev1.ConditionTrue,
		LastTransitionTime: metav1.NewTime(now),
		Reason:             f.reason,
		Message:            f.message,
	})
}

// withoutFailure returns the conditions without ReplicaFailure.
func withoutFailure(conditions []appsv1.ReplicaSetCondition) []appsv1.ReplicaSetCondition {
	if !slices.ContainsFunc(conditions, isFailure) {
		return conditions
	}
	return slices.DeleteFunc(slices.Clone(conditions), isFailure)
}

func isFailure(c appsv1.ReplicaSetCondition) bool {
	return c.Type == appsv1.ReplicaSetReplicaFailure
}

// blockedBy returns why there are not as many pods as asked for, as the status says it, "" if it says nothing.
func blockedBy(status appsv1.ReplicaSetStatus) string {
	for _, c := range status.Conditions {
		if isFailure(c) {
			return c.Message
		}
	}
	return ""
}
