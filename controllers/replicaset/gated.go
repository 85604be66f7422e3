package replicaset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// gated makes the calls wait until it is the turn of their namespace: a namespace whose ReplicaSets change all the time must not
// keep the status of another's waiting. Creations and deletions are let pass: whoever makes them waits no longer than its turn.
type gated struct {
	api
	pass func(ctx context.Context, namespace string) error
}

func (g gated) replicaSet(ctx context.Context, namespace, name string) (*appsv1.ReplicaSet, error) {
	if err := g.pass(ctx, namespace); err != nil {
		return nil, err
	}
	return g.api.replicaSet(ctx, namespace, name)
}

func (g gated) patchStatus(ctx context.Context, rs *appsv1.ReplicaSet, status *appsv1.ReplicaSetStatus) (*appsv1.ReplicaSet, error) {
	if err := g.pass(ctx, rs.Namespace); err != nil {
		return nil, err
	}
	return g.api.patchStatus(ctx, rs, status)
}

func (g gated) pods(ctx context.Context, namespace string, selector labels.Selector) (*corev1.PodList, error) {
	if err := g.pass(ctx, namespace); err != nil {
		return nil, err
	}
	return g.api.pods(ctx, namespace, selector)
}

func (g gated) pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	if err := g.pass(ctx, namespace); err != nil {
		return nil, err
	}
	return g.api.pod(ctx, namespace, name)
}

func (g gated) patchPod(ctx context.Context, pod *corev1.Pod, patch []byte) (*corev1.Pod, error) {
	if err := g.pass(ctx, pod.Namespace); err != nil {
		return nil, err
	}
	return g.api.patchPod(ctx, pod, patch)
}
