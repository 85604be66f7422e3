package status

import (
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

const (
	// maxRecords is how many records are shown, the newest: as many as somebody reads.
	maxRecords = 100
	// maxKeys is how many failing and blocked keys, and how many slow records, are shown: the worst of a storm tell what it is about.
	maxKeys = 20
)

// ControllerDetail is what there is to know of a controller.
type ControllerDetail struct {
	Time     time.Time `json:"time"` // of the answer
	Identity string    `json:"identity"`
	Lease    *Lease    `json:"lease,omitempty"` // that decides who runs it; nil without leader election
	Controller
	Failing []worker.KeyState `json:"failing"` // those with most failures in a row, those with more first
	Blocked []worker.KeyState `json:"blocked"` // those that have been so longest first
	Slowest []worker.Record   `json:"slowest"` // of the records that are kept
	Records []worker.Record   `json:"records"` // the newest first
}

// KeyDetail is what there is to know of a key.
type KeyDetail struct {
	Time       time.Time      `json:"time"` // of the answer
	Identity   string         `json:"identity"`
	Lease      *Lease         `json:"lease,omitempty"`
	Controller manager.Status `json:"controller"`
	worker.History
	// RecordsOmitted is how many older records there are.
	RecordsOmitted int `json:"recordsOmitted,omitzero"`
}

// Controller returns what there is to know of the controller, and whether there is one of this name.
func (c Config) Controller(name string) (d ControllerDetail, found bool) {
	s, found := c.find(name)
	if !found {
		return d, false
	}
	d = ControllerDetail{Time: time.Now(), Identity: c.Identity, Lease: c.lease(name), Controller: c.controller(s)}
	if inspector := c.Manager.Inspector(name); inspector != nil {
		d.Failing, d.Blocked = inspector.Failing(maxKeys), inspector.Blocked(maxKeys)
		d.Slowest, d.Records = inspector.Slowest(maxKeys), inspector.Records(maxRecords)
	}
	d.Failing, d.Blocked, d.Slowest, d.Records = present(d.Failing), present(d.Blocked), present(d.Slowest), present(d.Records)
	return d, true
}

// Key returns what there is to know of a key of the controller, and whether there is a controller of this name. The key may be any: of
// one that was never heard of, that is what there is to know.
func (c Config) Key(controller string, key worker.Key) (d KeyDetail, found bool) {
	s, found := c.find(controller)
	if !found {
		return d, false
	}
	d = KeyDetail{Time: time.Now(), Identity: c.Identity, Lease: c.lease(controller), Controller: s}
	d.State, d.Key = worker.Idle, worker.Ref(key)
	if inspector := c.Manager.Inspector(controller); inspector != nil {
		d.History = inspector.History(key)
	}
	d.Records = present(d.Records)
	if more := len(d.Records) - maxRecords; more > 0 {
		d.Records, d.RecordsOmitted = d.Records[:maxRecords], more
	}
	return d, true
}

// find returns the state of the controller, and whether there is one of this name.
func (c Config) find(name string) (manager.Status, bool) {
	for _, s := range c.Manager.Statuses() {
		if s.Controller == name {
			return s, true
		}
	}
	return manager.Status{}, false
}

// lease returns what decides who runs the controller.
func (c Config) lease(controller string) *Lease {
	for _, lease := range c.Leases() {
		for _, name := range lease.Controllers {
			if name == controller {
				return &lease
			}
		}
	}
	return nil
}

// present returns the list, which JSON shows as one also where it is empty: programs that read it go through it without asking.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
