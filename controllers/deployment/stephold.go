package deployment

import (
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// A step of a rollout waits for pods of the current ReplicaSet that are still on their way. Pods that are asked for together turn
// available at about the same time, and are followed by one step then, not by one for each.
const (
	// stepQuiet is for how long no more of them may turn available until the step is taken.
	stepQuiet = 200 * time.Millisecond
	// stepHold is for how long it waits at most.
	stepHold = time.Second
)

// stepWait is what a step waits for. The zero value is nothing.
type stepWait struct {
	since, grown time.Time // when it began, and when more pods were available than before
	available    int64
}

// left returns for how much longer to wait.
func (w stepWait) left(now time.Time) time.Duration {
	return min(stepHold-now.Sub(w.since), stepQuiet-now.Sub(w.grown))
}

// after returns what is waited for when so many pods are available.
func (w stepWait) after(available int64, now time.Time) stepWait {
	if w.since.IsZero() {
		w.since = now
	}
	if available > w.available {
		w.grown = now
	}
	w.available = available
	return w
}

// mayWait takes the step back that the rollout has come to if more pods may become available soon, and says when to look again.
func (r *rollout) mayWait(d *decision) {
	if !r.isPartial() {
		return
	}
	wait := r.wait.after(int64(r.census[r.current.UID].Available), r.now)
	left := wait.left(r.now)
	if left <= 0 {
		return
	}
	for _, set := range r.all() {
		r.size[set.UID] = replicasOf(set)
	}
	d.wait, d.lookAgain = wait, soonest.Of(d.lookAgain, left)
}

// isPartial reports whether sizes change, and some but not all pods that the current ReplicaSet is to keep are available. What asks for
// too many pods doesn't wait.
func (r *rollout) isPartial() bool {
	available, asked := int64(r.census[r.current.UID].Available), replicasOf(r.current)
	if available == 0 || available >= asked || r.size[r.current.UID] < asked {
		return false
	}
	total, changes := int64(0), false
	for _, set := range r.all() {
		total += replicasOf(set)
		changes = changes || r.size[set.UID] != replicasOf(set)
	}
	return changes && total <= r.most()
}
