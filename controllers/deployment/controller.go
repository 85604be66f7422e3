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
	"github.com/6ead2ce0/wheelhouse/controllers/internal/denial"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/fairgate"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

type controller struct {
	client kubernetes.Interface
	caches caches
	worker *worker.Worker
	events *announce.Announcer
	log    *zap.Logger
	engine *engine // of this term; set by Run before its workers start
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
		log:    env.Log,
	}
	var err error
	c.worker, err = worker.New(worker.Config{
		Name: name, Workers: options.ConcurrentSyncs,
		Keys: c.keys, Reconcile: c.reconcile, Log: env.Log, Metrics: env.Metrics,
	})
	if err != nil {
		return nil, err
	}
	return c, c.listen(deployments, sets, pods)
}

// Check tells the host whether work gets on.
func (c *controller) Check() error { return c.worker.Check() }

// Run works on Deployments until ctx ends. It remembers nothing from one call to the next.
func (c *controller) Run(ctx context.Context) error {
	defer c.events.Stop()
	c.engine = c.newEngine(c.begin(ctx))
	return c.worker.Run(ctx)
}

// versionsTimeout bounds the wait for the versions at which a term begins: work can begin without them.
const versionsTimeout = 5 * time.Second

// begin returns a new term.
func (c *controller) begin(ctx context.Context) *term {
	ctx, cancel := context.WithTimeout(ctx, versionsTimeout)
	defer cancel()
	begin, err := server{c.client}.now(ctx)
	if err != nil {
		c.log.Warn("read current resourceVersions; each deployment's replicasets will be read instead", zap.Error(err))
	}
	return newTerm(begin, denial.Tries(fairgate.Limit(c.client)))
}

func (c *controller) newEngine(t *term) *engine {
	return &engine{
		api: server{c.client}, caches: c.caches, term: t, now: time.Now,
		say: func(d *appsv1.Deployment, e event) {
			c.events.Say(d, d.UID, e.eventType, e.reason, e.message)
		},
		wake: func(key worker.Key) { c.worker.Add(key, worker.Background) },
	}
}

// keys names the Deployments with which a term begins: all.
func (c *controller) keys() []worker.Key {
	all := c.caches.deployments.List()
	keys := make([]worker.Key, 0, len(all))
	for _, object := range all {
		keys = append(keys, keyOf(object.(*appsv1.Deployment)))
	}
	return keys
}

func (c *controller) reconcile(ctx context.Context, key worker.Key) (worker.Result, error) {
	return c.engine.reconcile(ctx, key)
}
