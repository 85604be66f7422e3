package manager

import (
	"sync"
	"time"
)

// State is what a controller is doing.
type State string

const (
	// Waiting is for a permission or a cache; the reason says for which.
	Waiting State = "Waiting"
	// Standby is ready to run when this process leads.
	Standby State = "Standby"
	// Blocked leads and doesn't work, since somebody else does or might; the reason says who.
	Blocked State = "Blocked"
	// Running is working.
	Running State = "Running"
	// Backoff is waiting to be started again after it failed; the reason is the error.
	Backoff State = "Backoff"
	// Stopped is ended for good, with the process.
	Stopped State = "Stopped"
)

var states = [...]State{Waiting, Standby, Blocked, Running, Backoff, Stopped}

// Status is the state of a controller at a time.
type Status struct {
	Controller string `json:"controller"`
	State      State  `json:"state"`
	Reason     string `json:"reason,omitempty"`
	// Stale says why the controller's caches are not kept up to date although they have been filled, "" if they are.
	Stale string    `json:"stale,omitempty"`
	Since time.Time `json:"since"` // when it entered the state
}

// Trouble says what the controller waits for, or failed of, and what is wrong with its caches: "" if nothing is.
func (s Status) Trouble() string {
	if s.Reason != "" && s.Stale != "" {
		return s.Reason + "; " + s.Stale
	}
	return s.Reason + s.Stale
}

// status is a controller's state, changed by the one goroutine that has the controller in hand at the time, and read by all.
type status struct {
	mu     sync.Mutex
	now    Status       // guarded by mu
	change func(Status) // called for each change, with mu held
}

func newStatus(controller string, change func(Status)) *status {
	return &status{
		now:    Status{Controller: controller, State: Waiting, Reason: "not started", Since: time.Now()},
		change: change,
	}
}

// enter sets state and reason. Another reason in the same state is a change as well, but not of the time.
func (s *status) enter(state State, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now.State == state && s.now.Reason == reason {
		return
	}
	if s.now.State != state {
		s.now.Since = time.Now()
	}
	s.now.State, s.now.Reason = state, reason
	s.change(s.now)
}

// setStale says why caches are not kept up to date, or that they are.
func (s *status) setStale(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now.Stale != reason {
		s.now.Stale = reason
		s.change(s.now)
	}
}

func (s *status) get() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Statuses returns the state of every controller, in the order in which they are started.
func (m *Manager) Statuses() []Status {
	list := make([]Status, 0, len(m.hosted))
	for _, h := range m.hosted {
		list = append(list, h.status.get())
	}
	return list
}
