package deployment

import (
	"context"
	"fmt"
	"math"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// finalWait is when to look again at a Deployment in a namespace that is being deleted. It will be gone long before.
const finalWait = 5 * time.Minute

// create makes the ReplicaSet, or finds it made: the request of an earlier try, or of another leader, may have been carried out
// though nobody heard of it. If there is none it returns after how long to look again.
func (e *Engine) create(ctx context.Context, o observation, set *appsv1.ReplicaSet, m *memory) (created bool, again time.Duration, err error) {
	made, err := e.server.createReplicaSet(ctx, set)
	if apierrors.IsAlreadyExists(err) {
		made, err = e.server.replicaSet(ctx, set.Namespace, set.Name)
		switch {
		case apierrors.IsNotFound(err):
			return false, soon, nil // gone again
		case err == nil && !isOurs(o, made):
			return e.collided(ctx, o, made, m)
		}
	}
	m.doubt(err)
	if err != nil {
		again, err := e.createFailed(ctx, o, set, err, m)
		return false, again, err
	}
	m.sets.Wrote(made, o.now)
	m.told.Over()
	if *set.Spec.Replicas > 0 {
		e.say(o.deployment, scaledEvent(set.Name, 0, int64(*set.Spec.Replicas)))
	}
	for _, key := range e.term.denials.Allowed(keyOf(o.deployment), o.now) {
		e.wake(key)
	}
	return true, 0, nil
}

// isOurs reports whether a ReplicaSet that bears the name of the one to be created is that one.
func isOurs(o observation, set *appsv1.ReplicaSet) bool {
	return metav1.IsControlledBy(set, o.deployment) && sameTemplate(&set.Spec.Template, &o.deployment.Spec.Template)
}

// collided makes sure that the next try asks for another name: this one is taken. A ReplicaSet that is about to be adopted is no
// rival; the cache will show it.
func (e *Engine) collided(ctx context.Context, o observation, other *appsv1.ReplicaSet, m *memory) (created bool, again time.Duration, err error) {
	if ownership.Decide(o.deployment, o.selector, other) == ownership.Adopt {
		m.sets.Wrote(other, o.now)
		return false, unseenPoll, nil
	}
	status := o.deployment.Status.DeepCopy()
	collisions := int64(1)
	if status.CollisionCount != nil {
		collisions = min(int64(*status.CollisionCount)+1, math.MaxInt32)
	}
	count := saturate32(collisions)
	status.CollisionCount = &count
	_, err = e.writeStatus(ctx, o, decision{status: status}, m)
	return false, unseenPoll, err
}

// createFailed tells of the failure and sees to it that creation is tried again, at a rate that suits how many are refused. That
// it was refused is no error of the reconcile: it is told in an event and in the status.
func (e *Engine) createFailed(ctx context.Context, o observation, set *appsv1.ReplicaSet, err error, m *memory) (time.Duration, error) {
	if apifault.IsEnd(ctx, err) {
		return 0, ctx.Err()
	}
	if apifault.IsNamespaceTerminating(err) {
		m.final = e.now().Add(finalWait)
		return finalWait, nil
	}
	key, class := keyOf(o.deployment), apifault.Class(err)
	e.term.denials.Refused(key, class, e.now())
	if m.told.News(replicaSetCreateError, class, o.now) {
		e.say(o.deployment, warning(replicaSetCreateError, createFailed(set.Name, err)))
	}
	if _, err := e.writeStatus(ctx, o, decision{status: statusAfterFailure(o, set.Name, err)}, m); err != nil {
		return 0, fmt.Errorf("tell that replicaset %s could not be created: %w", set.Name, err)
	}
	return max(soon, e.term.denials.Due(key).Sub(e.now())), nil
}

// statusAfterFailure returns the status that says why the ReplicaSet could not be created, nil if it is written already. A
// Deployment without a deadline doesn't say how it progresses.
func statusAfterFailure(o observation, set string, err error) *appsv1.DeploymentStatus {
	r := newRollout(o, claim(o).own)
	status := r.statusAfter(&decision{})
	if _, ok := deadline(o.deployment); ok {
		status.Conditions = withCreateError(status.Conditions, r.progressing(corev1.ConditionFalse, replicaSetCreateError, createFailed(set, err)), set)
	}
	if sameStatus(o.deployment.Status, status) {
		return nil
	}
	return &status
}
