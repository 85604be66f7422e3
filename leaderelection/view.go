package leaderelection

import (
	"math"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
)

// view is the lease as it was last seen.
type view struct {
	// changed holds a token when the view has changed since whoever waits for that last looked.
	changed chan struct{}

	mu    sync.Mutex
	known bool                  // guarded by mu: it has been looked for
	lease *coordinationv1.Lease // guarded by mu: nil if it is not there
	since time.Duration         // guarded by mu; by the clock: when the lease was first seen like this
	// version is the newest one seen, guarded by mu. What is read or told late doesn't bring back what was before.
	version string
	turns   int // guarded by mu: how often the view has changed
}

// show takes in what was seen, and reports whether that is news.
func (v *view) show(lease *coordinationv1.Lease, now time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case lease == nil && v.known && v.lease == nil:
		return false
	case lease != nil && v.version != "" && !isNewer(lease.ResourceVersion, v.version):
		return false
	case lease != nil:
		v.version = lease.ResourceVersion
	}
	v.known, v.lease, v.since = true, lease, now
	v.turns++
	select {
	case v.changed <- struct{}{}:
	default:
	}
	return true
}

// forever stands for "until the view changes".
const forever = time.Duration(math.MaxInt64) / 2

// untilFree returns how long it is until the one with this identity may take the lease: no time if nobody holds it, or it does.
func (v *view) untilFree(identity string, now time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return forever
	}
	if holder := holderOf(v.lease); holder == "" || holder == identity {
		return 0
	}
	return max(0, v.since+durationOf(v.lease)-now)
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
