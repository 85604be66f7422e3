package deployment

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Reasons of events. The last of them is also one of the condition Progressing.
const (
	scalingReplicaSet         = "ScalingReplicaSet"
	selectingAll              = "SelectingAll"
	rollbackDone              = "DeploymentRollback"
	rollbackRevisionNotFound  = "DeploymentRollbackRevisionNotFound"
	rollbackTemplateUnchanged = "DeploymentRollbackTemplateUnchanged"
	replicaSetCreateError     = "ReplicaSetCreateError"
)

// event is something that users are told.
type event struct {
	eventType, reason, message string
}

func normal(reason, message string) event {
	return event{corev1.EventTypeNormal, reason, message}
}

func warning(reason, message string) event {
	return event{corev1.EventTypeWarning, reason, message}
}

// scaledEvent tells that a ReplicaSet was scaled, in the words that users' tools look for.
func scaledEvent(set string, from, to int64) event {
	direction := "up"
	if to < from {
		direction = "down"
	}
	return normal(scalingReplicaSet, fmt.Sprintf("Scaled %s replica set %s from %d to %d", direction, set, from, to))
}
