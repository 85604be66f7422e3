package replicaset

import (
	"time"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

const (
	// stormWindow is how far back pods that ended count: when none has for so long, creation is at full speed again.
	stormWindow = time.Minute
	// stormPods is how many pods must have been made within the window and have ended, or have gone before they were ready, to
	// call it a storm, and at least as many as are ready of those made within it. Fewer are replaced at once.
	stormPods = 10
	// stormPace is how far apart pods are made during a storm. That is 48 a minute, which leaves room, within 60, for those
	// that a ReplicaSet of a few pods makes before a storm is known.
	stormPace = 1250 * time.Millisecond
)

// calmDown returns how many pods may be created now, and how long until more may if that is bounded.
//
// It goes by the timestamps of the ReplicaSet's pods, ended ones among them: so a storm stays known over a change of leaders. Only
// of pods that are gone it knows by memory.
func calmDown(o observation) (allowed int64, wait time.Duration) {
	if !isStorm(o) {
		return maxChanges, 0
	}
	if left := o.lastCreate.Add(stormPace).Sub(o.now); left > 0 {
		return 0, left
	}
	return 1, stormPace
}

// isStorm reports whether many of the pods that were made within the window have ended or gone, and no more of them are ready.
//
// While half of the pods that are asked for are available, those that were ready before they ended are not counted: they are replaced as
// they go, which takes as long as they live. Else they are: where all are evicted, they may have been ready first.
func isStorm(o observation) bool {
	since, served := serverTime(o).Add(-stormWindow-podfacts.StampGrain), halfAreAvailable(o)
	ended, ready := o.lost, 0
	for _, pod := range o.pods {
		switch {
		case pod.CreationTimestamp.Time.Before(since):
		case podfacts.IsActive(pod) && podfacts.IsReady(pod):
			ready++
		case podfacts.IsEnded(pod) && (!served || !podfacts.WasReady(pod)):
			ended++
		}
	}
	return ended >= max(stormPods, ready)
}

// halfAreAvailable reports whether half of the pods that are asked for are available.
func halfAreAvailable(o observation) bool {
	census := podfacts.Count(o.pods, o.replicaSet.Spec.MinReadySeconds, o.now)
	return 2*int64(census.Available) >= wanted(o)
}

// serverTime estimates what time it is for the API server, whose clock may differ from ours by more than the window: the newest
// pod was most likely made when we last made one.
func serverTime(o observation) time.Time {
	if o.lastCreate.IsZero() {
		return o.now
	}
	var newest time.Time
	for _, pod := range o.pods {
		if made := pod.CreationTimestamp.Time; made.After(newest) {
			newest = made
		}
	}
	if newest.IsZero() {
		return o.now
	}
	return newest.Add(o.now.Sub(o.lastCreate))
}
