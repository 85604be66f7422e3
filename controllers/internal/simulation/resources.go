package simulation

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apps "k8s.io/client-go/kubernetes/typed/apps/v1"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
)

type deployments struct {
	apps.DeploymentInterface
	resource
}

func (c deployments) Get(_ context.Context, name string, _ metav1.GetOptions) (*appsv1.Deployment, error) {
	return as[*appsv1.Deployment](c.get(name))
}

func (c deployments) List(_ context.Context, options metav1.ListOptions) (*appsv1.DeploymentList, error) {
	found, meta, err := c.list(options)
	return &appsv1.DeploymentList{ListMeta: meta, Items: values[appsv1.Deployment](found)}, err
}

func (c deployments) Patch(_ context.Context, name string, kind types.PatchType, patch []byte, _ metav1.PatchOptions, subresources ...string) (*appsv1.Deployment, error) {
	return as[*appsv1.Deployment](c.patch(name, kind, patch, subresources))
}

type replicaSets struct {
	apps.ReplicaSetInterface
	resource
}

func (c replicaSets) Get(_ context.Context, name string, _ metav1.GetOptions) (*appsv1.ReplicaSet, error) {
	return as[*appsv1.ReplicaSet](c.get(name))
}

func (c replicaSets) List(_ context.Context, options metav1.ListOptions) (*appsv1.ReplicaSetList, error) {
	found, meta, err := c.list(options)
	return &appsv1.ReplicaSetList{ListMeta: meta, Items: values[appsv1.ReplicaSet](found)}, err
}

func (c replicaSets) Create(_ context.Context, set *appsv1.ReplicaSet, _ metav1.CreateOptions) (*appsv1.ReplicaSet, error) {
	return as[*appsv1.ReplicaSet](c.create(set))
}

func (c replicaSets) Patch(_ context.Context, name string, kind types.PatchType, patch []byte, _ metav1.PatchOptions, subresources ...string) (*appsv1.ReplicaSet, error) {
	return as[*appsv1.ReplicaSet](c.patch(name, kind, patch, subresources))
}

func (c replicaSets) Delete(_ context.Context, name string, options metav1.DeleteOptions) error {
	return c.remove(name, options)
}

type pods struct {
	core.PodInterface
	resource
}

func (c pods) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Pod, error) {
	return as[*corev1.Pod](c.get(name))
}

func (c pods) List(_ context.Context, options metav1.ListOptions) (*corev1.PodList, error) {
	found, meta, err := c.list(options)
	return &corev1.PodList{ListMeta: meta, Items: values[corev1.Pod](found)}, err
}

func (c pods) Create(_ context.Context, pod *corev1.Pod, _ metav1.CreateOptions) (*corev1.Pod, error) {
	return as[*corev1.Pod](c.create(pod))
}

func (c pods) Patch(_ context.Context, name string, kind types.PatchType, patch []byte, _ metav1.PatchOptions, subresources ...string) (*corev1.Pod, error) {
	return as[*corev1.Pod](c.patch(name, kind, patch, subresources))
}

func (c pods) Delete(_ context.Context, name string, options metav1.DeleteOptions) error {
	return c.remove(name, options)
}

// create adds an object, of whose status and metadata the server has the say.
func (r resource) create(object Object) (Object, error) {
	return r.write(object.GetName(), false, func() (before, after Object, err error) {
		if _, err := r.get(object.GetName()); err == nil {
			return nil, nil, apierrors.NewAlreadyExists(groupResource(r.kind), object.GetName())
		}
		return nil, object, nil
	})
}

// remove deletes the object if it meets the preconditions.
func (r resource) remove(name string, options metav1.DeleteOptions) error {
	_, err := r.write(name, false, func() (before, after Object, err error) {
		object, err := r.get(name)
		if err != nil {
			return nil, nil, err
		}
		if p := options.Preconditions; p != nil &&
			(p.UID != nil && *p.UID != object.GetUID() || p.ResourceVersion != nil && *p.ResourceVersion != object.GetResourceVersion()) {
			return nil, nil, apierrors.NewConflict(groupResource(r.kind), name, fmt.Errorf("precondition failed"))
		}
		return object, Deleted(object, r.Server.Now()), nil
	})
	return err
}

func (r resource) patch(name string, kind types.PatchType, text []byte, subresources []string) (Object, error) {
	status := len(subresources) > 0
	return r.write(name, status, func() (before, after Object, err error) {
		if before, err = r.get(name); err != nil {
			return nil, nil, err
		}
		after = before.DeepCopyObject().(Object)
		switch kind {
		case types.JSONPatchType:
			err = patchJSON(after, text, status)
		case types.StrategicMergePatchType:
			err = patchOwners(r.kind, after, text)
		default:
			err = fmt.Errorf("the model doesn't know patches of type %s", kind)
		}
		return before, after, err
	})
}

// as gives the object its type. A missing one is nil.
func as[T Object](object Object, err error) (T, error) {
	typed, _ := object.(T)
	return typed, err
}

// values copies the objects into the items of a list.
func values[T any, P interface {
	*T
	Object
}](objects []Object) []T {
	items := make([]T, 0, len(objects))
	for _, object := range objects {
		items = append(items, *object.(P))
	}
	return items
}
