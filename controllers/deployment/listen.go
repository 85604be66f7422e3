package deployment

import (
	"fmt"

	"k8s.io/client-go/tools/cache"

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
	handler := cache.ResourceEventHandlerDetailedFuncs{AddFunc: c.podAdded, UpdateFunc: c.podUpdated, DeleteFunc: c.podDeleted}
	if _, err := pods.AddEventHandler(handler); err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}

func (c *controller) podAdded(pod any, initial bool) {
	if initial { // a term begins with all Deployments
		return
	}
	for _, key := range c.caches.keysOfPodChange(nil, pod) {
		c.worker.AddBecause(worker.CauseOf(worker.Added, pod), key, worker.Live)
	}
}

func (c *controller) podUpdated(before, after any) {
	for _, key := range c.caches.keysOfPodChange(before, after) {
		c.worker.AddBecause(worker.CauseOf(worker.Updated, after), key, worker.Live)
	}
}

func (c *controller) podDeleted(last any) {
	pod := worker.LastSeen(last)
	for _, key := range c.caches.keysOfPodChange(pod, nil) {
		c.worker.AddBecause(worker.CauseOf(worker.Deleted, pod), key, worker.Live)
	}
}
