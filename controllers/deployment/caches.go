package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// caches are what the informers hold. Objects out of them must not be changed.
type caches struct {
	deployments, replicaSets, pods cache.Indexer
}

// deployment returns the Deployment of the key, or nil.
func (c caches) deployment(key worker.Key) (*appsv1.Deployment, error) {
	object, exists, err := c.deployments.GetByKey(key.String())
	if err != nil || !exists {
		return nil, err
	}
	return object.(*appsv1.Deployment), nil
}

// keysOfSet names the Deployments to which the ReplicaSet matters: its owner, or if it has none, all that would adopt it.
func (c caches) keysOfSet(object any) []worker.Key {
	set, ok := object.(*appsv1.ReplicaSet)
	if !ok {
		return nil
	}
	if metav1.GetControllerOfNoCopy(set) == nil {
		return c.adopters(set)
	}
	if key, ok := ownerKey(set); ok {
		return []worker.Key{key}
	}
	return nil
}

// adopters names the Deployments whose selectors match the ReplicaSet.
func (c caches) adopters(set *appsv1.ReplicaSet) []worker.Key {
	objects, err := c.deployments.ByIndex(cache.NamespaceIndex, set.Namespace)
	if err != nil {
		panic(err) // every informer has this index
	}
	var keys []worker.Key
	for _, object := range objects {
		d := object.(*appsv1.Deployment)
		if selector, err := ownership.Selector(d.Spec.Selector); err == nil && selector.Matches(labels.Set(set.Labels)) {
			keys = append(keys, keyOf(d))
		}
	}
	return keys
}

// keysOfPodChange names the Deployments to which it matters that a pod was one thing and is another: of pods only their end
// matters.
func (c caches) keysOfPodChange(before, after any) []worker.Key {
	old, _ := before.(*corev1.Pod)
	pod, ok := after.(*corev1.Pod)
	switch {
	case old == nil:
		return nil
	case !ok || pod.UID != old.UID:
		return c.keysOfPod(old)
	case podfacts.IsEnded(pod) && !podfacts.IsEnded(old):
		return c.keysOfPod(pod)
	}
	return nil
}

// keysOfPod names the Deployment that waits for the pod to be gone: its owner's owner, if that ends all old pods before it starts
// new ones.
func (c caches) keysOfPod(pod *corev1.Pod) []worker.Key {
	ref := metav1.GetControllerOfNoCopy(pod)
	if ref == nil {
		return nil
	}
	object, exists, err := c.replicaSets.GetByKey(cache.NewObjectName(pod.Namespace, ref.Name).String())
	if err != nil || !exists || object.(*appsv1.ReplicaSet).UID != ref.UID {
		return nil
	}
	key, ok := ownerKey(object.(*appsv1.ReplicaSet))
	if !ok {
		return nil
	}
	if d, err := c.deployment(key); err != nil || d == nil || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		return nil
	}
	return []worker.Key{key}
}

func keyOf(d *appsv1.Deployment) worker.Key {
	return worker.Key{Namespace: d.Namespace, Name: d.Name}
}
