// Package status tells what a process that hosts controllers is doing, as values that are the same as JSON, on the pages for people and
// on the command line.
//
// A [Process] says which replica leads and how each controller is; a [ControllerDetail] has its records and its failing keys; a
// [KeyDetail] says why a key is not done. Whatever a cluster holds, each is bounded: it has the newest records and the worst keys, not
// all. Package pages answers with them.
package status

import (
	"time"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// Config is what there is to tell of. All of it must be set.
type Config struct {
	Version  string
	Identity string    // of this replica
	Started  time.Time // when the process was
	Manager  Manager
	// Leases returns those that decide who leads, none without leader election.
	Leases func() []Lease
	// Replicas returns the identities of the replicas that are known to be there, as far as they show themselves.
	Replicas func() []string
}

// Manager hosts the controllers.
type Manager interface {
	Statuses() []manager.Status
	// Inspector returns who tells of a controller, or nil if nobody does.
	Inspector(controller string) manager.Inspector
	Caches() []manager.Cache
}

// Refusal is the JSON of an answer that isn't one.
type Refusal struct {
	Error string `json:"error"`
}
