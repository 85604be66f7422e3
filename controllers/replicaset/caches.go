package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// caches are what the informers hold. Objects out of them must not be changed.
type caches struct {
	pods, replicaSets cache.Indexer
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
	objects, err := c.replicaSets.ByIndex(cache.NamespaceIndex, namespace)
	if err != nil {
		panic(err) // every informer has this index
	}
	sets := make([]*appsv1.ReplicaSet, 0, len(objects))
	for _, object := range objects {
		sets = append(sets, object.(*appsv1.ReplicaSet))
	}
	return sets
}

// related returns the pods of all ReplicaSets that have the same controller, which for a Deployment are those of all its
// revisions. Without a controller it returns the ReplicaSet's own.
func (c caches) related(rs *appsv1.ReplicaSet) []*corev1.Pod {
	sets := []*appsv1.ReplicaSet{rs}
	if ref := metav1.GetControllerOfNoCopy(rs); ref != nil {
		sets = ownerindex.OwnedBy[*appsv1.ReplicaSet](c.replicaSets, ref.UID)
	}
	var all []*corev1.Pod
	for _, set := range sets {
		all = append(all, ownerindex.OwnedBy[*corev1.Pod](c.pods, set.UID)...)
	}
	return all
}
