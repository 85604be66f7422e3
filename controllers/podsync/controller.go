// Package podsync observes pods: it logs what happens to each of them, counts them by phase and by what they are stuck on,
// and measures how long they take to be scheduled, started and ready. It writes nothing to the API server.
package podsync

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

const name = "podsync"

// maxRetries bounds the retries of a failing key. A dropped one costs a line of the log and nothing in the cluster, and the
// pod's next event brings the key back.
const maxRetries = 5

// Descriptor describes podsync to its host.
func Descriptor() controllers.Descriptor {
	options := DefaultOptions()
	return controllers.Descriptor{
		Name:     name,
		Doc:      "Logs and measures what happens to pods: phases, restarts, what they are stuck on, time to ready. Writes nothing.",
		Rules:    []rbacv1.PolicyRule{{APIGroups: []string{corev1.GroupName}, Resources: []string{"pods"}, Verbs: []string{"list", "watch"}}},
		Pods:     podFields(),
		AddFlags: options.AddFlags,
		New:      func(env controllers.Env) (controllers.Controller, error) { return New(env, options) },
	}
}

type controller struct {
	selection selection
	pods      corelisters.PodLister
	worker    *worker.Worker
	book      *book
	metrics   *metrics
	log       *zap.Logger

	termStart time.Time // set by Run before its workers start; in whole seconds, as the API server's timestamps are
}

// New returns a controller that observes the pods that the options select.
func New(env controllers.Env, options Options) (controllers.Controller, error) {
	selection, err := options.selection()
	if err != nil {
		return nil, err
	}
	pods := env.Informers.Core().V1().Pods()
	c := &controller{selection: selection, pods: pods.Lister(), book: newBook(), metrics: newMetrics(), log: env.Log}
	if err := c.metrics.register(env.Metrics, c.book); err != nil {
		return nil, fmt.Errorf("register metrics of %s: %w", name, err)
	}
	c.worker, err = worker.New(worker.Config{
		Name: name, Workers: options.ConcurrentSyncs, MaxRetries: maxRetries,
		Keys: c.keys, Reconcile: c.reconcile, Log: env.Log, Metrics: env.Metrics, Tracer: env.Tracer,
	})
	if err != nil {
		return nil, err
	}
	if _, err := pods.Informer().AddEventHandler(c.worker.Handler(c.keysOf)); err != nil {
		return nil, fmt.Errorf("watch pods: %w", err)
	}
	return c, nil
}

// keysOf names the pod if it is selected, or was: then its leaving must be noticed.
func (c *controller) keysOf(obj any) []worker.Key {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	key := cache.MetaObjectToName(pod)
	if !c.selection.has(pod) && !c.book.knows(key) {
		return nil
	}
	return []worker.Key{key}
}

// Check tells the host whether work gets on.
func (c *controller) Check() error { return c.worker.Check() }

// Worker lets the host look into the work.
func (c *controller) Worker() *worker.Worker { return c.worker }

// Run observes pods until ctx ends. It remembers nothing from one call to the next, and the gauges are 0 in between: another
// replica counts then.
func (c *controller) Run(ctx context.Context) error {
	defer c.book.reset()
	c.termStart = time.Now().Truncate(time.Second)
	return c.worker.Run(ctx)
}

// keys names the pods with which a term begins.
func (c *controller) keys() []worker.Key {
	pods, err := c.pods.Pods(c.selection.namespace).List(c.selection.labels)
	if err != nil {
		c.log.Error("list pods in the cache", zap.Error(err))
	}
	c.log.Info("observing pods", zap.Int("pods", len(pods)))
	keys := make([]worker.Key, 0, len(pods))
	for _, pod := range pods {
		keys = append(keys, cache.MetaObjectToName(pod))
	}
	return keys
}

func (c *controller) reconcile(_ context.Context, key worker.Key) (worker.Result, error) {
	pod, err := c.pods.Pods(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		pod, err = nil, nil
	}
	if err != nil {
		return worker.Result{}, fmt.Errorf("get pod %s: %w", key, err)
	}
	a := plan(state{
		before:    c.book.get(key),
		pod:       pod,
		selected:  pod != nil && c.selection.has(pod),
		termStart: c.termStart,
	}, time.Now())
	c.apply(key, a)
	return worker.Result{RequeueAfter: a.requeueAfter}, nil
}

func (c *controller) apply(key worker.Key, a actions) {
	c.book.set(key, a.after)
	c.metrics.add(a)
	for _, line := range a.lines {
		if entry := c.log.Check(line.level, line.message); entry != nil {
			entry.Write(append([]zap.Field{zap.Stringer("key", key)}, line.fields...)...)
		}
	}
}
