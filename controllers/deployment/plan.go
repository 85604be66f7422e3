package deployment

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// observation is all that a plan depends on. No write of ours is missing from it: while one is, nothing is planned.
type observation struct {
	now        time.Time
	deployment *appsv1.Deployment
	selector   labels.Selector
	// sets are the ReplicaSets of the namespace whose controllerRef bears the Deployment's UID; orphans have no controllerRef.
	sets, orphans []*appsv1.ReplicaSet
	// pods are those of each ReplicaSet, as far as they are observed.
	pods map[types.UID][]*corev1.Pod
	// denied is the time before which creating a ReplicaSet, having been denied, is not tried again.
	denied time.Time
	// hold is that of a status that differs from what was written.
	hold statushold.Hold
	// wait is what a step of the rollout waits for.
	wait stepWait
	// match remembers which ReplicaSet has the Deployment's template, which saves time and changes nothing. It may be nil.
	match *match
}

// decision is what a plan asks for, in the order in which it is carried out.
type decision struct {
	// adopt and release come alone: the rest is decided when the cache shows them.
	adopt, release []*appsv1.ReplicaSet
	// rollback is the Deployment with an earlier template, or without the wish for it. It comes alone.
	rollback *appsv1.Deployment
	// create comes without changes: they are decided when it is there.
	create  *appsv1.ReplicaSet
	changes []change
	remove  []*appsv1.ReplicaSet
	// events are told when the above has succeeded.
	events []event
	// status, and with it the Deployment's revision if that isn't "", are to be written if all of the above succeeds. Nil means
	// that they need no writing, or are held back.
	status   *appsv1.DeploymentStatus
	revision string
	hold     statushold.Hold // of the status
	wait     stepWait        // of a step that isn't taken yet
	// lookAgain is after how long to plan again even if nothing happens. 0 means never.
	lookAgain time.Duration
}

// plan decides what to do about a Deployment. It is a function of the observation alone.
func plan(o observation) decision {
	if selectsAll(o.deployment) {
		return refuseSelector(o)
	}
	claimed := claim(o)
	if len(claimed.adopt) > 0 || len(claimed.release) > 0 {
		return decision{adopt: claimed.adopt, release: claimed.release}
	}
	r := newRollout(o, claimed.own)
	var d decision
	if o.deployment.DeletionTimestamp == nil {
		d = r.act()
	}
	if d.rollback != nil {
		return d
	}
	r.decideStatus(&d)
	return d
}

// act decides everything but the status. What is asked for by being paused goes before a rollback, that before following a
// change of replicas, and that before rolling out a template.
func (r *rollout) act() decision {
	var d decision
	switch {
	case r.deployment.Spec.Paused:
		if r.resize(); !r.wantsRollback() { // to which a ReplicaSet of the history may be needed
			d.remove = r.cleanup()
		}
	case r.wantsRollback():
		d = r.rollBack()
	case r.resized():
		r.resize()
	default:
		d = r.rollOut()
	}
	if d.rollback == nil && d.create == nil {
		d.changes = r.changes()
	}
	return d
}

// rollOut brings the Deployment's template to its pods in the way that its strategy says.
func (r *rollout) rollOut() decision {
	r.rolls = true
	if r.deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return r.recreate()
	}
	return r.roll()
}

// acts reports whether the decision writes anything: then it must not be made on caches that may be behind earlier leaders. A
// status would be right again as soon as they aren't, but conditions tell what has happened, which is not for a cache to show twice.
func (d *decision) acts() bool {
	return d.moves() || len(d.adopt) > 0 || len(d.release) > 0 || d.rollback != nil || d.status != nil
}

// moves reports whether the decision creates, changes or deletes ReplicaSets.
func (d *decision) moves() bool {
	return d.create != nil || len(d.changes) > 0 || len(d.remove) > 0
}

// selectsAll reports whether the selector is there and empty. The API server has refused such Deployments since apps/v1.
func selectsAll(d *appsv1.Deployment) bool {
	s := d.Spec.Selector
	return s != nil && len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

// refuseSelector tells the user once that an empty selector is a mistake.
func refuseSelector(o observation) decision {
	if o.deployment.Status.ObservedGeneration >= o.deployment.Generation {
		return decision{}
	}
	status := *o.deployment.Status.DeepCopy()
	status.ObservedGeneration = o.deployment.Generation
	return decision{status: &status, events: []event{warning(selectingAll, "This deployment is selecting all pods. A non-empty selector is required.")}}
}
