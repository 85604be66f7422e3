package leaderelection

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"
)

const (
	// settled is for how many beats the same replicas must have been there before one gives a lease up for a fairer share.
	settled = 2
	// courtesy is how long a replica that has its share leaves a free lease to those who have less. They take it within some
	// milliseconds; if there are none, work must not wait.
	courtesy = 250 * time.Millisecond
)

// yield is a lease that was given up for a fairer share, since the same replicas are there.
type yield struct {
	at       time.Duration // by the clock
	returned bool          // it came back soon: who lacks a share can't take it, or doesn't want it
}

// shareLocked returns how many leases this replica should hold: all, as long as it knows of nobody, itself included.
func (s *Shares) shareLocked() int {
	present := s.presentLocked()
	i, there := slices.BinarySearch(present, s.key)
	if !there {
		return s.total
	}
	share := s.total / len(present)
	if i < s.total%len(present) {
		share++
	}
	return share
}

// rebalance drains one lease if this replica holds more than its share.
func (s *Shares) rebalance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.steady < settled || len(s.held) <= s.shareLocked() {
		return
	}
	name := s.surplusLocked()
	if name == "" {
		return
	}
	s.config.Log.Info("a fairer share: drain one lease", zap.String("lease", name), zap.Int("share", s.shareLocked()))
	s.yielded[name] = yield{at: s.config.Clock()}
	s.held[name]()
	s.steady = 0 // until this has had its effect
}

// surplusLocked returns the lease to give up, "" if there is none that anybody else would take.
func (s *Shares) surplusLocked() string {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(s.held))) {
		if !s.yielded[name].returned {
			return name
		}
	}
	return ""
}

// patience returns how long to leave a free lease to others.
func (s *Shares) patience(name string) time.Duration {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if y, ok := s.yielded[name]; ok && s.config.Clock()-y.at < settled*s.config.RetryPeriod {
		return s.config.RetryPeriod
	}
	if len(s.held) < s.shareLocked() {
		return 0
	}
	return courtesy
}

// hold counts a lease as held while its term lasts, and lets it be told to drain. A lease that comes back to the one who gave it up stays
// until other replicas are there: its work would rest for a while with each try to give it up.
func (s *Shares) hold(name string, drain context.CancelFunc) (drop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if y, ok := s.yielded[name]; ok && !y.returned {
		if y.returned = s.config.Clock()-y.at < 2*s.config.LeaseDuration; y.returned {
			s.config.Log.Info("no other replica keeps the lease: it stays here", zap.String("lease", name))
		}
		s.yielded[name] = y
	}
	s.held[name] = drain
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.held, name)
	}
}
