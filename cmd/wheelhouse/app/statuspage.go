package app

import (
	"net/http"
	"time"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
	"github.com/6ead2ce0/wheelhouse/status/pages"
)

// statusPage answers what the process is doing, on the status port.
func (p *process) statusPage(started time.Time) (http.Handler, error) {
	return pages.NewHandler(status.Config{
		Version: buildVersion(), Identity: p.election.identity, Started: started, Manager: p.manager,
		Leases:   func() []status.Lease { return p.election.leases(p.manager.Statuses()) },
		Replicas: p.election.replicas,
	}, p.log.Named("status"))
}

// leases returns those that decide on the controllers, in their order.
func (e election) leases(of []manager.Status) []status.Lease {
	list, at := []status.Lease{}, map[*leaderelection.Elector]int{}
	for _, s := range of {
		elector := e.electors[s.Controller]
		if elector == nil {
			continue
		}
		i, known := at[elector]
		if !known {
			i = len(list)
			at[elector], list = i, append(list, leaseOf(elector.Leadership()))
		}
		list[i].Controllers = append(list[i].Controllers, s.Controller)
	}
	return list
}

func leaseOf(l leaderelection.Leadership) status.Lease {
	return status.Lease{
		Name: l.Lease, Holder: l.Holder, Since: l.Since, Renewed: l.Renewed, Expired: l.Expired, Leads: l.Leads,
	}
}

// replicas returns those that show themselves. Where one lease is for all, only its holder does.
func (e election) replicas() []string {
	if e.shares == nil {
		return nil
	}
	return e.shares.Replicas()
}
