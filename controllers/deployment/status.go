package deployment

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// statusHold is how long a status is held back of which only numbers have changed: during a rollout they change with every pod.
// Conditions, and the end of a rollout, are written at once.
const statusHold = time.Second

// decideStatus writes the status if it differs, and holds it back for a while if it is likely to change again.
func (r *rollout) decideStatus(d *decision) {
	status := r.statusAfter(d)
	revision := r.currentRevision(d)
	if revision == r.deployment.Annotations[revisionAnnotation] {
		revision = ""
	}
	d.lookAgain = soonest.Of(d.lookAgain, r.untilDeadline(status))
	if revision == "" && sameStatus(r.deployment.Status, status) {
		return
	}
	if left := r.holdLeft(); left > 0 && revision == "" && !r.isUrgent(status) {
		d.held, d.lookAgain = true, soonest.Of(d.lookAgain, left)
		return
	}
	d.status, d.revision = &status, revision
}

// holdLeft returns for how long the status may still be held back.
func (r *rollout) holdLeft() time.Duration {
	if r.heldSince.IsZero() {
		return statusHold
	}
	return statusHold - r.now.Sub(r.heldSince)
}

// isUrgent reports whether the status says more than that numbers have changed.
func (r *rollout) isUrgent(status appsv1.DeploymentStatus) bool {
	before := r.deployment.Status
	return r.isComplete(status) && !r.isComplete(before) || status.ObservedGeneration != before.ObservedGeneration || !sameReasons(before.Conditions, status.Conditions)
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
		replicas += int64(set.Status.Replicas)
		ready += int64(set.Status.ReadyReplicas)
		available += int64(set.Status.AvailableReplicas)
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
		status.UpdatedReplicas = r.current.Status.Replicas
	}
	return status
}

// terminating adds up the terminating pods. The sum is unknown if a ReplicaSet that has been looked at doesn't know its own.
func (r *rollout) terminating() *int32 {
	var sum int64
	for _, set := range r.all() {
		switch {
		case set.Status.TerminatingReplicas != nil:
			sum += int64(*set.Status.TerminatingReplicas)
		case set.Status.ObservedGeneration > 0:
			return nil
		}
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

func sameStatus(a, b appsv1.DeploymentStatus) bool {
	return equality.Semantic.DeepEqual(a, b)
}
