package manager

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// Inspector tells what a controller is doing, key by key. Its answers come at once, however many keys there are.
type Inspector interface {
	Inspect() worker.Inspection
	Records(n int) []worker.Record
	Slowest(n int) []worker.Record
	Failing(n int) []worker.KeyState
	Blocked(n int) []worker.KeyState
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

// Cache is what is known of the cache of one resource.
type Cache struct {
	Resource string `json:"resource"` // "pods", "replicasets.apps"
	Objects  int    `json:"objects"`
	Bytes    int    `json:"bytes"`  // of the objects as protobuf; an estimate where they are many
	Synced   bool   `json:"synced"` // whether it has been filled
	// Idle is how long ago the watch last brought something, a bookmark included.
	Idle metav1.Duration `json:"idle"`
	// Error says why the cache is not filled or not moving, as far as is known.
	Error string `json:"error,omitempty"`
}

// Caches returns what is known of each cache, sorted by resource.
func (m *Manager) Caches() []Cache {
	list, now := m.caches.list(), time.Now()
	all := make([]Cache, 0, len(list))
	for _, c := range list {
		one := Cache{Resource: c.resource, Synced: c.isSynced(), Idle: metav1.Duration{Duration: c.idle(now)}}
		one.Objects, one.Bytes = weigh(c.informer.GetStore())
		if err := c.lastError(); err != nil {
			one.Error = err.Error()
		}
		all = append(all, one)
	}
	return all
}
