package replicaset

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"go.uber.org/zap"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/fairgate"
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

// New returns a controller that works on all ReplicaSets of the cluster.
func New(env controllers.Env, options Options) (controllers.Controller, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	pods, sets := env.Informers.Core().V1().Pods().Informer(), env.Informers.Apps().V1().ReplicaSets().Informer()
	if err := errors.Join(ownerindex.Add(pods), ownerindex.Add(sets)); err != nil {
		return nil, err
	}
	c := &controller{
		client: env.Client,
		caches: caches{pods: pods.GetIndexer(), replicaSets: sets.GetIndexer()},
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
	return c, c.listen(pods, sets)
}

// Check tells the host whether work gets on.
func (c *controller) Check() error { return c.worker.Check() }

// Worker lets the host look into the work.
func (c *controller) Worker() *worker.Worker { return c.worker }

// Run works on ReplicaSets until ctx ends. It remembers nothing from one call to the next.
func (c *controller) Run(ctx context.Context) error {
	defer c.events.Stop()
	c.engine = c.newEngine()
	wait := outset.Ask(ctx, c.engine.Begin, func(err error) { c.log.Warn("each replicaset's pods will be read once more", zap.Error(err)) })
	defer wait()
	return c.worker.Run(ctx)
}

func (c *controller) newEngine() *Engine {
	return NewEngine(Config{
		Client: c.client, ReplicaSets: c.caches.replicaSets, Pods: c.caches.pods, Now: time.Now,
		Nonce: rand.Uint64(), Spread: spread, Pass: fairgate.New(fairgate.Limit(c.client)).Wait,
		Say: func(rs *appsv1.ReplicaSet, eventType, reason, message string) {
			c.events.Say(rs, rs.UID, eventType, reason, message)
		},
		Wake: func(key worker.Key) { c.worker.AddBecause(worker.Cause{Event: worker.Allowed}, key, worker.Background) },
	})
}

// keys names the ReplicaSets with which a term begins: all. Those that wait for something go ahead, the one that has waited longest
// first.
func (c *controller) keys() []worker.Key {
	all := c.caches.replicaSets.List()
	keys := make([]worker.Key, 0, len(all))
	var waiting []*appsv1.ReplicaSet
	for _, object := range all {
		rs := object.(*appsv1.ReplicaSet)
		keys = append(keys, keyOf(rs))
		if waits(rs) {
			waiting = append(waiting, rs)
		}
	}
	outset.OldestFirst(waiting)
	for _, rs := range waiting {
		c.worker.Add(keyOf(rs), worker.Live)
	}
	return keys
}

// waits reports whether the status says that there is something to do.
func waits(rs *appsv1.ReplicaSet) bool {
	return rs.Status.ObservedGeneration < rs.Generation || rs.Spec.Replicas != nil && rs.Status.Replicas != *rs.Spec.Replicas
}

func (c *controller) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	if key == c.canary {
		return worker.Result{}, nil
	}
	return c.engine.Reconcile(ctx, key)
}

// spread calls do for 0 to n-1 at once. A panic in one of the calls becomes the caller's, who knows how to survive it.
func spread(n int, do func(int)) {
	var all sync.WaitGroup
	panics := make(chan any, n)
	for i := range n {
		all.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					panics <- value
				}
			}()
			do(i)
		})
	}
	all.Wait()
	select {
	case value := <-panics:
		panic(value)
	default:
	}
}
