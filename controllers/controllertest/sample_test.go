package controllertest

import (
	"context"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// sample is a controller that keeps the contract: it gives each ConfigMap an annotation. Its fields break promises.
type sample struct {
	env    controllers.Env
	worker *worker.Worker
	bad    bad
}

// bad replaces or precedes what the sample does.
type bad struct {
	descriptor func(*controllers.Descriptor)
	atNew      func(controllers.Env) error
	run        func(context.Context, *sample) error // instead of the worker's
	reconcile  worker.Reconcile                     // instead of the sample's
	atCanary   func(context.Context, *sample) error // instead of leaving it alone
}

// annotation is what the sample gives a ConfigMap.
const annotation = "example.com/seen"

// sampleOf returns the function Descriptor of a sample that is bad in some way.
func sampleOf(b bad) func() controllers.Descriptor {
	return func() controllers.Descriptor {
		workers := 2
		d := controllers.Descriptor{
			Name: "sample",
			Doc:  "gives each ConfigMap an annotation",
			Rules: []rbacv1.PolicyRule{
				{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list", "watch", "update"}},
			},
			AddFlags: func(flags *pflag.FlagSet) {
				flags.IntVar(&workers, "concurrent-sample-syncs", workers, "how many ConfigMaps are annotated at once")
			},
			Canary: &controllers.Canary{Resource: schema.GroupResource{Resource: "configmaps"}, Open: openCanary},
			New:    func(env controllers.Env) (controllers.Controller, error) { return newSample(env, workers, b) },
		}
		if b.descriptor != nil {
			b.descriptor(&d)
		}
		return d
	}
}

func newSample(env controllers.Env, workers int, b bad) (controllers.Controller, error) {
	if b.atNew != nil {
		if err := b.atNew(env); err != nil {
			return nil, err
		}
	}
	s := &sample{env: env, bad: b}
	config := worker.Config{Name: "sample", Workers: workers, Reconcile: s.reconcile, Log: env.Log, Metrics: env.Metrics}
	if b.reconcile != nil {
		config.Reconcile = b.reconcile
	}
	var err error
	if s.worker, err = worker.New(config); err != nil {
		return nil, err
	}
	_, err = env.Informers.Core().V1().ConfigMaps().Informer().AddEventHandler(s.worker.Handler(worker.Self))
	return s, err
}

func (s *sample) Run(ctx context.Context) error {
	if s.bad.run != nil {
		return s.bad.run(ctx, s)
	}
	return s.worker.Run(ctx)
}

func (s *sample) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	if key == s.env.Canary {
		if s.bad.atCanary != nil {
			return worker.Result{}, s.bad.atCanary(ctx, s)
		}
		return worker.Result{}, nil
	}
	cm, err := s.env.Informers.Core().V1().ConfigMaps().Lister().ConfigMaps(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) || err == nil && cm.Annotations[annotation] != "" {
		return worker.Result{}, nil
	}
	if err != nil {
		return worker.Result{}, err
	}
	cm = cm.DeepCopy()
	metav1.SetMetaDataAnnotation(&cm.ObjectMeta, annotation, "yes")
	_, err = s.env.Client.CoreV1().ConfigMaps(key.Namespace).Update(ctx, cm, metav1.UpdateOptions{})
	return worker.Result{}, err
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
}

// sampleCanary is a ConfigMap that says itself what was observed of it.
type sampleCanary struct {
	name  cache.ObjectName
	api   corev1client.ConfigMapInterface
	store cache.Store
}

func openCanary(env controllers.Env) controllers.CanaryObject {
	return sampleCanary{env.Canary, env.Client.CoreV1().ConfigMaps(env.Canary.Namespace), env.Informers.Core().V1().ConfigMaps().Informer().GetStore()}
}

func (c sampleCanary) Cached() (controllers.Sighting, bool) {
	_, exists, err := c.store.GetByKey(c.name.String())
	return controllers.Sighting{}, exists && err == nil
}

func (c sampleCanary) Read(ctx context.Context) (controllers.Sighting, error) {
	_, err := c.api.Get(ctx, c.name.Name, metav1.GetOptions{})
	return controllers.Sighting{}, err
}

func (c sampleCanary) Create(ctx context.Context) (controllers.Sighting, error) {
	_, err := c.api.Create(ctx, configMap(c.name.Name), metav1.CreateOptions{})
	return controllers.Sighting{}, err
}

func (c sampleCanary) Renew(ctx context.Context) (controllers.Sighting, error) {
	return c.patch(ctx, `{"data":{"renewed":"yes"}}`)
}

func (c sampleCanary) Label(ctx context.Context, key, value string) (controllers.Sighting, error) {
	return c.patch(ctx, `{"metadata":{"labels":{"`+key+`":"`+value+`"}}}`)
}

func (c sampleCanary) patch(ctx context.Context, change string) (controllers.Sighting, error) {
	_, err := c.api.Patch(ctx, c.name.Name, types.MergePatchType, []byte(change), metav1.PatchOptions{})
	return controllers.Sighting{}, err
}
