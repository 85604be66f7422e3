package replicaset

import "time"

// slowStartRest is after how long without creations slow start begins anew in any case. Five workers that have to do with a thousand
// ReplicaSets come back to each within it, at 250 ms a turn.
const slowStartRest = time.Minute

// slowStart says how many pods to ask for at once: one, and twice as many each time that all were made. What is refused once would be
// refused n times. It goes on from one turn of a ReplicaSet to the next until nothing is missing. The zero value begins.
type slowStart struct {
	size int       // of the largest batch since it began, 0 if there was none
	last time.Time // when a batch was made
}

func (s slowStart) next(now time.Time) int {
	if s.begins(now) {
		return 1
	}
	return min(2*s.size, maxParallel)
}

func (s slowStart) begins(now time.Time) bool {
	return s.size == 0 || now.Sub(s.last) > slowStartRest
}

// after returns what follows a batch of this size all of which were made.
func (s slowStart) after(size int, now time.Time) slowStart {
	if s.begins(now) {
		return slowStart{size, now}
	}
	return slowStart{max(s.size, size), now}
}
