package deployment

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/denial"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/fairgate"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Config is what an Engine works with. All of it must be there.
type Config struct {
	Client kubernetes.Interface
	// Deployments, ReplicaSets and Pods are the caches. They have the index of namespaces, and ReplicaSets and Pods those of
	// package ownerindex.
	Deployments, ReplicaSets, Pods cache.Indexer
	Now                            func() time.Time
	// Say tells users of an event.
	Say func(about *appsv1.Deployment, eventType, reason, message string)
	// Wake makes sure that Reconcile is called for the key soon.
	Wake func(worker.Key)
}

// Engine is one term of the controller, without the queue, goroutines and clock: those are the caller's. What an Engine remembers
// ends with it, because another leader may act before the next one.
type Engine struct {
	server server
	caches caches
	term   *term
	now    func() time.Time
	say    func(d *appsv1.Deployment, e event)
	wake   func(worker.Key)
}

// NewEngine returns an Engine that has not begun.
func NewEngine(c Config) *Engine {
	return &Engine{
		server: server{c.Client},
		caches: caches{deployments: c.Deployments, replicaSets: c.ReplicaSets, pods: c.Pods},
		term:   newTerm(denial.Tries(fairgate.Limit(c.Client))),
		now:    c.Now,
		say:    func(d *appsv1.Deployment, e event) { c.Say(d, e.eventType, e.reason, e.message) },
		wake:   c.Wake,
	}
}

// Begin asks the API server how far the caches must come to show all that earlier leaders wrote. It may be called once, before Reconcile
// or while it runs. If it isn't, or fails, work can begin all the same, with more requests: each Deployment's objects are read from the
// API server before the first change.
func (e *Engine) Begin(ctx context.Context) error {
	begin, err := e.server.now(ctx)
	if err != nil {
		return fmt.Errorf("read current resourceVersions: %w", err)
	}
	e.term.begin.Store(&begin)
	return nil
}

// Concerned names the Deployments to reconcile when an object was one thing and is another. Nil stands for not being there.
func (e *Engine) Concerned(before, after any) []worker.Key {
	object := after
	if object == nil {
		object = before
	}
	switch object.(type) {
	case *appsv1.Deployment:
		return worker.Self(object)
	case *appsv1.ReplicaSet:
		return append(e.caches.keysOfSet(before), e.caches.keysOfSet(after)...)
	case *corev1.Pod:
		return e.caches.keysOfPodChange(before, after)
	}
	return nil
}
