package manager

import "github.com/6ead2ce0/wheelhouse/controllers/worker"

// Inspector tells what a controller is doing, key by key. Its answers come at once, however many keys there are.
type Inspector interface {
	Inspect() worker.Inspection
	Records(n int) []worker.Record
	Slowest(n int) []worker.Record
	Failing(n int) []worker.KeyState
	History(key worker.Key) worker.History
}

// inspectable is a controller that works with a worker and shows it. One that embeds its worker is an Inspector itself, and one that
// has none still has its state.
type inspectable interface {
	Worker() *worker.Worker
}

// Inspector returns who tells of the controller with this name, or nil if nobody does: there is no such controller, or it can't be
// looked into.
func (m *Manager) Inspector(controller string) Inspector {
	for _, h := range m.hosted {
		if h.descriptor.Name != controller {
			continue
		}
		switch c := h.controller.(type) {
		case Inspector:
			return c
		case inspectable:
			return c.Worker()
		}
	}
	return nil
}
