package leaderelection

import (
	"math"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// view is the lease as it was last seen.
type view struct {
	// changed holds a token when the view has changed since whoever waits for that last looked.
	changed chan struct{}

	mu    sync.Mutex
	known bool                  // guarded by mu: it has been looked for
	lease *coordinationv1.Lease // guarded by mu: nil if it is not there
	since time.Duration         // guarded by mu; by the clock: when the lease was first seen to say what it says
	// version is the newest one seen, guarded by mu. What is read or told late doesn't bring back what was before.
	version string
	turns   int // guarded by mu: how often the view has changed
}

// sighting is the lease as somebody read, wrote or was told of it.
type sighting struct {
	lease   *coordinationv1.Lease // nil if it is not there
	deleted string                // its version, if a watch has told that it was deleted
	// turn is that of the view when the lease was asked for. What has come in the same turn is the latest there is.
	turn int
}

// late is the turn of what was not asked for.
const late = -1

// show takes in what was seen, and reports whether that is news.
func (v *view) show(s sighting, now time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.isNewsLocked(s) {
		return false
	}
	if v.lease == nil || s.lease == nil || !equality.Semantic.DeepEqual(v.lease.Spec, s.lease.Spec) {
		v.since = now // else something was noted on it, and nobody has renewed it
	}
	if s.lease != nil {
		v.version = s.lease.ResourceVersion
	}
	v.known, v.lease = true, s.lease
	v.turns++
	select {
	case v.changed <- struct{}{}:
	default:
	}
	return true
}

// isNewsLocked reports whether what was seen is newer than the view. The latest there is may have an older version all the same: then the
// API server's data were put back to an earlier state.
func (v *view) isNewsLocked(s sighting) bool {
	latest := s.turn == v.turns
	switch {
	case s.deleted != "":
		return v.lease != nil && isNewer(s.deleted, v.lease.ResourceVersion)
	case s.lease == nil: // it may have been made since it was asked for
		return latest && (!v.known || v.lease != nil)
	case v.version == "":
		return true
	case latest:
		return s.lease.ResourceVersion != v.version
	}
	return isNewer(s.lease.ResourceVersion, v.version)
}

// forever stands for "until the view changes".
const forever = time.Duration(math.MaxInt64) / 2

// freeLocked returns since when, by the clock, the one with this identity may take the lease: forever if that is not known. A holder has
// at least the given duration, whatever somebody has made of the lease.
func (v *view) freeLocked(identity string, least time.Duration) time.Duration {
	if !v.known {
		return forever
	}
	if holder := holderOf(v.lease); holder == "" || holder == identity {
		return v.since
	}
	return v.since + max(least, durationOf(v.lease))
}

// untilFree returns how long it is until the one with this identity may take the lease, which it leaves to others for some time first.
func (v *view) untilFree(identity string, least, patience, now time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return max(0, v.freeLocked(identity, least)+patience-now)
}

// free returns the lease, nil if it is not there, and whether the one with this identity may take it as it is.
func (v *view) free(identity string, least, now time.Duration) (lease *coordinationv1.Lease, free bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lease, v.freeLocked(identity, least) <= now
}

func (v *view) isKnown() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known
}

func (v *view) holder() string {
	return holderOf(v.get())
}

func (v *view) get() *coordinationv1.Lease {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lease
}

// turn returns a number that changes with the view.
func (v *view) turn() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.turns
}
