package replicaset

import (
	"cmp"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// listen makes events put keys into the queue.
func (c *controller) listen(pods, sets cache.SharedIndexInformer) error {
	if _, err := sets.AddEventHandler(c.worker.Handler(worker.Self)); err != nil {
		return fmt.Errorf("watch replicasets: %w", err)
	}
	handler := cache.ResourceEventHandlerDetailedFuncs{AddFunc: c.podAdded, UpdateFunc: c.podUpdated, DeleteFunc: c.podDeleted}
	if _, err := pods.AddEventHandler(handler); err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}

func (c *controller) podAdded(object any, initial bool) {
	pod, ok := object.(*corev1.Pod)
	if !ok || initial { // a term begins with all ReplicaSets
		return
	}
	c.changed(worker.Added, nil, pod)
}

func (c *controller) podUpdated(before, after any) {
	old, okOld := before.(*corev1.Pod)
	pod, ok := after.(*corev1.Pod)
	if ok && okOld {
		c.changed(worker.Updated, old, pod)
	}
}

func (c *controller) podDeleted(object any) {
	if pod, ok := worker.LastSeen(object).(*corev1.Pod); ok {
		c.changed(worker.Deleted, pod, nil)
	}
}

func (c *controller) changed(event worker.Event, before, after *corev1.Pod) {
	for _, key := range c.caches.keysOfChange(before, after) {
		c.worker.AddBecause(worker.CauseOf(event, cmp.Or(after, before)), key, worker.Live)
	}
}

// keysOfChange names the ReplicaSets that have to look when a pod was one thing and is another; nil stands for not being there.
func (c caches) keysOfChange(before, after *corev1.Pod) []worker.Key {
	if before != nil && after != nil && !podfacts.ChangesCensus(before, after) {
		return nil
	}
	return c.keysFor(before, after)
}

// keysFor names the ReplicaSets to which it matters that a pod was one thing and is another; nil stands for not being there.
// They are its owner before and after, and if it has none now, all that would adopt it.
func (c caches) keysFor(before, after *corev1.Pod) []worker.Key {
	var keys []worker.Key
	if before != nil {
		if key, ok := ownerKey(before); ok {
			keys = append(keys, key)
		}
	}
	switch {
	case after == nil:
	case metav1.GetControllerOfNoCopy(after) != nil:
		if key, ok := ownerKey(after); ok && (len(keys) == 0 || keys[0] != key) {
			keys = append(keys, key)
		}
	case podfacts.IsActive(after):
		keys = append(keys, c.adopters(after)...)
	}
	return keys
}

// adopters names the ReplicaSets whose selectors match the pod.
func (c caches) adopters(pod *corev1.Pod) []worker.Key {
	var keys []worker.Key
	for _, rs := range c.inNamespace(pod.Namespace) {
		if selects(rs, pod) {
			keys = append(keys, keyOf(rs))
		}
	}
	return keys
}

func selects(rs *appsv1.ReplicaSet, pod *corev1.Pod) bool {
	selector, err := ownership.Selector(rs.Spec.Selector)
	return err == nil && selector.Matches(labels.Set(pod.Labels))
}
