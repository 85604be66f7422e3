package deployment

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// apply carries the decision out. It returns after how long to look again, which is 0 if events will tell.
func (e *Engine) apply(ctx context.Context, o observation, d decision, m *memory) (time.Duration, error) {
	switch {
	case len(d.adopt) > 0 || len(d.release) > 0:
		return e.claim(ctx, o, d, m)
	case d.rollback != nil:
		return e.rollBack(ctx, o, d, m)
	}
	if d.create != nil {
		if created, again, err := e.create(ctx, o, d.create, m); !created {
			return again, err
		}
	}
	for _, step := range []func(context.Context, observation, decision, *memory) (bool, error){e.change, e.remove, e.writeStatus} {
		if asSeen, err := step(ctx, o, d, m); err != nil || !asSeen {
			return unseenPoll, err
		}
	}
	for _, told := range d.events {
		e.say(o.deployment, told)
	}
	m.hold, m.wait = d.hold, d.wait
	return d.lookAgain, nil
}

// isOtherNow reports whether an object was found to be another, or another than it was when the decision was made. The cache will
// show it, and wake the key.
func isOtherNow(err error) bool {
	return apierrors.IsNotFound(err) || apierrors.IsConflict(err) || apifault.IsFailedTest(err)
}

// change scales and annotates ReplicaSets, each in one write. It returns false if one of them is not as it was seen.
func (e *Engine) change(ctx context.Context, o observation, d decision, m *memory) (asSeen bool, err error) {
	for _, c := range d.changes {
		changed, err := e.server.patchReplicaSet(ctx, c.set, c.patch())
		m.doubt(err)
		if isOtherNow(err) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("scale replicaset %s of deployment %s from %d to %d: %w", c.set.Name, keyOf(o.deployment), c.from, c.to, err)
		}
		m.sets.Wrote(changed, o.now)
		if c.to != c.from {
			e.say(o.deployment, scaledEvent(c.set.Name, c.from, c.to))
		}
	}
	return true, nil
}

// patch returns what the API server is asked to change, if the spec is still as it was seen.
func (c change) patch() *jsonpatch.Patch {
	p := jsonpatch.For(c.set)
	p.IfSpecOf(c.set)
	p.Annotate(c.set, c.annotations)
	if c.to != c.from {
		p.Set(c.to, "spec", "replicas")
	}
	if c.minReadySeconds != nil {
		p.Set(*c.minReadySeconds, "spec", "minReadySeconds")
	}
	return p
}

// remove deletes ReplicaSets of the history. It returns false if one of them is not as it was seen.
func (e *Engine) remove(ctx context.Context, o observation, d decision, m *memory) (asSeen bool, err error) {
	for _, set := range d.remove {
		err := e.server.deleteReplicaSet(ctx, set)
		m.doubt(err)
		if apierrors.IsConflict(err) {
			return false, nil
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return false, fmt.Errorf("delete replicaset %s of deployment %s: %w", set.Name, keyOf(o.deployment), err)
		}
		m.sets.Deleted(set, o.now)
	}
	return true, nil
}

// claim releases and adopts ReplicaSets, adopts after the API server has confirmed that the Deployment is still there.
func (e *Engine) claim(ctx context.Context, o observation, d decision, m *memory) (time.Duration, error) {
	for _, set := range d.release {
		patch, err := ownership.ReleasePatch(o.deployment.UID, set.UID)
		if err == nil {
			err = e.claimOne(ctx, o, set, patch, m)
		}
		if apierrors.IsInvalid(err) { // as when a policy forbids it: the rollout goes on without this ReplicaSet
			m.refuse(set)
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("release replicaset %s from deployment %s: %w", set.Name, keyOf(o.deployment), err)
		}
	}
	if len(d.adopt) == 0 {
		return soon, nil // what isn't seen yet is waited for then
	}
	live, err := e.server.deployment(ctx, o.deployment.Namespace, o.deployment.Name)
	if apierrors.IsNotFound(err) || err == nil && (live.UID != o.deployment.UID || live.DeletionTimestamp != nil) {
		return unseenPoll, nil // the cache will show it
	}
	if err != nil {
		return 0, fmt.Errorf("read deployment %s before adopting replicasets: %w", keyOf(o.deployment), err)
	}
	for _, set := range d.adopt {
		patch, err := ownership.AdoptPatch(controllerRef(o.deployment), set.UID)
		if err == nil {
			err = e.claimOne(ctx, o, set, patch, m)
		}
		if err != nil {
			return 0, fmt.Errorf("adopt replicaset %s for deployment %s: %w", set.Name, keyOf(o.deployment), err)
		}
	}
	return unseenPoll, nil
}

// claimOne sends the patch. A ReplicaSet that is gone, or another of its name, is left to the cache to show.
func (e *Engine) claimOne(ctx context.Context, o observation, set *appsv1.ReplicaSet, patch []byte, m *memory) error {
	claimed, err := e.server.claimReplicaSet(ctx, set, patch)
	m.doubt(err)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		m.refuse(set)
		return nil
	}
	if err != nil {
		return err
	}
	m.sets.Wrote(claimed, o.now)
	return nil
}

// rollBack gives the Deployment an earlier template, or takes the wish for it away, if its spec is still as it was seen.
func (e *Engine) rollBack(ctx context.Context, o observation, d decision, m *memory) (time.Duration, error) {
	patch := jsonpatch.For(o.deployment)
	patch.IfSpecOf(o.deployment)
	if !equality.Semantic.DeepEqual(o.deployment.Spec.Template, d.rollback.Spec.Template) {
		patch.Set(d.rollback.Spec.Template, "spec", "template")
	}
	patch.Reannotate(o.deployment, d.rollback.Annotations)
	changed, err := e.server.patchDeployment(ctx, o.deployment, patch)
	m.doubt(err)
	if isOtherNow(err) {
		return unseenPoll, nil
	}
	if err != nil {
		return 0, fmt.Errorf("roll back deployment %s: %w", keyOf(o.deployment), err)
	}
	m.self.Wrote(changed, o.now)
	for _, told := range d.events {
		e.say(o.deployment, told)
	}
	return 0, nil
}

// writeStatus writes the status, and the revision if it is another. It returns false if the Deployment is not as it was seen.
func (e *Engine) writeStatus(ctx context.Context, o observation, d decision, m *memory) (asSeen bool, err error) {
	if d.status == nil {
		return true, nil
	}
	patch := jsonpatch.For(o.deployment)
	patch.IfAsSeen(o.deployment) // else a condition that somebody else has just set would be lost
	if d.revision != "" {
		patch.Annotate(o.deployment, map[string]string{revisionAnnotation: d.revision})
	}
	patch.Set(d.status, "status")
	written, err := e.server.patchStatus(ctx, o.deployment, patch)
	m.doubt(err)
	if isOtherNow(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write status of deployment %s: %w", keyOf(o.deployment), err)
	}
	m.self.Wrote(written, o.now)
	return true, nil
}
