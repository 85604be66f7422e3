package deployment

import (
	"fmt"
	"math"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// deadline returns how long a rollout may go without progress. MaxInt32 seconds mean for ever.
func deadline(d *appsv1.Deployment) (time.Duration, bool) {
	seconds := d.Spec.ProgressDeadlineSeconds
	if seconds == nil || *seconds == math.MaxInt32 {
		return 0, false
	}
	return time.Duration(*seconds) * time.Second, true
}

// progressing returns the condition that a rollout goes on, or why it doesn't.
func (r *rollout) progressing(is corev1.ConditionStatus, reason, message string) appsv1.DeploymentCondition {
	return newCondition(appsv1.DeploymentProgressing, is, reason, message, r.now)
}

// notePause stops the clock of the rollout while the Deployment is paused and starts it anew when it goes on. A rollout that has
// run out of time stays so.
func (r *rollout) notePause(status *appsv1.DeploymentStatus) {
	before := condition(status.Conditions, appsv1.DeploymentProgressing)
	if _, ok := deadline(r.deployment); !ok || before != nil && before.Reason == deadlineExceeded {
		return
	}
	wasPaused := before != nil && before.Reason == deploymentPaused
	switch paused := r.deployment.Spec.Paused; {
	case paused && !wasPaused:
		status.Conditions = withCondition(status.Conditions, r.progressing(corev1.ConditionUnknown, deploymentPaused, "Deployment is paused"))
	case !paused && wasPaused:
		status.Conditions = withCondition(status.Conditions, r.progressing(corev1.ConditionUnknown, deploymentResumed, "Deployment is resumed"))
	}
}

// noteCurrent starts the clock when the ReplicaSet of a template is created, or is found by a Deployment that has had no clock.
func (r *rollout) noteCurrent(status *appsv1.DeploymentStatus, d *decision) {
	if _, ok := deadline(r.deployment); !ok {
		return
	}
	switch {
	case d.create != nil:
		message := fmt.Sprintf("Created new replica set %q", d.create.Name)
		status.Conditions = withCondition(status.Conditions, r.progressing(corev1.ConditionTrue, newReplicaSetCreated, message))
	case r.current != nil && condition(status.Conditions, appsv1.DeploymentProgressing) == nil:
		message := fmt.Sprintf("Found new replica set %q", r.current.Name)
		status.Conditions = withCondition(status.Conditions, r.progressing(corev1.ConditionTrue, foundNewReplicaSet, message))
	}
}

// noteProgress says whether the rollout is over, goes on, or has gone on too long without progress.
func (r *rollout) noteProgress(status *appsv1.DeploymentStatus, d *decision) {
	if _, ok := deadline(r.deployment); !ok {
		status.Conditions = without(status.Conditions, appsv1.DeploymentProgressing)
		return
	}
	now, subject := condition(status.Conditions, appsv1.DeploymentProgressing), r.subject(d)
	switch {
	case wasOver(now, status, subject) || now != nil && now.Reason == replicaSetCreateError && r.current == nil:
	case r.isComplete(*status):
		c := r.progressing(corev1.ConditionTrue, newReplicaSetAvailable, subject+hasProgressed)
		status.Conditions = withRenewed(status.Conditions, c)
	case r.progresses(status) || isOfAnother(now):
		c := r.progressing(corev1.ConditionTrue, replicaSetUpdated, subject+" is progressing.")
		status.Conditions = withRenewed(status.Conditions, c)
	case r.timeLeft(now) <= 0:
		c := r.progressing(corev1.ConditionFalse, deadlineExceeded, subject+" has timed out progressing.")
		status.Conditions = withCondition(status.Conditions, c)
	}
}

// hasProgressed is what the condition says, after its subject, of a rollout that is over.
const hasProgressed = " has successfully progressed."

// wasOver reports whether the rollout had been completed and nothing else has begun. That a pod isn't available any more, or is
// on top after a change of size, is no rollout.
//
// A condition with another subject tells of an earlier rollout: what was written when this one began got lost.
func wasOver(progressing *appsv1.DeploymentCondition, status *appsv1.DeploymentStatus, subject string) bool {
	return progressing != nil && progressing.Reason == newReplicaSetAvailable && progressing.Message == subject+hasProgressed &&
		status.Replicas == status.UpdatedReplicas
}

// isOfAnother reports whether the condition tells of a rollout that is over or could not begin, and not of the one that goes on.
func isOfAnother(progressing *appsv1.DeploymentCondition) bool {
	return progressing != nil && (progressing.Reason == newReplicaSetAvailable || progressing.Reason == replicaSetCreateError)
}

// progresses reports whether there are more updated, ready or available pods than before, or fewer old ones.
func (r *rollout) progresses(status *appsv1.DeploymentStatus) bool {
	before := &r.deployment.Status
	return status.UpdatedReplicas > before.UpdatedReplicas ||
		status.ReadyReplicas > before.ReadyReplicas ||
		status.AvailableReplicas > before.AvailableReplicas ||
		oldReplicas(status) < oldReplicas(before)
}

func oldReplicas(status *appsv1.DeploymentStatus) int64 {
	return int64(status.Replicas) - int64(status.UpdatedReplicas)
}

// subject is what the messages of the condition are about.
func (r *rollout) subject(d *decision) string {
	switch {
	case d.create != nil:
		return fmt.Sprintf("ReplicaSet %q", d.create.Name)
	case r.current != nil:
		return fmt.Sprintf("ReplicaSet %q", r.current.Name)
	}
	return fmt.Sprintf("Deployment %q", r.deployment.Name)
}

// timeLeft returns how long the rollout may still go on without progress. Where no clock runs it is for ever.
func (r *rollout) timeLeft(progressing *appsv1.DeploymentCondition) time.Duration {
	allowed, ok := deadline(r.deployment)
	if !ok || progressing == nil {
		return math.MaxInt64
	}
	switch progressing.Reason {
	case newReplicaSetAvailable, replicaSetCreateError, deadlineExceeded, deploymentPaused:
		return math.MaxInt64
	}
	return progressing.LastUpdateTime.Add(allowed).Sub(r.now)
}

// untilDeadline returns when to look whether the rollout has run out of time, 0 if it can't.
func (r *rollout) untilDeadline(status appsv1.DeploymentStatus) time.Duration {
	left := r.timeLeft(condition(status.Conditions, appsv1.DeploymentProgressing))
	if left == math.MaxInt64 || r.isComplete(status) || !r.rolls {
		return 0
	}
	return max(left, time.Second) // the clock of the condition counts in seconds
}
