package deployment

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/atonce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// server makes every call of the controller to the API server. What a call changes, it changes only if it is the object that is
// given, and what it returns is the object after the change.
type server struct {
	client kubernetes.Interface
}

// now returns how far the caches must come to show all that has been written up to now. It asks for all at once: the work waits for it,
// and the API server answers such a question only when its own cache has caught up.
func (s server) now(ctx context.Context) (horizon, error) {
	one := metav1.ListOptions{Limit: 1}
	var h horizon
	err := atonce.Do(
		func() error {
			list, err := s.client.AppsV1().Deployments(metav1.NamespaceAll).List(ctx, one)
			return atonce.Version(&h.deployments, list, err)
		},
		func() error {
			list, err := s.client.AppsV1().ReplicaSets(metav1.NamespaceAll).List(ctx, one)
			return atonce.Version(&h.replicaSets, list, err)
		},
		func() error {
			list, err := s.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, one)
			return atonce.Version(&h.pods, list, err)
		},
	)
	if err != nil {
		return horizon{}, err
	}
	return h, nil
}

func (s server) deployment(ctx context.Context, namespace, name string) (*appsv1.Deployment, error) {
	return s.client.AppsV1().Deployments(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (s server) patchDeployment(ctx context.Context, d *appsv1.Deployment, patch *jsonpatch.Patch) (*appsv1.Deployment, error) {
	return s.patch(ctx, d, patch)
}

func (s server) patchStatus(ctx context.Context, d *appsv1.Deployment, patch *jsonpatch.Patch) (*appsv1.Deployment, error) {
	return s.patch(ctx, d, patch, "status")
}

func (s server) patch(ctx context.Context, d *appsv1.Deployment, patch *jsonpatch.Patch, subresources ...string) (*appsv1.Deployment, error) {
	text, err := patch.Bytes()
	if err != nil {
		return nil, err
	}
	return s.client.AppsV1().Deployments(d.Namespace).Patch(ctx, d.Name, types.JSONPatchType, text, metav1.PatchOptions{}, subresources...)
}

// replicaSets and pods return those of the namespace that match the selector, and others if it is too long to be sent.
func (s server) replicaSets(ctx context.Context, namespace string, selector labels.Selector) (*appsv1.ReplicaSetList, error) {
	return s.client.AppsV1().ReplicaSets(namespace).List(ctx, ownership.ListOptions(selector))
}

func (s server) replicaSet(ctx context.Context, namespace, name string) (*appsv1.ReplicaSet, error) {
	return s.client.AppsV1().ReplicaSets(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (s server) createReplicaSet(ctx context.Context, set *appsv1.ReplicaSet) (*appsv1.ReplicaSet, error) {
	return s.client.AppsV1().ReplicaSets(set.Namespace).Create(ctx, set, metav1.CreateOptions{})
}

func (s server) patchReplicaSet(ctx context.Context, set *appsv1.ReplicaSet, patch *jsonpatch.Patch) (*appsv1.ReplicaSet, error) {
	text, err := patch.Bytes()
	if err != nil {
		return nil, err
	}
	return s.client.AppsV1().ReplicaSets(set.Namespace).Patch(ctx, set.Name, types.JSONPatchType, text, metav1.PatchOptions{})
}

// claimReplicaSet adopts or releases by one of the patches that package ownership makes.
func (s server) claimReplicaSet(ctx context.Context, set *appsv1.ReplicaSet, patch []byte) (*appsv1.ReplicaSet, error) {
	return s.client.AppsV1().ReplicaSets(set.Namespace).Patch(ctx, set.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
}

// deleteReplicaSet deletes the ReplicaSet if nobody has changed it since.
func (s server) deleteReplicaSet(ctx context.Context, set *appsv1.ReplicaSet) error {
	preconditions := metav1.NewUIDPreconditions(string(set.UID))
	preconditions.ResourceVersion = &set.ResourceVersion
	return s.client.AppsV1().ReplicaSets(set.Namespace).Delete(ctx, set.Name, metav1.DeleteOptions{Preconditions: preconditions})
}

func (s server) pods(ctx context.Context, namespace string, selector labels.Selector) (*corev1.PodList, error) {
	return s.client.CoreV1().Pods(namespace).List(ctx, ownership.ListOptions(selector))
}
