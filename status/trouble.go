package status

import (
	"fmt"
	"strings"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// Trouble is something that a person should look at.
type Trouble struct {
	Controller string
	What       string
	Why        string
	Key        worker.Ref // of the key that it is about, if it is about one
}

// Troubles returns what is wrong with the process, in the order of its controllers. What is on its way by itself, like a cache that is
// filled for the first time, counts as well: whoever looks wants to know.
func (p Process) Troubles() []Trouble {
	var list []Trouble
	for _, lease := range p.Leases {
		switch {
		case lease.Expired:
			list = append(list, Trouble{
				Controller: strings.Join(lease.Controllers, ", "),
				What:       "nobody leads", Why: fmt.Sprintf("%s has not renewed the lease %s and may be gone", lease.Holder, lease.Name),
			})
		case lease.Holder == "":
			list = append(list, Trouble{
				Controller: strings.Join(lease.Controllers, ", "),
				What:       "nobody leads", Why: fmt.Sprintf("the lease %s has no holder", lease.Name),
			})
		}
	}
	for _, c := range p.Controllers {
		list = append(list, c.Troubles()...)
	}
	return list
}

// Troubles returns what is wrong with the controller.
func (c Controller) Troubles() []Trouble {
	var list []Trouble
	add := func(what, why string, key worker.Ref) {
		list = append(list, Trouble{Controller: c.Controller, What: what, Why: why, Key: key})
	}
	switch c.State {
	case manager.Waiting:
		add("waits", c.Reason, worker.Ref{})
	case manager.Blocked:
		add("is kept from working", c.Reason, worker.Ref{})
	case manager.Backoff:
		add("failed and will be started again", c.Reason, worker.Ref{})
	}
	if c.Stale != "" {
		add("works on old caches", c.Stale, worker.Ref{})
	}
	if c.Worst != nil {
		add(several(c.Work.Failing, "key fails", "keys fail"), c.Worst.LastError, c.Worst.Key)
	}
	if c.LongestBlocked != nil {
		add(several(c.Work.Blocked, "key is blocked", "keys are blocked"), c.LongestBlocked.Blocked, c.LongestBlocked.Key)
	}
	return list
}

// several says how many there are. One was there when it was looked for, though it may not have been when they were counted.
func several(n int, one, more string) string {
	if n > 1 {
		return fmt.Sprintf("%d %s", n, more)
	}
	return "1 " + one
}
