// Package canary makes the objects of apps/v1 by which a host finds out whether somebody else drives their kind.
package canary

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// API is what a canary needs of the client of its kind, in its namespace.
type API[T metav1.Object] interface {
	Get(ctx context.Context, name string, options metav1.GetOptions) (T, error)
	Create(ctx context.Context, object T, options metav1.CreateOptions) (T, error)
	Patch(ctx context.Context, name string, patchType types.PatchType, patch []byte, options metav1.PatchOptions, subresources ...string) (T, error)
}

// Object is a canary whose spec has minReadySeconds.
type Object[T metav1.Object] struct {
	// New is what to create.
	New   T
	API   API[T]
	Store cache.Store
	// Observed returns the generation that somebody else has observed, 0 if nobody has.
	Observed func(T) int64
	// Rest returns the status of one that nobody else drives, so that it looks as if somebody did. Nil leaves the status alone.
	Rest func(T) any
}

// Cached returns what the cache shows, and whether the object is there.
func (o Object[T]) Cached() (controllers.Sighting, bool) {
	object, exists, err := o.Store.GetByKey(cache.MetaObjectToName(o.New).String())
	if err != nil || !exists {
		return controllers.Sighting{}, false
	}
	return o.sighting(object.(T)), true
}

// Read returns what the API server has.
func (o Object[T]) Read(ctx context.Context) (controllers.Sighting, error) {
	object, err := o.API.Get(ctx, o.New.GetName(), metav1.GetOptions{})
	return o.seen("read", object, err)
}

// Create makes the object.
func (o Object[T]) Create(ctx context.Context) (controllers.Sighting, error) {
	object, err := o.API.Create(ctx, o.New, metav1.CreateOptions{})
	return o.seen("create", object, err)
}

// Renew makes another generation.
func (o Object[T]) Renew(ctx context.Context) (controllers.Sighting, error) {
	object, err := o.send(ctx, map[string]any{"spec": map[string]any{"minReadySeconds": 1 + rand.Int32N(mostSeconds)}})
	return o.seen("patch", object, err)
}

// mostSeconds makes it unlikely that what is to be another generation is the same one again.
const mostSeconds = 1 << 30

// Label sets a label, and lets the object rest if nobody has observed it. If somebody does just then, it is an error.
func (o Object[T]) Label(ctx context.Context, key, value string) (controllers.Sighting, error) {
	object, err := o.send(ctx, map[string]any{"metadata": map[string]any{"labels": map[string]string{key: value}}})
	s, err := o.seen("patch", object, err)
	if err != nil || s.IsObserved() || o.Rest == nil {
		return s, err
	}
	asSeen := map[string]any{"resourceVersion": object.GetResourceVersion()}
	object, err = o.send(ctx, map[string]any{"metadata": asSeen, "status": o.Rest(object)}, "status")
	return o.seen("patch", object, err)
}

func (o Object[T]) send(ctx context.Context, change map[string]any, subresources ...string) (object T, err error) {
	text, err := json.Marshal(change)
	if err != nil {
		return object, err
	}
	return o.API.Patch(ctx, o.New.GetName(), types.MergePatchType, text, metav1.PatchOptions{}, subresources...)
}

func (o Object[T]) seen(did string, object T, err error) (controllers.Sighting, error) {
	if err != nil {
		return controllers.Sighting{}, fmt.Errorf("%s the canary %s: %w", did, cache.MetaObjectToName(o.New), err)
	}
	return o.sighting(object), nil
}

func (o Object[T]) sighting(object T) controllers.Sighting {
	return controllers.Sighting{
		Generation: object.GetGeneration(), Observed: o.Observed(object), Labels: object.GetLabels(), Observer: observer(object),
	}
}

// observer returns who wrote the status last.
func observer(object metav1.Object) string {
	var last metav1.ManagedFieldsEntry
	for _, entry := range object.GetManagedFields() {
		if entry.Subresource == "status" && !entry.Time.Before(last.Time) {
			last = entry
		}
	}
	return last.Manager
}

// Meta returns the metadata of a canary. The label tells it from the objects of users, and from what their selectors match.
func Meta(name cache.ObjectName, controller string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name, Labels: labels(controller)}
}

// Selector selects nothing that is there.
func Selector(controller string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: labels(controller)}
}

func labels(controller string) map[string]string {
	return map[string]string{"wheelhouse.dev/canary": controller}
}

// Template returns one of pods that are never made, and that the strictest policies of admission would allow.
func Template(controller string) corev1.PodTemplateSpec {
	yes, no := true, false
	little := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1m"), corev1.ResourceMemory: resource.MustParse("1Mi")}
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels(controller)},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "canary", Image: "registry.k8s.io/pause:3.10",
				Resources: corev1.ResourceRequirements{Requests: little, Limits: little},
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
}
