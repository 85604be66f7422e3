package app

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/metrics"
	"github.com/6ead2ce0/wheelhouse/serving"
)

// run hosts the selected controllers until ctx ends. The flags are those that were parsed.
func (o *options) run(ctx context.Context, flags *pflag.FlagSet) error {
	if err := o.validate(); err != nil {
		return err
	}
	selected, err := controllers.Select(o.Controllers, o.all)
	if err != nil {
		return err
	}
	p, err := o.newProcess(selected, flags)
	if err != nil {
		return err
	}
	return p.run(ctx, o.Serving)
}

// process is all that runs, wired.
type process struct {
	log      *zap.Logger
	levels   *levels
	registry *metrics.Registry
	api      *manager.APIServer
	manager  *manager.Manager
	server   *serving.Server // nil without a secure port
	// certificates are those that API servers are shown.
	certificates clientCertificates
	flags        *pflag.FlagSet
	resync       time.Duration
	election     election
}

// newProcess wires the process. It starts nothing and sends nothing.
func (o *options) newProcess(selected []controllers.Descriptor, flags *pflag.FlagSet) (*process, error) {
	log, levels, err := o.Logging.logger()
	if err != nil {
		return nil, err
	}
	nameLoggers(levels, names(selected))
	p := &process{
		log: log, levels: levels, registry: metrics.NewRegistry(buildVersion()), api: manager.NewAPIServer(log), flags: flags, resync: o.resyncPeriod(),
	}
	connect, err := o.clients(p)
	if err != nil {
		return nil, err
	}
	if p.server, err = o.newServer(p, connect); err != nil {
		return nil, err
	}
	if err := p.measureCertificates(); err != nil {
		return nil, err
	}
	p.election, err = o.newElection(p, connect, selected)
	if err != nil {
		return nil, err
	}
	if p.election.traces, err = o.Tracing.traces(p.election.identity, log.Named("tracing")); err != nil {
		return nil, err
	}
	p.manager, err = manager.New(manager.Config{
		Controllers:       selected,
		Clients:           connect.managers,
		ControllerClients: p.election.client,
		Elector:           p.election.of,
		LeaseRules:        o.leaseRules(selected),
		LeaseNamespace:    o.Election.Namespace,
		Canary:            o.Rivals.canary(o.Election),
		Watches:           connect.watches,
		Pods:              connect.pods,
		Resync:            p.resync,
		StartInterval:     o.StartInterval,
		ShutdownTimeout:   o.ShutdownTimeout,
		Log:               log,
		Metrics:           p.registry,
		Tracers:           p.election.traces.tracers(),
	})
	return p, err
}

// clients returns the maker of clients, whose requests are measured and tell whether the API server can be reached.
func (o *options) clients(p *process) (clients, error) {
	config, err := o.Client.restConfig()
	if err != nil {
		return clients{}, err
	}
	p.certificates = append(p.certificates, config.TLSClientConfig)
	measured, err := metrics.NewClient(p.registry)
	if err != nil {
		return clients{}, err
	}
	observe := func(config *rest.Config) {
		measured.Measure(config)
		config.Wrap(p.api.Wrap)
	}
	return clients{base: config, options: o.Client, watches: manager.NewWatches(), pods: manager.NewPodDecoder(), observe: observe}, nil
}

func (p *process) run(ctx context.Context, o servingOptions) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	captureLibraries(p.log)
	ports, err := p.listen(ctx, o, cancel)
	if err != nil {
		return err
	}
	defer p.election.traces.start()()
	p.log.Info("wheelhouse starts", zap.String("version", buildVersion()), ports.addresses())
	err = errors.Join(p.manager.Run(ctx), ports.stop())
	if err == nil {
		p.log.Info("wheelhouse has ended")
	}
	return err
}
