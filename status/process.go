package status

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// Process is what there is to know of a process, in JSON as on its page. Times are by its own clock, except for a Lease's.
type Process struct {
	Time     time.Time       `json:"time"` // of the answer
	Version  string          `json:"version"`
	Identity string          `json:"identity"` // of this replica
	Started  time.Time       `json:"started"`
	Uptime   metav1.Duration `json:"uptime"`
	// Leases are those that decide who leads. There are none without leader election: then this process leads.
	Leases []Lease `json:"leases"`
	// Replicas are those that are known: this one, the holders of the leases, and, where there is one lease a controller, all.
	Replicas    []Replica       `json:"replicas"`
	Controllers []Controller    `json:"controllers"`
	Caches      []manager.Cache `json:"caches"`
}

// Lease is a Lease as this replica sees it.
type Lease struct {
	Name   string `json:"name"`             // "namespace/name"
	Holder string `json:"holder,omitempty"` // the identity of who leads
	// Since is when the holder took it, and Renewed when it was renewed last, by the holder's clock.
	Since   time.Time `json:"since,omitzero"`
	Renewed time.Time `json:"renewed,omitzero"`
	// Expired is whether the holder has not renewed it for so long that others may take it.
	Expired bool `json:"expired,omitempty"`
	// Leads is whether this replica leads by it.
	Leads bool `json:"leads"`
	// Controllers are those for which it decides.
	Controllers []string `json:"controllers"`
}

// Replica is a process of which this one knows, itself included.
type Replica struct {
	Identity string `json:"identity"`
	Self     bool   `json:"self,omitempty"`
	// Leads are the controllers that it runs.
	Leads []string `json:"leads,omitempty"`
}

// Controller is the state of a controller and what it is doing.
type Controller struct {
	manager.Status
	// Work is missing where a controller can't be looked into.
	Work *worker.Inspection `json:"work,omitempty"`
	// Worst is the key with the most failures in a row, if any fails, and LongestBlocked the one that has been blocked longest, if any is.
	Worst          *worker.KeyState `json:"worst,omitempty"`
	LongestBlocked *worker.KeyState `json:"longestBlocked,omitempty"`
}

// Process returns what there is to know now.
func (c Config) Process() Process {
	now := time.Now()
	p := Process{
		Time: now, Version: c.Version, Identity: c.Identity,
		Started: c.Started, Uptime: metav1.Duration{Duration: now.Sub(c.Started).Round(time.Second)},
		Leases: present(c.Leases()), Controllers: []Controller{}, Caches: present(c.Manager.Caches()),
	}
	p.Replicas = replicas(c.Identity, c.Replicas(), p.Leases)
	for _, s := range c.Manager.Statuses() {
		p.Controllers = append(p.Controllers, c.controller(s))
	}
	return p
}

func (c Config) controller(s manager.Status) Controller {
	controller := Controller{Status: s}
	inspector := c.Manager.Inspector(s.Controller)
	if inspector == nil {
		return controller
	}
	work := inspector.Inspect()
	controller.Work = &work
	if failing := inspector.Failing(1); len(failing) > 0 {
		controller.Worst = &failing[0]
	}
	if blocked := inspector.Blocked(1); len(blocked) > 0 {
		controller.LongestBlocked = &blocked[0]
	}
	return controller
}

// replicas joins what is known of them: this one first, then the present ones and the holders.
func replicas(self string, present []string, leases []Lease) []Replica {
	list := []Replica{{Identity: self, Self: true}}
	of := func(identity string) *Replica {
		for i := range list {
			if list[i].Identity == identity {
				return &list[i]
			}
		}
		list = append(list, Replica{Identity: identity})
		return &list[len(list)-1]
	}
	for _, identity := range present {
		of(identity)
	}
	for _, lease := range leases {
		if lease.Holder != "" && !lease.Expired {
			holder := of(lease.Holder)
			holder.Leads = append(holder.Leads, lease.Controllers...)
		}
	}
	return list
}

// Role says in a sentence who leads.
func (p Process) Role() string {
	leads := p.terms()
	switch {
	case len(p.Leases) == 0:
		return "Leads, without leader election."
	case len(p.Leases) == 1 && leads == 1:
		return fmt.Sprintf("Has led for %s.", p.since(p.Leases[0]))
	case len(p.Leases) == 1 && p.Leases[0].Holder != "":
		return fmt.Sprintf("Standby. %s has led for %s.", p.Leases[0].Holder, p.since(p.Leases[0]))
	case leads == 0:
		return "Standby."
	}
	return fmt.Sprintf("Leads %d of %d controllers.", leads, len(p.Leases))
}

// Leads reports whether this replica leads by any lease, or without one.
func (p Process) Leads() bool { return len(p.Leases) == 0 || p.terms() > 0 }

// terms returns by how many leases this replica leads.
func (p Process) terms() int {
	n := 0
	for _, lease := range p.Leases {
		if lease.Leads {
			n++
		}
	}
	return n
}

func (p Process) since(lease Lease) string { return Short(p.Time.Sub(lease.Since).Round(time.Second)) }

// Objects returns how many objects the caches hold.
func (p Process) Objects() int {
	n := 0
	for _, c := range p.Caches {
		n += c.Objects
	}
	return n
}
