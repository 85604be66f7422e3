// Package greeter gives each ConfigMap that is labelled so an annotation with a greeting, and takes it away with the label.
package greeter

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

type controller struct {
	env        controllers.Env
	options    *Options
	configMaps corelisters.ConfigMapLister
	worker     *worker.Worker
}

// New returns a controller that greets all labelled ConfigMaps of the cluster.
func New(env controllers.Env, options *Options) (controllers.Controller, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	configMaps := env.Informers.Core().V1().ConfigMaps()
	c := &controller{env: env, options: options, configMaps: configMaps.Lister()}
	var err error
	c.worker, err = worker.New(worker.Config{
		Name: name, Workers: options.ConcurrentSyncs,
		Keys: c.keys, Reconcile: c.reconcile, Log: env.Log, Metrics: env.Metrics, Tracer: env.Tracer,
	})
	if err != nil {
		return nil, err
	}
	if _, err := configMaps.Informer().AddEventHandler(c.worker.Handler(keysOf)); err != nil {
		return nil, fmt.Errorf("watch configmaps: %w", err)
	}
	return c, nil
}

// Run greets ConfigMaps until ctx ends.
func (c *controller) Run(ctx context.Context) error {
	return c.worker.Run(ctx)
}

// Worker lets the status page look into the controller.
func (c *controller) Worker() *worker.Worker { return c.worker }

// Check fails when there is work and none gets done.
func (c *controller) Check() error { return c.worker.Check() }

// keysOf names the ConfigMap if there may be something to do on it.
func keysOf(obj any) []worker.Key {
	if cm, ok := obj.(*corev1.ConfigMap); ok && concerns(cm) {
		return []worker.Key{cache.MetaObjectToName(cm)}
	}
	return nil
}

// keys names the ConfigMaps with which a term begins.
func (c *controller) keys() []worker.Key {
	all, _ := c.configMaps.List(labels.Everything()) // a cache has no errors
	var keys []worker.Key
	for _, cm := range all {
		keys = append(keys, keysOf(cm)...)
	}
	return keys
}

func (c *controller) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	if key.Name == c.options.PanicOn {
		panic("asked to by --" + panicOnFlag)
	}
	cm, err := c.configMaps.ConfigMaps(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		return worker.Result{}, nil
	}
	if err != nil {
		return worker.Result{}, fmt.Errorf("get configmap %s: %w", key, err)
	}
	return worker.Result{}, c.apply(ctx, cm, plan(cm, c.options.Greeting))
}

// apply makes the ConfigMap bear the greeting.
func (c *controller) apply(ctx context.Context, cm *corev1.ConfigMap, a action) error {
	if a.patch == nil {
		return nil
	}
	_, err := c.env.Client.CoreV1().ConfigMaps(cm.Namespace).Patch(ctx, cm.Name, types.MergePatchType, a.patch, metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("annotate configmap %s/%s: %w", cm.Namespace, cm.Name, err)
	}
	c.env.Events.Event(cm, corev1.EventTypeNormal, a.reason, a.message)
	return nil
}
