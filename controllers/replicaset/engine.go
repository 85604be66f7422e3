package replicaset

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
	// ReplicaSets and Pods are the caches. They have the indexes of package ownerindex, and ReplicaSets that of namespaces.
	ReplicaSets, Pods cache.Indexer
	Now               func() time.Time
	// Nonce makes the names of pods unlike those of other terms.
	Nonce uint64
	// Spread calls do for 0 to n-1, at once if it can, and returns when all have returned.
	Spread func(n int, do func(int))
	// Pass returns when a request for the namespace may be sent, or why it may not.
	Pass func(ctx context.Context, namespace string) error
	// Say tells users of an event.
	Say func(about *appsv1.ReplicaSet, eventType, reason, message string)
	// Wake makes sure that Reconcile is called for the key soon.
	Wake func(worker.Key)
}

// Engine is one term of the controller, without the queue, goroutines and clock: those are the caller's. What an Engine remembers
// ends with it, because another leader may act before the next one.
type Engine struct {
	api    api
	caches caches
	term   *term
	now    func() time.Time
	spread func(n int, do func(int))
	pass   func(ctx context.Context, namespace string) error
	say    func(rs *appsv1.ReplicaSet, eventType, reason, message string)
	wake   func(worker.Key)
}

// NewEngine returns an Engine that has not begun.
func NewEngine(c Config) *Engine {
	return &Engine{
		api:    gated{server{c.Client}, c.Pass},
		caches: caches{pods: c.Pods, replicaSets: c.ReplicaSets},
		term:   newTerm(c.Nonce, denial.Tries(fairgate.Limit(c.Client))),
		now:    c.Now, spread: c.Spread, pass: c.Pass, say: c.Say, wake: c.Wake,
	}
}

// Begin asks the API server how far the caches must come to show all that earlier leaders wrote. It may be called once, before Reconcile
// or while it runs. If it isn't, or fails, work can begin all the same, with more requests: each ReplicaSet's pods are read from the API
// server before the first change.
func (e *Engine) Begin(ctx context.Context) error {
	pods, sets, err := e.api.versions(ctx)
	if err != nil {
		return fmt.Errorf("read current resourceVersions: %w", err)
	}
	e.term.begin.Store(&versions{pods, sets})
	return nil
}

// Concerned names the ReplicaSets to reconcile when an object was one thing and is another. Nil stands for not being there.
func (e *Engine) Concerned(before, after any) []worker.Key {
	object := after
	if object == nil {
		object = before
	}
	switch object.(type) {
	case *appsv1.ReplicaSet:
		return worker.Self(object)
	case *corev1.Pod:
		return e.caches.keysOfPodChange(before, after)
	}
	return nil
}
