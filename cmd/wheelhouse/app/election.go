package app

import (
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/leaderelection"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// podName is the environment variable in which a pod may be told its name. On its node's network it can't find it out.
const podName = "POD_NAME"

// election says who decides when controllers work, and makes their clients accordingly.
type election struct {
	connect  clients
	writes   *manager.Writes
	electors map[string]*leaderelection.Elector // by controller; empty without leader election
	identity string                             // of this process
	shares   *leaderelection.Shares             // nil unless each controller has a lease
	traces   *traces
}

// newElection makes the electors: one for all controllers, or one for each.
func (o *options) newElection(p *process, connect clients, selected []controllers.Descriptor) (election, error) {
	writes, err := manager.NewWrites(p.registry)
	if err != nil {
		return election{}, err
	}
	identity, err := leaderelection.NewIdentity(os.Getenv(podName))
	if err != nil {
		return election{}, err
	}
	e := election{connect: connect, writes: writes, electors: map[string]*leaderelection.Elector{}, identity: identity}
	if !o.Election.Enabled {
		return e, nil
	}
	config, err := o.electorConfig(p, connect, identity)
	if err != nil {
		return e, err
	}
	if o.Election.Scope == leaderelection.ScopeController {
		config.Shares = leaderelection.NewShares(config, len(selected))
		e.shares = config.Shares
	}
	byLease := map[string]*leaderelection.Elector{}
	for _, d := range selected {
		config.Options = o.Election.For(d.Name)
		if byLease[config.Name] == nil {
			if byLease[config.Name], err = leaderelection.New(config); err != nil {
				return e, err
			}
		}
		e.electors[d.Name] = byLease[config.Name]
	}
	return e, nil
}

// leaseRules returns what this process needs to do with leases.
func (o *options) leaseRules(selected []controllers.Descriptor) []rbacv1.PolicyRule {
	if !o.Election.Enabled {
		return nil
	}
	return o.Election.Rules(names(selected)...)
}

func (o *options) electorConfig(p *process, connect clients, identity string) (leaderelection.Config, error) {
	config := connect.config("leader-election")
	config.QPS = unlimited
	client, err := connect.client(config, leasePatience(o.Election.RenewDeadline), nil)
	if err != nil {
		return leaderelection.Config{}, err
	}
	return leaderelection.Config{
		Options: o.Election, Identity: identity, Client: client.CoordinationV1(),
		Log: p.log.Named("leader-election"), Metrics: p.registry,
	}, nil
}

// of returns who decides on the controller.
func (e election) of(controller string) manager.Elector {
	if elector := e.electors[controller]; elector != nil {
		return elector
	}
	return leaderelection.Always{}
}

// client returns the client of a controller, whose writes pass only in its terms, and are counted. Its requests are traced.
func (e election) client(controller string) (kubernetes.Interface, error) {
	return e.connect.client(e.connect.config(controller), usualPatience(), func(config *rest.Config) {
		e.writes.Count(controller, config)
		e.traces.observe(controller, config)
		if elector := e.electors[controller]; elector != nil {
			elector.Guard(config)
		}
	})
}
