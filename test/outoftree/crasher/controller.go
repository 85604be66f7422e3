// Package crasher panics as long as a ConfigMap of a certain name exists, to show what a host makes of that. It is as well the
// shortest controller that does without package worker.
package crasher

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Descriptor describes the controller to its host.
func Descriptor() controllers.Descriptor {
	trigger := "crash"
	return controllers.Descriptor{
		Name:              "crasher",
		Doc:               "Panics as long as a ConfigMap of a certain name exists.",
		DisabledByDefault: true,
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{corev1.GroupName}, Resources: []string{"configmaps"}, Verbs: []string{"list", "watch"}},
		},
		AddFlags: func(flags *pflag.FlagSet) {
			flags.StringVar(&trigger, "crasher-configmap", trigger, "Name of the ConfigMap that makes crasher panic.")
		},
		New: func(env controllers.Env) (controllers.Controller, error) { return New(env, trigger) },
	}
}

type controller struct {
	trigger    string
	configMaps corelisters.ConfigMapLister
	changed    chan struct{} // holds a token when ConfigMaps have changed since the last look
}

// New returns a controller that panics as long as a ConfigMap of the name exists in any namespace.
func New(env controllers.Env, trigger string) (controllers.Controller, error) {
	configMaps := env.Informers.Core().V1().ConfigMaps()
	c := &controller{trigger: trigger, configMaps: configMaps.Lister(), changed: make(chan struct{}, 1)}
	_, err := configMaps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: c.notice})
	if err != nil {
		return nil, fmt.Errorf("watch configmaps: %w", err)
	}
	return c, nil
}

// notice never blocks: it is called by the cache, for which others wait.
func (c *controller) notice(any) {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Run looks at the ConfigMaps whenever they change, until ctx ends.
func (c *controller) Run(ctx context.Context) error {
	for {
		if err := c.look(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.changed:
		}
	}
}

func (c *controller) look() error {
	all, err := c.configMaps.List(labels.Everything())
	if err != nil {
		return fmt.Errorf("list configmaps: %w", err)
	}
	for _, cm := range all {
		if cm.Name == c.trigger {
			panic(fmt.Sprintf("configmap %s/%s exists", cm.Namespace, cm.Name))
		}
	}
	return nil
}
