// Package status shows what a process that hosts controllers is doing: as pages for people, and as JSON for programs.
//
// A [Process] says which replica leads and how each controller is; a [ControllerDetail] has its records and its failing keys; a
// [KeyDetail] says why a key is not done. Each page is such a value, which ?format=json answers with. Whatever a cluster holds, an
// answer is bounded: it has the newest records and the worst keys, not all.
package status

import (
	"time"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// Config is what the pages tell of. All of it must be set.
type Config struct {
	Version  string
	Identity string    // of this replica
	Started  time.Time // when the process was
	Manager  Manager
	// Leases returns those that decide who leads, none without leader election.
	Leases func() []Lease
	// Replicas returns the identities of the replicas that are known to be there, as far as they show themselves.
	Replicas func() []string
	Log      *zap.Logger
}

// Manager hosts the controllers.
type Manager interface {
	Statuses() []manager.Status
	// Inspector returns who tells of a controller, or nil if nobody does.
	Inspector(controller string) manager.Inspector
	Caches() []manager.Cache
}
