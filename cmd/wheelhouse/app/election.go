package app

import (
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// election says who decides when controllers work, and makes their clients accordingly.
type election struct {
	connect clients
	elector *leaderelection.Elector // nil without leader election
}

// newElection makes the elector.
func (o *options) newElection(p *process, connect clients) (election, error) {
	if !o.Election.Enabled {
		return election{connect: connect}, nil
	}
	identity, err := leaderelection.NewIdentity()
	if err != nil {
		return election{}, err
	}
	config := connect.config("leader-election")
	config.QPS = unlimited
	client, err := connect.client(config, leasePatience(o.Election.RenewDeadline), nil)
	if err != nil {
		return election{}, err
	}
	elector, err := leaderelection.New(leaderelection.Config{
		Options: o.Election, Identity: identity, Client: client.CoordinationV1(),
		Log: p.log.Named("leader-election"), Metrics: p.registry,
	})
	return election{connect: connect, elector: elector}, err
}

// of returns who decides on the controller.
func (e election) of(string) manager.Elector {
	if e.elector == nil {
		return leaderelection.Always{}
	}
	return e.elector
}

// client returns the client of a controller, whose writes pass only in its terms.
func (e election) client(controller string) (kubernetes.Interface, error) {
	var guard func(*rest.Config)
	if e.elector != nil {
		guard = e.elector.Guard
	}
	return e.connect.client(e.connect.config(controller), usualPatience(), guard)
}
