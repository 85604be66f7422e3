// Package pace keeps a controller from looking at a large object with each of its pods that changes. A look costs as much as there are
// pods, so that a rollout of thousands, each of which changes several times, would cost their square.
package pace

import "time"

const (
	// perPod is how long a look is followed by no other, for each pod looked at: some fifty times as long as it takes.
	perPod = 40 * time.Microsecond
	// longest bounds that: so much later at most is seen what has changed.
	longest = 100 * time.Millisecond
	// few is up to how many pods an object is looked at whenever something happens.
	few = 250
)

// Pace is when an object was last looked at, as of which generation, and how many pods it had. The zero value is never.
type Pace struct {
	looked     time.Time
	generation int64
	pods       int
}

// Looked returns the pace after a look at an object of this generation with so many pods. What came of it must be no failure: the queue says
// when to try again, and what isn't looked at doesn't fail.
func Looked(generation int64, pods int, now time.Time) Pace {
	return Pace{looked: now, generation: generation, pods: pods}
}

// Left returns for how long an object of this generation is not to be looked at yet, 0 if it may be now. A change of its spec, which is
// another generation, doesn't wait.
func (p Pace) Left(generation int64, now time.Time) time.Duration {
	if p.pods <= few || p.generation != generation || now.Before(p.looked) { // by a clock that was set back
		return 0
	}
	return max(0, min(longest, time.Duration(p.pods)*perPod)-now.Sub(p.looked))
}
