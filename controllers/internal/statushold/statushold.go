// Package statushold says for how long a controller holds back a status that is likely to change again, so that one write tells of
// many changes. Each write of a status costs the API server as much as one of a pod.
package statushold

import "time"

const (
	// first is how long a status is held back that has begun to change, as it does with every pod that comes or goes. Each time it has
	// been held back, is written, and goes on changing, it is held back for twice as long, at most for longest. It begins anew when all is
	// settled, or nothing has been written for as long as rest.
	first   = 2 * time.Second
	longest = 4 * time.Second
	rest    = 2 * longest
	// soon is how long one is held back that should be known: it is about to stay, or says what is better known. What follows from it, as
	// the next step of a rollout, comes just then, and makes another status. With the 40 ms for which the host lets gather what watches
	// bring, it is known within 100 ms.
	soon = 60 * time.Millisecond
)

// Hold is since when a status is held back. The zero value holds none, and none has been written before all was settled.
type Hold struct {
	// since is when it began to differ from what was written, and hurried since when it should be known soon.
	since, hurried time.Time
	// length is how long a status that changes is held back, 0 for first, as long as written is not too long ago.
	length  time.Duration
	written time.Time
}

// IsOn reports whether a status is held back.
func (h Hold) IsOn() bool {
	return !h.since.IsZero()
}

// Left returns for how much longer to hold back a status that differs from what was written, 0 if it is to be written now. Hurried says
// that it should be known soon.
func (h Hold) Left(hurried bool, now time.Time) time.Duration {
	left := h.lengthAt(now) - passed(h.since, now)
	if hurried {
		left = min(left, soon-passed(h.hurried, now))
	}
	return max(0, left)
}

func (h Hold) lengthAt(now time.Time) time.Duration {
	if passed(h.written, now) > rest {
		return first
	}
	return max(first, h.length)
}

// Held returns the hold after the status has been held back at that time.
func (h Hold) Held(hurried bool, now time.Time) Hold {
	if h.since.IsZero() {
		h.since = now
	}
	switch {
	case !hurried:
		h.hurried = time.Time{}
	case h.hurried.IsZero():
		h.hurried = now
	}
	return h
}

// Written returns the hold after the status has been written. What was not held back as others are, because it was urgent or hurried,
// doesn't count.
func (h Hold) Written(isSettled bool, now time.Time) Hold {
	if h.IsOn() && h.hurried.IsZero() {
		h.length, h.written = min(2*h.lengthAt(now), longest), now
	}
	return h.Same(isSettled)
}

// Same returns the hold after the status has been found to be what was written: of those before it remembers, unless all is settled, for
// how long they were held back.
func (h Hold) Same(isSettled bool) Hold {
	if isSettled {
		return Hold{}
	}
	return Hold{length: h.length, written: h.written}
}

func passed(since, now time.Time) time.Duration {
	if since.IsZero() {
		return 0
	}
	return now.Sub(since)
}
