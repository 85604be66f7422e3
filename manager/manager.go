package manager

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// Config is what a Manager is made of. All but the durations, Canary, Watches, Pods and Tracers must be set.
type Config struct {
	// Controllers are those to host, in the order in which they are started.
	Controllers []controllers.Descriptor
	// Clients makes a client for what the manager itself needs one for.
	Clients func(user string) (kubernetes.Interface, error)
	// ControllerClients makes the client of a controller.
	ControllerClients func(controller string) (kubernetes.Interface, error)
	// Elector returns who decides when the named controller works. Those for which it is the same one work in the same terms.
	Elector func(controller string) Elector
	// LeaseRules are what the electors need in LeaseNamespace. Whether it is allowed, readiness tells.
	LeaseRules     []rbacv1.PolicyRule
	LeaseNamespace string
	// Canary, if set, names the canary by which it is found out whether somebody else does the named controller's work.
	Canary func(controller string) cache.ObjectName
	// Watches, if set, follows the watches of the client for the caches.
	Watches *Watches
	// Pods, if set, has made the client for the caches.
	Pods *PodDecoder
	// Resync is how often each cache reports every object again; 0 means never.
	Resync time.Duration
	// StartInterval is how long to wait between starting one controller and the next; 0 means not at all.
	StartInterval time.Duration
	// ShutdownTimeout is how long running reconciles may take to finish when the process is told to end; 0 means that they
	// are cancelled at once.
	ShutdownTimeout time.Duration
	Log             *zap.Logger
	Metrics         prometheus.Registerer
	// Tracers gives each controller a tracer of its name. Nil means that nothing is traced.
	Tracers trace.TracerProvider
}

// Users of Clients.
const (
	// CacheClient fills the caches of all controllers.
	CacheClient = "cache"
	// EventClient sends the events of all controllers, on which nothing depends.
	EventClient = "events"
	// PermissionClient asks for permissions, once for each thing that a controller may do: a rate limit would only hold the
	// start up.
	PermissionClient = "permissions"
)

// Manager hosts controllers.
type Manager struct {
	config      Config
	caches      *caches
	slimmer     slimmer
	events      *eventSender
	permissions *permissions
	preflight   *preflight
	hosted      []*hosted
	leads       []*leadership
}

// New builds the controllers. It starts nothing and sends nothing.
func New(config Config) (*Manager, error) {
	if len(config.Controllers) == 0 {
		return nil, errors.New("no controller to host")
	}
	if config.Tracers == nil {
		config.Tracers = noop.NewTracerProvider()
	}
	m := &Manager{config: config, slimmer: slimmer{decoder: config.Pods}}
	if err := m.connect(); err != nil {
		return nil, err
	}
	if err := m.build(); err != nil {
		m.events.stop()
		return nil, err
	}
	return m, nil
}

func (m *Manager) build() error {
	for _, d := range m.config.Controllers {
		h, err := m.host(d)
		if err != nil {
			return fmt.Errorf("build controller %s: %w", d.Name, err)
		}
		m.hosted = append(m.hosted, h)
	}
	if err := m.slimmer.keep(m.hosted); err != nil {
		return err // Validate says which controller's
	}
	m.leads = m.leaderships()
	if err := m.registerMetrics(); err != nil {
		return fmt.Errorf("register metrics of the manager: %w", err)
	}
	return nil
}

// connect makes the clients of the manager itself and what stands on them.
func (m *Manager) connect() error {
	clients := map[string]kubernetes.Interface{}
	for _, user := range []string{CacheClient, PermissionClient, EventClient} {
		client, err := m.config.Clients(user)
		if err != nil {
			return fmt.Errorf("make client for %s: %w", user, err)
		}
		clients[user] = client
	}
	m.caches = newCaches(informers.NewSharedInformerFactoryWithOptions(
		clients[CacheClient], m.config.Resync, informers.WithTransform(m.slimmer.slim)))
	m.caches.watches = m.config.Watches
	m.permissions = &permissions{reviews: clients[PermissionClient].AuthorizationV1().SelfSubjectAccessReviews()}
	m.preflight = newPreflight(m.permissions, m.config.LeaseNamespace, m.config.LeaseRules, m.config.Log.Named("leader-election"))
	m.events = newEventSender(clients[EventClient])
	return nil
}

// reserved are names that the process uses beside those of controllers, for clients and health checks.
var reserved = [...]string{CacheClient, EventClient, PermissionClient, "api-server", "leader-election", "members", "ping", "serving", "terms"}

// host builds one controller. That its New panics is an error like any other.
func (m *Manager) host(d controllers.Descriptor) (h *hosted, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	if slices.Contains(reserved[:], d.Name) {
		return nil, fmt.Errorf("the name %q is taken by the process itself", d.Name)
	}
	client, err := m.config.ControllerClients(d.Name)
	if err != nil {
		return nil, err
	}
	log := m.config.Log.Named(d.Name)
	used := m.caches.user()
	env := controllers.Env{
		Client:    client,
		Informers: used,
		Events:    m.events.recorder(d.Name),
		Log:       log,
		Metrics:   m.config.Metrics,
		Tracer:    m.config.Tracers.Tracer(d.Name),
	}
	asked := d.Canary != nil && m.config.Canary != nil
	if asked {
		env.Canary = m.config.Canary(d.Name)
	}
	controller, err := d.New(env)
	if err != nil {
		return nil, err
	}
	h = newHosted(d, controller, used, m.permissions, log)
	if asked {
		h.askForRivals(env)
	}
	return h, nil
}

// Close ends what New began, for a manager that is not to run.
func (m *Manager) Close() {
	m.events.stop()
}

// Run hosts the controllers until ctx ends. Then the controllers take no new work, those that lead finish what they are at,
// leadership is given up, the caches are stopped, and Run returns nil, or an error that names what would not end.
func (m *Manager) Run(ctx context.Context) error {
	// What the controllers stand on outlives ctx: they still need it while they finish.
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	m.events.start()
	var preparing sync.WaitGroup
	for _, h := range m.hosted {
		preparing.Go(func() { h.prepare(base) })
	}
	preparing.Go(func() { m.preflight.run(base) })
	preparing.Go(func() { m.trim(ctx, debug.FreeOSMemory) })
	err := m.lead(ctx)
	stop()
	preparing.Wait()
	m.caches.wait()
	m.events.stop()
	for _, h := range m.hosted {
		h.status.enter(Stopped, "")
	}
	return err
}
