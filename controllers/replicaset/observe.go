package replicaset

import (
	"context"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// observe gathers what the caches hold and the term remembers.
func (e *Engine) observe(rs *appsv1.ReplicaSet, m *memory, now time.Time) (observation, error) {
	selector, err := ownership.Selector(rs.Spec.Selector)
	if err != nil {
		return observation{}, fmt.Errorf("read selector of replicaset %s/%s: %w", rs.Namespace, rs.Name, err)
	}
	e.settle(rs, m, now) // before the pods are looked up: those that are looked up later are no older
	o := observation{
		now: now, replicaSet: rs, selector: selector,
		pods:    ownerindex.OwnedBy[*corev1.Pod](e.caches.pods, rs.UID),
		orphans: ownerindex.Orphans[*corev1.Pod](e.caches.pods, rs.Namespace, selector),
	}
	e.recall(&o, m)
	return o, nil
}

// settle forgets the writes on pods that the cache shows, and reports whether it shows all.
func (e *Engine) settle(rs *appsv1.ReplicaSet, m *memory, now time.Time) bool {
	store := ownwrites.InStore{Store: e.caches.pods, Namespace: rs.Namespace}
	if !m.pods.Settle(store, now) {
		m.distrust()
	}
	m.doubted.Settle(store, now)
	return m.pods.Len() == 0
}

// recall adds what the term remembers to an observation.
func (e *Engine) recall(o *observation, m *memory) {
	rs := o.replicaSet
	if m.findKept(o.pods, o.now) {
		e.allowed(keyOf(rs), o.now)
	}
	o.orphans = m.adoptable(o.orphans)
	o.unseen = func(p *corev1.Pod) bool { return m.pods.Has(p) }
	o.waiting = m.pods.Len() > 0
	if m.doubted.Len() > 0 {
		o.doubted = func(p *corev1.Pod) bool { return m.doubted.Has(p) }
	}
	o.succeeded, o.lastCreate, o.hold = m.succeeded, m.lastCreate, m.hold
	o.drops = e.term.drops.Load()
	o.lost = m.newborns.review(o.pods, o.now)
	o.related = func() []*corev1.Pod { return e.caches.related(rs) }
	if key := keyOf(rs); m.generation != rs.Generation {
		e.term.denials.Forget(key) // what was refused may not be asked for any more
		m.generation = rs.Generation
	}
}

// fresh reports whether the caches show all that has been written up to the beginning of the term, or up to the last live read.
func (e *Engine) fresh(m *memory) bool {
	if !m.fresh {
		m.fresh = ownwrites.Reached(e.caches.pods, m.podsAt) && ownwrites.Reached(e.caches.replicaSets, m.replicaSetsAt)
	}
	return m.fresh
}

// observeLive reads the ReplicaSet and its pods from the API server. It returns false if the ReplicaSet is gone.
//
// The caches must catch up before they are trusted: until then whatever else is created or deleted is decided on another live
// read. One is enough as a rule, because what is decided on it leads to events that are newer than it.
func (e *Engine) observeLive(ctx context.Context, o observation, m *memory) (observation, bool, error) {
	cached := o.replicaSet
	rs, err := e.api.replicaSet(ctx, cached.Namespace, cached.Name)
	if apierrors.IsNotFound(err) || err == nil && rs.UID != cached.UID {
		return o, false, nil
	}
	if err != nil {
		return o, false, fmt.Errorf("read replicaset %s: %w", keyOf(cached), err)
	}
	selector, err := ownership.Selector(rs.Spec.Selector)
	if err != nil {
		return o, false, fmt.Errorf("read selector of replicaset %s: %w", keyOf(cached), err)
	}
	list, err := e.api.pods(ctx, rs.Namespace, selector)
	if err != nil {
		return o, false, fmt.Errorf("read pods of replicaset %s: %w", keyOf(cached), err)
	}
	m.catchUp(rs, list, o.now)
	live := observation{now: o.now, replicaSet: rs, selector: selector}
	live.pods, live.orphans = sortLive(o, list)
	e.recall(&live, m)
	live.unseen, live.waiting = nil, false // in the cache, on which this decision doesn't depend
	return live, true, nil
}

// catchUp records what the caches must show after a live read: the ReplicaSet, pods of ours of which no reply told that they were made,
// and, unless something is to be reached already, all that there is.
func (m *memory) catchUp(rs *appsv1.ReplicaSet, list *corev1.PodList, now time.Time) {
	m.self.Wrote(rs, now)
	for i := range list.Items {
		if slices.Contains(m.kept, list.Items[i].Name) {
			m.pods.Wrote(&list.Items[i], now)
		}
	}
	if m.podsAt == "" {
		m.podsAt, m.replicaSetsAt = list.ResourceVersion, rs.ResourceVersion
	}
	m.fresh = m.podsAt == "" // an API server without versions, which only tests have, can't be caught up with
}

// sortLive returns the listed pods that are the ReplicaSet's or nobody's, and those that the cache holds for it and that the
// list leaves out because they don't match: they may have to be released.
func sortLive(o observation, list *corev1.PodList) (own, orphans []*corev1.Pod) {
	listed := map[types.UID]bool{}
	for i := range list.Items {
		pod := &list.Items[i]
		listed[pod.UID] = true
		switch ownership.ControllerUID(pod) {
		case o.replicaSet.UID:
			own = append(own, pod)
		case "":
			orphans = append(orphans, pod)
		}
	}
	for _, pod := range o.pods {
		if !listed[pod.UID] && !o.selector.Matches(labels.Set(pod.Labels)) {
			own = append(own, pod)
		}
	}
	return own, orphans
}

func keyOf(rs *appsv1.ReplicaSet) worker.Key {
	return worker.Key{Namespace: rs.Namespace, Name: rs.Name}
}
