package replicaset

import "time"

// slowStartRest is after how long without creations slow start begins anew in any case. Five workers that have to do with a thousand
// ReplicaSets come back to each within it, at 250 ms a turn.
const slowStartRest = time.Minute

// slowStart says how many pods to ask for at once: one, and twice as many each time that all were made. What is refused once would be
// refused n times. It goes on from one turn of a ReplicaSet to the next until nothing is missing. It is the size of the largest batch
// since it began, 0 if there was none.
type slowStart int

// resumed returns what goes on of it when pods were last created so long ago.
func (s slowStart) resumed(rest time.Duration) slowStart {
	if rest > slowStartRest {
		return 0
	}
	return s
}

func (s slowStart) next() int {
	return min(max(1, 2*int(s)), maxParallel)
}

// after returns what follows a batch of this size all of which were made.
func (s slowStart) after(size int) slowStart {
	return max(s, slowStart(size))
}
