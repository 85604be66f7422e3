package replicaset

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// observation is all that a plan depends on.
type observation struct {
	now        time.Time
	replicaSet *appsv1.ReplicaSet
	selector   labels.Selector
	// pods are those of the namespace whose controllerRef bears the ReplicaSet's UID; orphans have no controllerRef.
	pods, orphans []*corev1.Pod
	// related returns the pods of all ReplicaSets of the same owner. It is asked only if some pods, not all, must go.
	related func() []*corev1.Pod

	// unseen reports whether we changed the pod and the cache doesn't show it yet; waiting says that there are such writes.
	unseen  func(*corev1.Pod) bool
	waiting bool
	// doubted reports whether we told the pod to end without learning whether the API server heard it.
	doubted func(*corev1.Pod) bool
	// succeeded says that the last attempt to create or delete in this term succeeded.
	succeeded bool
	// denied is the time before which creation, having been denied, is not tried again.
	denied time.Time
	// lastCreate is when we last created a pod, zero if never.
	lastCreate time.Time
	// lost is how many pods that we made a short while ago are gone, or about to go, without having been ready.
	lost int
	// hold is that of a status that differs from what was written.
	hold statushold.Hold
	// drops says that the API server was seen to keep no number of terminating pods in the status, as where the feature is off: to write
	// it would never end.
	drops bool
}

// decision is what a plan asks for.
type decision struct {
	adopt, release []*corev1.Pod
	create         int64
	remove         []*corev1.Pod // in the order of deletion
	// status is to be written if all of the above succeeds. Nil means that it needs no writing, or is held back.
	status *appsv1.ReplicaSetStatus
	hold   statushold.Hold // of the status
	// lookAgain is after how long to plan again even if nothing happens. 0 means never.
	lookAgain time.Duration
}

const (
	// maxChanges bounds the creates and deletes of one reconcile, as in kube-controller-manager: what follows is decided on
	// what these have led to.
	maxChanges = 500
	// unseenPoll is when to compare own writes with the cache again. Their events wake the key long before; this is for a
	// pod that came and went while the watch was down.
	unseenPoll = 10 * time.Second
)

// plan decides what to do about a ReplicaSet. It is a function of the observation alone.
//
// A ReplicaSet that is being deleted gets its status and nothing else. While own writes are unseen, pods are adopted and
// released and the status is written, but nothing is created or deleted.
func plan(o observation) decision {
	claimed := claim(o)
	d := decision{adopt: claimed.adopt, release: claimed.release}
	census := claimed.census(o)
	var s scaling
	if o.replicaSet.DeletionTimestamp == nil && !o.waiting {
		s = scale(o, claimed.active())
		d.create, d.remove = s.create, s.remove
	}
	status := statusOf(o, claimed.own, census)
	if o.succeeded || s.settled() && !o.waiting {
		status.Conditions = withoutFailure(status.Conditions)
	}
	d.decideStatus(o, status)
	d.lookAgain = soonest.Of(d.lookAgain, s.wait, census.UntilAvailable)
	if o.waiting {
		d.lookAgain = soonest.Of(d.lookAgain, unseenPoll)
	}
	return d
}

// decideStatus writes the status if it differs, and holds it back for a while if it is likely to change again.
func (d *decision) decideStatus(o observation, status appsv1.ReplicaSetStatus) {
	settled := o.isSettled(status)
	if sameStatus(o.replicaSet.Status, status) {
		d.hold = o.hold.Same(settled)
		return
	}
	hurried, urgent := settled || o.turnsMet(status), !d.scales() && o.isWorse(status)
	if left := o.hold.Left(hurried, o.now); left > 0 && !urgent {
		d.hold, d.lookAgain = o.hold.Held(hurried, o.now), left
		return
	}
	d.status, d.hold = &status, o.hold.Written(settled, o.now)
}

// isSettled reports whether the status is one that stays until somebody wants something else, or a pod fails.
func (o observation) isSettled(status appsv1.ReplicaSetStatus) bool {
	return o.isMet(status) && (status.TerminatingReplicas == nil || *status.TerminatingReplicas == 0)
}

// turnsMet reports whether the status says what the written one didn't: that there are the pods that are asked for now.
func (o observation) turnsMet(status appsv1.ReplicaSetStatus) bool {
	written := o.replicaSet.Status
	return o.isMet(status) && (!o.isMet(written) || written.ObservedGeneration != status.ObservedGeneration)
}

// isMet reports whether there are the pods that are asked for, all available. Others may take their time to go.
func (o observation) isMet(status appsv1.ReplicaSetStatus) bool {
	n := saturate32(int(wanted(o)))
	return !o.waiting && status.Replicas == n && status.AvailableReplicas == n
}

// isWorse reports whether fewer pods are available than the written status says, and than there should be: who waits for nothing else
// learns from it that something is wrong.
func (o observation) isWorse(status appsv1.ReplicaSetStatus) bool {
	written := o.replicaSet.Status.AvailableReplicas
	return !o.waiting && status.AvailableReplicas < min(written, saturate32(int(wanted(o))))
}

// scales reports whether the decision changes the number of pods.
func (d *decision) scales() bool {
	return d.create > 0 || len(d.remove) > 0
}

// acts reports whether the decision touches pods.
func (d *decision) acts() bool {
	return d.scales() || len(d.adopt) > 0 || len(d.release) > 0
}
