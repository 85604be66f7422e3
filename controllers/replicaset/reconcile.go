package replicaset

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// soon is when to look again at a key whose work goes on though nothing may happen that wakes it: at once, but behind those
// that wait already.
const soon = time.Millisecond

// Reconcile brings the pods and the status of one ReplicaSet closer to what its spec asks for.
func (e *Engine) Reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	rs, err := e.caches.replicaSet(key)
	if err != nil {
		return worker.Result{}, fmt.Errorf("look up replicaset %s: %w", key, err)
	}
	if rs == nil {
		e.term.forget(key)
		return worker.Result{}, nil
	}
	m, now := e.term.remember(key, rs.UID), e.now()
	m.self.Settle(ownwrites.InStore{Store: e.caches.replicaSets, Namespace: key.Namespace}, now)
	if m.self.Len() > 0 { // the event that shows our status wakes the key
		return worker.Result{RequeueAfter: unseenPoll, Blocked: m.blocked}, nil
	}
	if left := e.untilNextLook(rs, m, now); left > 0 {
		return worker.Result{RequeueAfter: left, Blocked: m.blocked}, nil
	}
	o, err := e.observe(rs, m, now)
	if err != nil {
		return worker.Result{}, err
	}
	result, err := e.decide(ctx, o, m)
	m.blocked = result.Blocked
	if err == nil {
		m.pace, m.waited = pace.Looked(rs.Generation, len(o.pods), now), o.waiting
	}
	return result, err
}

// untilNextLook returns for how long a ReplicaSet is not to be looked at yet. If the last look missed own writes, there is another as soon as
// the cache shows them, at any pace: what goes on then is what was begun.
func (e *Engine) untilNextLook(rs *appsv1.ReplicaSet, m *memory, now time.Time) time.Duration {
	left := m.pace.Left(rs.Generation, now)
	if left > 0 && m.waited && e.settle(rs, m, now) {
		return 0
	}
	return left
}

// decide plans on what the caches hold and, if pods are to be created or deleted and the caches may be behind earlier leaders,
// once more on what the API server holds.
func (e *Engine) decide(ctx context.Context, o observation, m *memory) (worker.Result, error) {
	d := plan(o)
	if d.create > 0 { // only now, because asking takes one of the tries that all who were refused share
		if o.denied = m.final; !m.final.After(o.now) {
			o.denied = e.term.denials.MayTry(keyOf(o.replicaSet), o.now)
		}
		d = plan(o)
	}
	if d.scales() && !e.fresh(m) {
		live, exists, err := e.observeLive(ctx, o, m)
		if err != nil || !exists {
			return worker.Result{RequeueAfter: unseenPoll}, err
		}
		live.denied = o.denied
		o, d = live, plan(live)
	}
	return e.apply(ctx, o, d, m)
}

// writeStatus writes the status. That the ReplicaSet is gone, or is not as it was seen, is no error: the cache is behind, and what it
// shows next wakes the key.
func (e *Engine) writeStatus(ctx context.Context, o observation, m *memory, status *appsv1.ReplicaSetStatus) error {
	written, err := e.api.patchStatus(ctx, o.replicaSet, status)
	if apierrors.IsNotFound(err) || apifault.IsFailedTest(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write status of replicaset %s: %w", keyOf(o.replicaSet), err)
	}
	if status.TerminatingReplicas != nil && written.Status.TerminatingReplicas == nil {
		e.term.drops.Store(true)
	}
	m.self.Wrote(written, o.now)
	return nil
}
