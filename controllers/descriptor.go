package controllers

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
)

// Descriptor says everything about a controller that can be known before it is built.
type Descriptor struct {
	// Name is what --controllers, logs, metrics and the user agent call the controller, in lower-case words joined by
	// dashes ("replicaset"). It is forever: a rename adds an alias.
	Name string
	// Aliases are other names that --controllers understands ("replicaset-controller").
	Aliases []string
	// Doc is one line that says what the controller does, for --help, `wheelhouse controllers` and the docs.
	Doc string
	// DisabledByDefault keeps the controller out of what "*" stands for.
	DisabledByDefault bool
	// Rules are the least that the controller may do to work. The host asks the API server for each of them before it
	// runs the controller; the roles of the chart and of `wheelhouse rbac` are made from them.
	Rules []rbacv1.PolicyRule
	// Pods are the fields that the controller reads of pods out of the cache, nil if it reads whole pods. The cache keeps what the
	// controllers of the process that watch pods declare, and nothing else: a field may be there because another one declared it.
	// Pods that the controller gets from the API server itself are whole.
	Pods PodFields
	// AddFlags adds the controller's flags. Nil means that it has none. The names must not collide with the host's or
	// another controller's: begin them with the controller's name, or with "concurrent-".
	AddFlags func(*pflag.FlagSet)
	// Canary is how the host finds out whether somebody else does the controller's work, before it lets the controller work. Nil
	// means that nobody else could, or that it doesn't matter.
	Canary *Canary
	// New wires and validates. It starts no goroutine and calls no API. Event handlers are registered here, so that a
	// standby's queue fills while it waits, and a new leader starts from a warm cache and a ready queue.
	New func(Env) (Controller, error)
}

// Controller runs one term of leadership at a time.
type Controller interface {
	// Run works until ctx ends and returns when all that it started has ended. It is called again for the next term. An
	// error returned before ctx ended makes the host call it again in the same term, after a delay that grows.
	//
	// The end of ctx means "begin nothing more". Package worker tells what may still be finished, and for how long.
	Run(ctx context.Context) error
}

// Env carries what a controller may use. All of it is the controller's own but Informers, whose caches it shares with the
// others: objects out of a cache must not be changed.
type Env struct {
	// Client has the controller's own user agent and rate limit. Give each call the context of the reconcile: it ends when
	// the term is lost.
	Client kubernetes.Interface
	// Informers is shared by all controllers of the process. The host starts it. Of pods it keeps what is declared in Pods of the
	// descriptors, so that a pod out of it must not be sent as an update: send patches.
	Informers informers.SharedInformerFactory
	// Events sends events whose source is the controller's name with "-controller" behind it.
	Events record.EventRecorder
	// Canary names the object by which the host finds out whether somebody else does the controller's work. The controller must
	// leave it alone. It is empty where the host doesn't ask.
	Canary cache.ObjectName
	// Log has the controller's name.
	Log *zap.Logger
	// Metrics takes the controller's metrics. Their names must not collide with those of other controllers.
	Metrics prometheus.Registerer
	// Tracer makes spans of what the controller does. It is never nil: where nothing is traced, it makes spans that go nowhere. Calls
	// with Client whose context carries a span become children of it.
	Tracer trace.Tracer
}
