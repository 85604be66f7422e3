package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// caches are what the informers hold. Objects out of them must not be changed.
type caches struct {
	pods, replicaSets cache.Indexer
}

// byController is the index of ReplicaSets by the UID in their controllerRef.
const byController = "wheelhouse/controller"

func replicaSetIndexers() cache.Indexers {
	return cache.Indexers{byController: func(object any) ([]string, error) {
		if rs, ok := object.(*appsv1.ReplicaSet); ok {
			if ref := metav1.GetControllerOfNoCopy(rs); ref != nil {
				return []string{string(ref.UID)}, nil
			}
		}
		return nil, nil
	}}
}

// replicaSet returns the ReplicaSet of the key, or nil.
func (c caches) replicaSet(key worker.Key) (*appsv1.ReplicaSet, error) {
	object, exists, err := c.replicaSets.GetByKey(key.String())
	if err != nil || !exists {
		return nil, err
	}
	return object.(*appsv1.ReplicaSet), nil
}

// inNamespace returns all ReplicaSets of the namespace.
func (c caches) inNamespace(namespace string) []*appsv1.ReplicaSet {
	return lookUp(c.replicaSets, cache.NamespaceIndex, namespace)
}

// related returns the pods of all ReplicaSets that have the same controller, which for a Deployment are those of all its
// revisions. Without a controller it returns the ReplicaSet's own.
func (c caches) related(rs *appsv1.ReplicaSet) []*corev1.Pod {
	sets := []*appsv1.ReplicaSet{rs}
	if ref := metav1.GetControllerOfNoCopy(rs); ref != nil {
		sets = lookUp(c.replicaSets, byController, string(ref.UID))
	}
	var all []*corev1.Pod
	for _, set := range sets {
		all = append(all, podindex.OwnedBy(c.pods, set.UID)...)
	}
	return all
}

// lookUp returns what an index that we have added, or that every informer has, holds under the key.
func lookUp(store cache.Indexer, index, key string) []*appsv1.ReplicaSet {
	objects, err := store.ByIndex(index, key)
	if err != nil {
		panic(err) // the index is missing: a mistake in New
	}
	sets := make([]*appsv1.ReplicaSet, 0, len(objects))
	for _, object := range objects {
		sets = append(sets, object.(*appsv1.ReplicaSet))
	}
	return sets
}
