package replicaset

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/atonce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

// api is every call that the controller makes. It is safe for concurrent use.
type api interface {
	// versions returns the current resourceVersions of pods and of ReplicaSets.
	versions(ctx context.Context) (pods, replicaSets string, err error)
	replicaSet(ctx context.Context, namespace, name string) (*appsv1.ReplicaSet, error)
	// patchStatus makes the status of rs, as it was seen, the given one, and leaves other people's conditions alone.
	patchStatus(ctx context.Context, rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) (*appsv1.ReplicaSet, error)
	// pods returns the pods of the namespace that match the selector, and others if the selector is too long to be sent.
	pods(ctx context.Context, namespace string, selector labels.Selector) (*corev1.PodList, error)
	pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	createPod(ctx context.Context, pod *corev1.Pod) (*corev1.Pod, error)
	// deletePod deletes this pod, and no other of its name.
	deletePod(ctx context.Context, pod *corev1.Pod) error
	patchPod(ctx context.Context, pod *corev1.Pod, patch []byte) (*corev1.Pod, error)
}

// server is the API server.
type server struct {
	client kubernetes.Interface
}

// requestTimeout bounds a request to create or delete a pod, which many others may wait for. The API server answers within a
// minute by default, if only that it took too long; what isn't answered by then is lost.
const requestTimeout = 65 * time.Second

func (s server) versions(ctx context.Context) (pods, replicaSets string, err error) {
	one := metav1.ListOptions{Limit: 1}
	err = atonce.Do( // the work waits for it, and the API server answers only when its own cache has caught up
		func() error {
			list, err := s.client.CoreV1().Pods(metav1.NamespaceAll).List(ctx, one)
			return atonce.Version(&pods, list, err)
		},
		func() error {
			list, err := s.client.AppsV1().ReplicaSets(metav1.NamespaceAll).List(ctx, one)
			return atonce.Version(&replicaSets, list, err)
		},
	)
	if err != nil {
		return "", "", err
	}
	return pods, replicaSets, nil
}

func (s server) replicaSet(ctx context.Context, namespace, name string) (*appsv1.ReplicaSet, error) {
	return s.client.AppsV1().ReplicaSets(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (s server) patchStatus(ctx context.Context, rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) (*appsv1.ReplicaSet, error) {
	text, err := statusPatch(rs, status).Bytes()
	if err != nil {
		return nil, err
	}
	return s.client.AppsV1().ReplicaSets(rs.Namespace).Patch(ctx, rs.Name, types.JSONPatchType, text, metav1.PatchOptions{}, "status")
}

func (s server) pods(ctx context.Context, namespace string, selector labels.Selector) (*corev1.PodList, error) {
	return s.client.CoreV1().Pods(namespace).List(ctx, ownership.ListOptions(selector))
}

func (s server) pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	return s.client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
}

func (s server) createPod(ctx context.Context, pod *corev1.Pod) (*corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return s.client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
}

func (s server) deletePod(ctx context.Context, pod *corev1.Pod) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return s.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pod.UID))})
}

func (s server) patchPod(ctx context.Context, pod *corev1.Pod, patch []byte) (*corev1.Pod, error) {
	return s.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
}
