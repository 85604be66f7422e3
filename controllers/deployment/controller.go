package deployment

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/outset"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

type controller struct {
	client kubernetes.Interface
	caches caches
	worker *worker.Worker
	canary worker.Key // the host's, which only somebody else would look after
	events *announce.Announcer
	log    *zap.Logger
	engine *Engine // of this term; set by Run before its workers start
}

// New returns a controller that works on all Deployments of the cluster.
func New(env controllers.Env, options Options) (controllers.Controller, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	deployments := env.Informers.Apps().V1().Deployments().Informer()
	sets, pods := env.Informers.Apps().V1().ReplicaSets().Informer(), env.Informers.Core().V1().Pods().Informer()
	if err := errors.Join(ownerindex.Add(sets), ownerindex.Add(pods)); err != nil {
		return nil, err
	}
	c := &controller{
		client: env.Client,
		caches: caches{deployments: deployments.GetIndexer(), replicaSets: sets.GetIndexer(), pods: pods.GetIndexer()},
		events: announce.New(env.Events),
		canary: env.Canary,
		log:    env.Log,
	}
	var err error
	c.worker, err = worker.New(worker.Config{
		Name: name, Workers: options.ConcurrentSyncs,
		Keys: c.keys, Reconcile: c.reconcile, Log: env.Log, Metrics: env.Metrics, Tracer: env.Tracer,
	})
	if err != nil {
		return nil, err
	}
	return c, c.listen(deployments, sets, pods)
}

// Check tells the host whether work gets on.
func (c *controller) Check() error { return c.worker.Check() }

// Worker lets the host look into the work.
func (c *controller) Worker() *worker.Worker { return c.worker }

// Run works on Deployments until ctx ends. It remembers nothing from one call to the next.
func (c *controller) Run(ctx context.Context) error {
	defer c.events.Stop()
	c.engine = c.newEngine()
	wait := outset.Ask(ctx, c.engine.Begin, func(err error) { c.log.Warn("each deployment's objects will be read once more", zap.Error(err)) })
	defer wait()
	return c.worker.Run(ctx)
}

func (c *controller) newEngine() *Engine {
	return NewEngine(Config{
		Client: c.client, Deployments: c.caches.deployments, ReplicaSets: c.caches.replicaSets, Pods: c.caches.pods, Now: time.Now,
		Say: func(d *appsv1.Deployment, eventType, reason, message string) {
			c.events.Say(d, d.UID, eventType, reason, message)
		},
		Wake: func(key worker.Key) { c.worker.AddBecause(worker.Cause{Event: worker.Allowed}, key, worker.Background) },
	})
}

// keys names the Deployments with which a term begins: all. Those that wait for something go ahead, the one that has waited longest
// first.
func (c *controller) keys() []worker.Key {
	all := c.caches.deployments.List()
	keys := make([]worker.Key, 0, len(all))
	var waiting []*appsv1.Deployment
	for _, object := range all {
		d := object.(*appsv1.Deployment)
		keys = append(keys, keyOf(d))
		if waits(d) {
			waiting = append(waiting, d)
		}
	}
	outset.OldestFirst(waiting)
	for _, d := range waiting {
		c.worker.Add(keyOf(d), worker.Live)
	}
	return keys
}

// waits reports whether the status says that there is something to do.
func waits(d *appsv1.Deployment) bool {
	return d.Status.ObservedGeneration < d.Generation || d.Spec.Replicas != nil &&
		(d.Status.Replicas != *d.Spec.Replicas || d.Status.UpdatedReplicas != *d.Spec.Replicas)
}

func (c *controller) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	if key == c.canary {
		return worker.Result{}, nil
	}
	return c.engine.Reconcile(ctx, key)
}
