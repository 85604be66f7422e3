package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/pace"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

const (
	// soon is when to look again at a key whose work goes on though nothing may happen that wakes it: at once, but behind those
	// that wait already.
	soon = time.Millisecond
	// unseenPoll is when to compare own writes with the cache again. Their events wake the key long before; this is for a
	// ReplicaSet that came and went while the watch was down.
	unseenPoll = 10 * time.Second
)

// Reconcile brings the ReplicaSets and the status of one Deployment closer to what its spec asks for.
func (e *Engine) Reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	d, err := e.caches.deployment(key)
	if err != nil {
		return worker.Result{}, fmt.Errorf("look up deployment %s: %w", key, err)
	}
	if d == nil {
		e.term.forget(key)
		return worker.Result{}, nil
	}
	m, now := e.term.remember(key, d.UID), e.now()
	if e.unseen(m, key.Namespace, now) { // the event that shows what we wrote wakes the key
		return worker.Result{RequeueAfter: unseenPoll, Blocked: m.blocked}, nil
	}
	if left := m.pace.Left(d.Generation, now); left > 0 {
		return worker.Result{RequeueAfter: left, Blocked: m.blocked}, nil
	}
	o, err := e.observe(d, m, now)
	if err != nil {
		return worker.Result{}, err
	}
	result, err := e.decide(ctx, o, m)
	m.blocked = result.Blocked
	if err == nil {
		m.pace = pace.Looked(d.Generation, o.countObserved(), now)
	}
	return result, err
}

// decide plans on what the caches hold and, if anything is to be written and they may be behind earlier leaders, once more on what
// the API server holds.
func (e *Engine) decide(ctx context.Context, o observation, m *memory) (worker.Result, error) {
	d := plan(o)
	if d.create != nil { // only now, because asking takes one of the tries that all who were refused share
		if o.denied = m.final; !m.final.After(o.now) {
			o.denied = e.term.denials.MayTry(keyOf(o.deployment), o.now)
		}
		d = plan(o)
	} else {
		e.term.denials.Forget(keyOf(o.deployment)) // it is there, or not asked for any more
	}
	if d.acts() && !e.fresh(m) {
		live, exists, err := e.observeLive(ctx, o, m)
		if err != nil || !exists {
			return worker.Result{RequeueAfter: unseenPoll}, err
		}
		o, d = live, plan(live)
	}
	again, err := e.apply(ctx, o, d, m)
	status := o.deployment.Status
	if d.status != nil {
		status = *d.status
	}
	return worker.Result{RequeueAfter: again, Blocked: blockedBy(status)}, err
}
