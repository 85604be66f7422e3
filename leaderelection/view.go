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

// show takes in what was seen, and reports whether that is news. What was read live, with nothing else seen since it was asked for, is
// so even if its version is an older one: then the API server's data were put back to an earlier state.
func (v *view) show(lease *coordinationv1.Lease, now time.Duration, live bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.isNewsLocked(lease, live) {
		return false
	}
	if v.lease == nil || lease == nil || !equality.Semantic.DeepEqual(v.lease.Spec, lease.Spec) {
		v.since = now // else something was noted on it, and nobody has renewed it
	}
	if lease != nil {
		v.version = lease.ResourceVersion
	}
	v.known, v.lease = true, lease
	v.turns++
	select {
	case v.changed <- struct{}{}:
	default:
	}
	return true
}

func (v *view) isNewsLocked(lease *coordinationv1.Lease, live bool) bool {
	switch {
	case lease == nil:
		return !v.known || v.lease != nil
	case v.version == "":
		return true
	case live:
		return lease.ResourceVersion != v.version
	}
	return isNewer(lease.ResourceVersion, v.version)
}

// forever stands for "until the view changes".
const forever = time.Duration(math.MaxInt64) / 2

// untilFree returns how long it is until the one with this identity may take the lease: no time if nobody holds it, or it does. A holder
// has at least the given duration, whatever somebody has made of the lease.
func (v *view) untilFree(identity string, least, now time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return forever
	}
	if holder := holderOf(v.lease); holder == "" || holder == identity {
		return 0
	}
	return max(0, v.since+max(least, durationOf(v.lease))-now)
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
