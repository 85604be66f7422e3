package leaderelection

import "time"

// Leadership is what an elector has seen of its lease.
type Leadership struct {
	Lease  string // "namespace/name"
	Holder string // "" if nobody holds it, or if it has not been seen
	// Since is when the holder took the lease, and Renewed when it renewed it last, by its own clock.
	Since, Renewed time.Time
	// Expired is whether the holder has not been seen to renew for so long that others may take the lease.
	Expired bool
	// Leads is whether a term of this elector goes on.
	Leads bool
}

// Leadership tells who leads, as far as has been seen. It sends nothing.
func (e *Elector) Leadership() Leadership {
	lease := e.view.get()
	l := Leadership{Lease: e.config.lease(), Holder: holderOf(lease), Leads: e.leads()}
	if l.Holder == "" {
		return l
	}
	if at := lease.Spec.AcquireTime; at != nil {
		l.Since = at.Time
	}
	if at := lease.Spec.RenewTime; at != nil {
		l.Renewed = at.Time
	}
	l.Expired = l.Holder != e.config.Identity && e.view.untilFree(e.config.Identity, e.config.LeaseDuration, 0, e.config.Clock()) == 0
	return l
}

func (e *Elector) leads() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.term != nil && !e.term.over()
}
