package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
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

// keysOfPodChange names the Deployments to which it matters that a pod was one thing and is another; nil stands for not being there.
func (c caches) keysOfPodChange(before, after any) []worker.Key {
	old, _ := before.(*corev1.Pod)
	pod, _ := after.(*corev1.Pod)
	switch {
	case !podfacts.ChangesCensus(old, pod):
		return nil
	case old == nil:
		return c.keysOfPod(pod)
	case pod == nil || ownership.ControllerUID(old) == ownership.ControllerUID(pod):
		return c.keysOfPod(old)
	}
	return append(c.keysOfPod(old), c.keysOfPod(pod)...)
}

// keysOfPod names the Deployment that the pod belongs to, its owner's owner, if that goes by pods at once. Others get to know of them
// when their ReplicaSet's status tells, or when they look again because it doesn't.
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
	if d, err := c.deployment(key); err != nil || d == nil || !c.goesByPods(d) {
		return nil
	}
	return []worker.Key{key}
}

// goesByPods reports whether the Deployment's next step may depend on pods: those of one ReplicaSet take the place of another's, some of
// too many must go before others are made, or all.
func (c caches) goesByPods(d *appsv1.Deployment) bool {
	if d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return true
	}
	active := 0
	for _, set := range ownerindex.OwnedBy[*appsv1.ReplicaSet](c.replicaSets, d.UID) {
		asked, has := replicasOf(set), int64(set.Status.Replicas)
		if has > asked {
			return true
		}
		if asked > 0 {
			active++
		}
	}
	return active > 1
}

func keyOf(d *appsv1.Deployment) worker.Key {
	return worker.Key{Namespace: d.Namespace, Name: d.Name}
}
