// Package statushold says for how long a controller holds back a status that is likely to change again, so that one write tells of
// many changes. Each write of a status costs the API server as much as one of a pod.
package statushold

import "time"

const (
	// first is how long a status is held back that has begun to change, as it does with every pod that comes or goes. Each time it has
	// been written and goes on changing it is held back for twice as long, at most for longest.
	first   = time.Second
	longest = 4 * time.Second
	// settled is how long one is held back that is about to stay. What follows from it, as the next step of a rollout, comes just then,
	// and makes another status.
	settled = 100 * time.Millisecond
)

// Hold is since when a status is held back. The zero value holds none, and none has been written before it was settled.
type Hold struct {
	since, settled time.Time
	// length is how long to hold back a status that changes; 0 stands for first.
	length time.Duration
}

// Since returns the hold of a status that began to change at that time.
func Since(begin time.Time) Hold {
	return Hold{since: begin}
}

// IsOn reports whether a status is held back.
func (h Hold) IsOn() bool {
	return !h.since.IsZero()
}

// Left returns for how much longer to hold back a status that differs from what was written, 0 if it is to be written now. isSettled
// says that nothing more is on its way.
func (h Hold) Left(isSettled bool, now time.Time) time.Duration {
	left := max(first, h.length) - passed(h.since, now)
	if isSettled {
		left = min(left, settled-passed(h.settled, now))
	}
	return max(0, left)
}

// Held returns the hold after the status has been held back at that time.
func (h Hold) Held(isSettled bool, now time.Time) Hold {
	if h.since.IsZero() {
		h.since = now
	}
	switch {
	case !isSettled:
		h.settled = time.Time{}
	case h.settled.IsZero():
		h.settled = now
	}
	return h
}

// Written returns the hold after the status has been written. What was not held back, because it was urgent, doesn't count.
func (h Hold) Written(isSettled bool) Hold {
	if h.IsOn() {
		h.length = min(2*max(first, h.length), longest)
	}
	return h.Same(isSettled)
}

// Same returns the hold after the status has been found to be what was written.
func (h Hold) Same(isSettled bool) Hold {
	if isSettled {
		return Hold{}
	}
	return Hold{length: h.length}
}

func passed(since, now time.Time) time.Duration {
	if since.IsZero() {
		return 0
	}
	return now.Sub(since)
}
