package replicaset

import (
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
	if _, err := pods.AddEventHandler(c.worker.ChangeHandler(c.caches.keysOfPodChange)); err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}

// keysOfPodChange names the ReplicaSets that have to look when a pod was one thing and is another; nil stands for not being there.
func (c caches) keysOfPodChange(before, after any) []worker.Key {
	old, _ := before.(*corev1.Pod)
	pod, _ := after.(*corev1.Pod)
	if !podfacts.ChangesCensus(old, pod) {
		return nil
	}
	return c.keysFor(old, pod)
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
		if key, ok := ownerKey(after); ok {
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
