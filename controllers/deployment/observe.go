package deployment

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownwrites"
)

// unseen reports whether the caches don't show all that this term has written about the Deployment.
func (e *Engine) unseen(m *memory, namespace string, now time.Time) bool {
	self := m.self.Settle(ownwrites.InStore{Store: e.caches.deployments, Namespace: namespace}, now)
	sets := m.sets.Settle(ownwrites.InStore{Store: e.caches.replicaSets, Namespace: namespace}, now)
	if !self || !sets {
		m.distrust()
	}
	return m.self.Len() > 0 || m.sets.Len() > 0
}

// observe gathers what the caches hold and the term remembers.
func (e *Engine) observe(d *appsv1.Deployment, m *memory, now time.Time) (observation, error) {
	o, err := e.recall(d, m, now)
	if err != nil {
		return o, err
	}
	o.sets = m.claimable(ownerindex.OwnedBy[*appsv1.ReplicaSet](e.caches.replicaSets, d.UID))
	o.orphans = m.claimable(ownerindex.Orphans[*appsv1.ReplicaSet](e.caches.replicaSets, d.Namespace, o.selector))
	for _, set := range o.sets {
		o.pods[set.UID] = ownerindex.OwnedBy[*corev1.Pod](e.caches.pods, set.UID)
	}
	return o, nil
}

// countObserved returns how many pods are observed.
func (o observation) countObserved() (n int) {
	for _, pods := range o.pods {
		n += len(pods)
	}
	return n
}

// recall begins an observation with what the term remembers.
func (e *Engine) recall(d *appsv1.Deployment, m *memory, now time.Time) (observation, error) {
	selector, err := ownership.Selector(d.Spec.Selector)
	if err != nil {
		return observation{}, fmt.Errorf("read selector of deployment %s: %w", keyOf(d), err)
	}
	if m.generation != d.Generation { // what was refused may not be asked for any more
		e.term.denials.Forget(keyOf(d))
		m.told.Over()
		m.refused, m.generation = nil, d.Generation
	}
	return observation{now: now, deployment: d, selector: selector, pods: map[types.UID][]*corev1.Pod{}, hold: m.hold, wait: m.wait, match: &m.match}, nil
}

// fresh reports whether the caches show all that has been written up to the beginning of the term, or up to the last live read.
func (e *Engine) fresh(m *memory) bool {
	if !m.fresh {
		m.fresh = m.horizon.isReached(e.caches)
	}
	return m.fresh
}

// observeLive reads the Deployment, its ReplicaSets and its pods from the API server. It returns false if the Deployment is gone.
//
// The caches must catch up before they are trusted: until then whatever else is changed is decided on another live read.
func (e *Engine) observeLive(ctx context.Context, o observation, m *memory) (observation, bool, error) {
	key := keyOf(o.deployment)
	d, err := e.server.deployment(ctx, key.Namespace, key.Name)
	if apierrors.IsNotFound(err) || err == nil && d.UID != o.deployment.UID {
		return o, false, nil
	}
	if err != nil {
		return o, false, fmt.Errorf("read deployment %s: %w", key, err)
	}
	live, err := e.recall(d, m, o.now)
	if err != nil {
		return o, false, err
	}
	live.denied = o.denied
	sets, err := e.server.replicaSets(ctx, key.Namespace, live.selector)
	if err != nil {
		return o, false, fmt.Errorf("read replicasets of deployment %s: %w", key, err)
	}
	live.sortLive(o, sets)
	live.sets, live.orphans = m.claimable(live.sets), m.claimable(live.orphans)
	pods, err := e.livePods(ctx, live)
	if err != nil {
		return o, false, fmt.Errorf("read pods of deployment %s: %w", key, err)
	}
	m.self.Wrote(d, o.now)
	m.catchUp(horizon{d.ResourceVersion, sets.ResourceVersion, pods})
	return live, true, nil
}

// catchUp records what the caches must reach after a live read, if the beginning of the term doesn't say so.
func (m *memory) catchUp(read horizon) {
	if m.horizon == (horizon{}) {
		m.horizon = read
	}
}

// sortLive takes the listed ReplicaSets that are the Deployment's or nobody's, and those that were seen before and that the list
// leaves out because they don't match: they may have to be released.
func (o *observation) sortLive(before observation, list *appsv1.ReplicaSetList) {
	listed := map[types.UID]bool{}
	for i := range list.Items {
		set := &list.Items[i]
		listed[set.UID] = true
		switch ref := metav1.GetControllerOfNoCopy(set); {
		case ref == nil:
			o.orphans = append(o.orphans, set)
		case ref.UID == o.deployment.UID:
			o.sets = append(o.sets, set)
		}
	}
	for _, set := range before.sets {
		if !listed[set.UID] && !o.selector.Matches(labels.Set(set.Labels)) {
			o.sets = append(o.sets, set)
		}
	}
}

// livePods adds the pods to the observation. It returns the version of pods to which that is true.
func (e *Engine) livePods(ctx context.Context, o observation) (version string, err error) {
	list, err := e.server.pods(ctx, o.deployment.Namespace, o.selector)
	if err != nil {
		return "", err
	}
	for _, set := range o.sets {
		o.pods[set.UID] = nil // known to be none, unless some are listed
	}
	for i := range list.Items {
		pod := &list.Items[i]
		if ref := metav1.GetControllerOfNoCopy(pod); ref != nil {
			o.pods[ref.UID] = append(o.pods[ref.UID], pod)
		}
	}
	return list.ResourceVersion, nil
}
