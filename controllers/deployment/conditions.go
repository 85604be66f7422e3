package deployment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reasons of the conditions Available and Progressing.
const (
	minimumAvailable   = "MinimumReplicasAvailable"
	minimumUnavailable = "MinimumReplicasUnavailable"

	newReplicaSetCreated   = "NewReplicaSetCreated"
	foundNewReplicaSet     = "FoundNewReplicaSet"
	replicaSetUpdated      = "ReplicaSetUpdated"
	newReplicaSetAvailable = "NewReplicaSetAvailable"
	deadlineExceeded       = "ProgressDeadlineExceeded"
	deploymentPaused       = "DeploymentPaused"
	deploymentResumed      = "DeploymentResumed"
)

// newCondition returns a condition that holds from now on, by the API server's clock, which has no fractions of a second.
func newCondition(kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string, now time.Time) appsv1.DeploymentCondition {
	at := metav1.NewTime(now.Truncate(time.Second))
	return appsv1.DeploymentCondition{Type: kind, Status: status, Reason: reason, Message: message, LastUpdateTime: at, LastTransitionTime: at}
}

// condition returns the condition of that type, or nil.
func condition(conditions []appsv1.DeploymentCondition, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range conditions {
		if conditions[i].Type == kind {
			return &conditions[i]
		}
	}
	return nil
}

// withCondition returns the conditions with this one. One of the same status and reason stays as it is.
func withCondition(conditions []appsv1.DeploymentCondition, c appsv1.DeploymentCondition) []appsv1.DeploymentCondition {
	if before := condition(conditions, c.Type); before != nil && before.Status == c.Status && before.Reason == c.Reason {
		return conditions
	}
	return withRenewed(conditions, c)
}

// withRenewed returns the conditions with this one, even if only its time and message are new. The time of transition stays if the
// status does.
func withRenewed(conditions []appsv1.DeploymentCondition, c appsv1.DeploymentCondition) []appsv1.DeploymentCondition {
	before := condition(conditions, c.Type)
	if before == nil {
		return append(conditions, c)
	}
	if before.Status == c.Status {
		c.LastTransitionTime = before.LastTransitionTime
	}
	*before = c
	return conditions
}

// withCreateError returns the conditions with this one, unless one of its kind tells of the same ReplicaSet.
func withCreateError(conditions []appsv1.DeploymentCondition, c appsv1.DeploymentCondition, set string) []appsv1.DeploymentCondition {
	if before := condition(conditions, c.Type); before != nil && before.Reason == c.Reason && strings.Contains(before.Message, strconv.Quote(set)) {
		return conditions
	}
	return withRenewed(conditions, c)
}

// without returns the conditions without that of the type.
func without(conditions []appsv1.DeploymentCondition, kind appsv1.DeploymentConditionType) []appsv1.DeploymentCondition {
	return slices.DeleteFunc(conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
}

// sameOutcomes reports whether the conditions say the same but for times, messages, and how far a rollout has come that goes on.
func sameOutcomes(a, b []appsv1.DeploymentCondition) bool {
	return slices.EqualFunc(a, b, func(a, b appsv1.DeploymentCondition) bool {
		return a.Type == b.Type && a.Status == b.Status && (a.Reason == b.Reason || goesOn(a) && goesOn(b))
	})
}

// others returns the conditions without that of availability.
func others(conditions []appsv1.DeploymentCondition) []appsv1.DeploymentCondition {
	return without(slices.Clone(conditions), appsv1.DeploymentAvailable)
}

// goesOn reports whether the condition says that a rollout has begun and isn't over.
func goesOn(c appsv1.DeploymentCondition) bool {
	return c.Reason == newReplicaSetCreated || c.Reason == foundNewReplicaSet || c.Reason == replicaSetUpdated
}

// noteAvailability says whether as many pods are available as must be.
func (r *rollout) noteAvailability(status *appsv1.DeploymentStatus) {
	c := newCondition(appsv1.DeploymentAvailable, corev1.ConditionTrue, minimumAvailable, "Deployment has minimum availability.", r.now)
	if int64(status.AvailableReplicas) < r.leastAvailable() {
		c = newCondition(appsv1.DeploymentAvailable, corev1.ConditionFalse, minimumUnavailable, "Deployment does not have minimum availability.", r.now)
	}
	status.Conditions = withCondition(status.Conditions, c)
}

// noteFailure says why pods can't be created or deleted if a ReplicaSet says so, the current one first.
func (r *rollout) noteFailure(status *appsv1.DeploymentStatus) {
	sets := r.all()
	if r.current != nil {
		sets = append([]*appsv1.ReplicaSet{r.current}, r.old...)
	}
	for _, set := range sets {
		for _, c := range set.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure {
				status.Conditions = withCondition(status.Conditions, appsv1.DeploymentCondition{
					Type: appsv1.DeploymentReplicaFailure, Status: c.Status, Reason: c.Reason, Message: c.Message,
					LastUpdateTime: c.LastTransitionTime, LastTransitionTime: c.LastTransitionTime,
				})
				return
			}
		}
	}
	status.Conditions = without(status.Conditions, appsv1.DeploymentReplicaFailure)
}

// createFailed is what the condition Progressing and the event say of a ReplicaSet that could not be created.
func createFailed(set string, err error) string {
	return fmt.Sprintf("Failed to create new replica set %q: %v", set, err)
}

// blockedBy returns why the rollout doesn't get on, as the status says it, "" if it says nothing: why pods can't be created, before that
// it takes too long, which follows.
func blockedBy(status appsv1.DeploymentStatus) string {
	reason := ""
	for _, c := range status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue:
			return c.Message
		case c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse:
			reason = c.Message
		}
	}
	return reason
}
