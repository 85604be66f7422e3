package replicaset

import "time"

// slowStartRest is after how long without creations slow start begins anew. Turns of a ReplicaSet follow each other faster than that, even
// where hundreds of others wait for the same workers.
const slowStartRest = 10 * time.Second

// slowStart says how many pods to ask for at once: one, and twice as many each time that all were made. What is refused once would be
// refused n times. It goes on from one turn of a ReplicaSet to the next.
type slowStart struct {
	size int       // of the largest batch since it began, 0 if one has failed
	last time.Time // when a batch was made
}

func (s slowStart) next(now time.Time) int {
	if s.size == 0 || now.Sub(s.last) > slowStartRest {
		return 1
	}
	return min(2*s.size, maxParallel)
}

// made returns what follows a batch of this size all of which were made.
func (s slowStart) made(size int, now time.Time) slowStart {
	if s.next(now) == 1 {
		return slowStart{size, now}
	}
	return slowStart{max(s.size, size), now}
}
