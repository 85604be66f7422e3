package app

import (
	"context"
	"errors"
	"net/http"

	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/metrics"
)

// run hosts the selected controllers until ctx ends.
func (o *options) run(ctx context.Context) error {
	if err := o.validate(); err != nil {
		return err
	}
	selected, err := controllers.Select(o.Controllers, o.all)
	if err != nil {
		return err
	}
	p, err := o.newProcess(selected)
	if err != nil {
		return err
	}
	return p.run(ctx, o.Serving)
}

// process is all that runs, wired.
type process struct {
	log      *zap.Logger
	registry *metrics.Registry
	api      *manager.APIServer
	manager  *manager.Manager
}

// newProcess wires the process. It starts nothing and sends nothing.
func (o *options) newProcess(selected []controllers.Descriptor) (*process, error) {
	log, err := o.Logging.logger()
	if err != nil {
		return nil, err
	}
	if err := captureLibraries(log, o.Logging.Verbosity); err != nil {
		return nil, err
	}
	p := &process{log: log, registry: metrics.NewRegistry(buildVersion()), api: manager.NewAPIServer(log)}
	connect, err := o.clients(p)
	if err != nil {
		return nil, err
	}
	election, err := o.newElection(p, connect, selected)
	if err != nil {
		return nil, err
	}
	p.manager, err = manager.New(manager.Config{
		Controllers:       selected,
		Clients:           connect.managers,
		ControllerClients: election.client,
		Elector:           election.of,
		Resync:            o.resyncPeriod(),
		StartInterval:     o.StartInterval,
		ShutdownTimeout:   o.ShutdownTimeout,
		Log:               log,
		Metrics:           p.registry,
	})
	return p, err
}

// clients returns the maker of clients, whose requests are measured and tell whether the API server can be reached.
func (o *options) clients(p *process) (clients, error) {
	config, err := o.Client.restConfig()
	if err != nil {
		return clients{}, err
	}
	measured, err := metrics.NewClient(p.registry)
	if err != nil {
		return clients{}, err
	}
	return clients{base: config, options: o.Client, observe: func(config *rest.Config) {
		measured.Measure(config)
		config.Wrap(p.api.Wrap)
	}}, nil
}

func (p *process) run(ctx context.Context, serving servingOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server, err := serving.serve(ctx, p.handler(), cancel)
	if err != nil {
		return err
	}
	p.log.Info("wheelhouse starts", zap.String("version", buildVersion()), zap.String("status", server.address()))
	err = errors.Join(p.manager.Run(ctx), server.stop())
	if err == nil {
		p.log.Info("wheelhouse has ended")
	}
	return err
}

func (p *process) handler() http.Handler {
	ready := append([]manager.Check{manager.Ping(), {Name: "api-server", Run: p.api.Check}}, p.manager.ReadyChecks()...)
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics.Handler(p.registry, p.log.Named("metrics")))
	for path, checks := range map[string][]manager.Check{
		"/livez":   append([]manager.Check{manager.Ping()}, p.manager.LiveChecks()...),
		"/healthz": append([]manager.Check{manager.Ping()}, p.manager.WorkChecks()...),
		"/readyz":  ready,
	} {
		handler := manager.HealthHandler(path, checks)
		mux.Handle(path, handler)
		mux.Handle(path+"/", handler)
	}
	return mux
}
