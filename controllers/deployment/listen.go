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
	if _, err := pods.AddEventHandler(c.worker.ChangeHandler(c.caches.keysOfPodChange)); err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}
