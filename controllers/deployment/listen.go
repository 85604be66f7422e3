package deployment

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// listen makes events put keys into the queue.
func (c *controller) listen(deployments, sets, pods cache.SharedIndexInformer) error {
	if _, err := deployments.AddEventHandler(c.worker.Handler(worker.Self)); err != nil {
		return fmt.Errorf("watch deployments: %w", err)
	}
	if _, err := sets.AddEventHandler(c.worker.Handler(c.caches.keysOfSet)); err != nil {
		return fmt.Errorf("watch replicasets: %w", err)
	}
	// Of pods only their end matters, and that only to Deployments that wait for it.
	handler := cache.ResourceEventHandlerFuncs{UpdateFunc: c.podUpdated, DeleteFunc: c.podDeleted}
	if _, err := pods.AddEventHandler(handler); err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}

func (c *controller) podUpdated(before, after any) {
	old, okOld := before.(*corev1.Pod)
	pod, ok := after.(*corev1.Pod)
	if ok && okOld && podfacts.IsEnded(pod) && !podfacts.IsEnded(old) {
		c.podEnded(pod)
	}
}

func (c *controller) podDeleted(object any) {
	if pod, ok := worker.LastSeen(object).(*corev1.Pod); ok {
		c.podEnded(pod)
	}
}

func (c *controller) podEnded(pod *corev1.Pod) {
	for _, key := range c.caches.keysOfPod(pod) {
		c.worker.Add(key, worker.Live)
	}
}
