package deployment

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// decideStatus writes the status if it differs, and holds it back for a while if it is likely to change again.
func (r *rollout) decideStatus(d *decision) {
	status := r.statusAfter(d)
	revision := r.currentRevision(d)
	if revision == r.deployment.Annotations[revisionAnnotation] {
		revision = ""
	}
	d.lookAgain = soonest.Of(d.lookAgain, r.untilDeadline(status), r.untilRecount())
	settled := r.isSettled(status)
	if revision == "" && sameStatus(r.deployment.Status, status) {
		d.hold = r.hold.Same(settled)
		return
	}
	hurried := settled || r.tellsAvailability(status)
	if left := r.hold.Left(hurried, r.now); left > 0 && revision == "" && !r.isUrgent(status) {
		d.hold, d.lookAgain = r.hold.Held(hurried, r.now), soonest.Of(d.lookAgain, left)
		return
	}
	d.hold = r.hold.Written(settled, r.now)
	d.status, d.revision = &status, revision
}

// isUrgent reports whether the status says more than that numbers have changed: that all is done, that what users ask for has been
// seen, or that something goes wrong, or right again.
func (r *rollout) isUrgent(status appsv1.DeploymentStatus) bool {
	before := r.deployment.Status
	return r.isComplete(status) && !r.isComplete(before) ||
		status.ObservedGeneration != before.ObservedGeneration ||
		!sameOutcomes(before.Conditions, status.Conditions) && !r.tellsAvailability(status)
}

// tellsAvailability reports whether all that the conditions say anew is that enough pods are available, or aren't any more. When the first
// of many has gone, the rest are about to.
func (r *rollout) tellsAvailability(status appsv1.DeploymentStatus) bool {
	is, was := condition(status.Conditions, appsv1.DeploymentAvailable), condition(r.deployment.Status.Conditions, appsv1.DeploymentAvailable)
	return was != nil && is.Status != was.Status && sameOutcomes(others(status.Conditions), others(r.deployment.Status.Conditions))
}

// statusAfter returns the status that is due when the decision has been carried out.
func (r *rollout) statusAfter(d *decision) appsv1.DeploymentStatus {
	status := r.counts()
	status.Conditions = slices.Clone(r.deployment.Status.Conditions)
	if r.deployment.DeletionTimestamp == nil {
		r.notePause(&status)
		r.noteCurrent(&status, d)
	}
	r.noteAvailability(&status)
	if r.rolls {
		r.noteProgress(&status, d)
		r.noteFailure(&status)
	}
	return status
}

// counts returns the status without conditions.
func (r *rollout) counts() appsv1.DeploymentStatus {
	var replicas, ready, available int64
	for _, set := range r.all() {
		census := r.census[set.UID]
		replicas += int64(census.Replicas)
		ready += int64(census.Ready)
		available += int64(census.Available)
	}
	status := appsv1.DeploymentStatus{
		ObservedGeneration:  r.deployment.Generation,
		Replicas:            saturate32(replicas),
		ReadyReplicas:       saturate32(ready),
		AvailableReplicas:   saturate32(available),
		UnavailableReplicas: saturate32(max(0, r.total(r.all())-available)),
		TerminatingReplicas: r.terminating(),
		CollisionCount:      r.deployment.Status.CollisionCount,
	}
	if r.current != nil {
		status.UpdatedReplicas = saturate32(int64(r.census[r.current.UID].Replicas))
	}
	return status
}

// terminating adds up the terminating pods. The sum is unknown if a ReplicaSet that has been looked at doesn't know its own.
func (r *rollout) terminating() *int32 {
	var sum int64
	for _, set := range r.all() {
		if set.Status.TerminatingReplicas == nil && set.Status.ObservedGeneration > 0 {
			return nil
		}
		sum += int64(r.census[set.UID].Terminating)
	}
	terminating := saturate32(sum)
	return &terminating
}

// isComplete reports whether the status is that of a Deployment all of whose pods are updated and available, without others.
func (r *rollout) isComplete(status appsv1.DeploymentStatus) bool {
	return int64(status.UpdatedReplicas) == r.wanted &&
		int64(status.Replicas) == r.wanted &&
		int64(status.AvailableReplicas) == r.wanted &&
		status.ObservedGeneration >= r.deployment.Generation
}

// isSettled reports whether the status is one that stays until somebody wants something else, or a pod fails.
func (r *rollout) isSettled(status appsv1.DeploymentStatus) bool {
	return r.isComplete(status) && (status.TerminatingReplicas == nil || *status.TerminatingReplicas == 0)
}

func sameStatus(a, b appsv1.DeploymentStatus) bool {
	return equality.Semantic.DeepEqual(a, b)
}
