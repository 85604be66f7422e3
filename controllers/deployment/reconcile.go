package deployment

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// engine is the controller without queue, goroutines and clock of its own: what a simulation runs.
type engine struct {
	api    api
	caches caches
	term   *term
	now    func() time.Time
	say    func(d *appsv1.Deployment, e event)
	wake   func(worker.Key)
}

const (
	// soon is when to look again at a key whose work goes on though nothing may happen that wakes it: at once, but behind those
	// that wait already.
	soon = time.Millisecond
	// unseenPoll is when to compare own writes with the cache again. Their events wake the key long before; this is for a
	// ReplicaSet that came and went while the watch was down.
	unseenPoll = 10 * time.Second
)

// reconcile brings the ReplicaSets and the status of one Deployment closer to what its spec asks for.
func (e *engine) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
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
		return worker.Result{RequeueAfter: unseenPoll}, nil
	}
	o, err := e.observe(d, m, now)
	if err != nil {
		return worker.Result{}, err
	}
	return e.decide(ctx, o, m)
}

// decide plans on what the caches hold and, if ReplicaSets or the template are to be changed and the caches may be behind earlier
// leaders, once more on what the API server holds.
func (e *engine) decide(ctx context.Context, o observation, m *memory) (worker.Result, error) {
	d := plan(o)
	if d.create != nil { // only now, because asking takes one of the tries that all who were refused share
		if o.denied = m.final; !m.final.After(o.now) {
			o.denied = e.term.denials.MayTry(keyOf(o.deployment), o.now)
		}
		d = plan(o)
	}
	if d.changesMore() && !e.fresh(m) {
		live, exists, err := e.observeLive(ctx, o, m)
		if err != nil || !exists {
			return worker.Result{RequeueAfter: unseenPoll}, err
		}
		o, d = live, plan(live)
	}
	again, err := e.apply(ctx, o, d, m)
	return worker.Result{RequeueAfter: again}, err
}
