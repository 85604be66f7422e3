package replicaset

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// scaling is what closes the difference between the pods that there are and those that there should be.
type scaling struct {
	create int64
	remove []*corev1.Pod
	wait   time.Duration // until more may be created; 0 if that isn't what is waited for
}

// settled reports whether nothing is to be created or deleted, now or later.
func (s scaling) settled() bool {
	return s.create == 0 && len(s.remove) == 0 && s.wait == 0
}

func scale(o observation, active []*corev1.Pod) scaling {
	missing := wanted(o) - int64(len(active)) // both between 0 and MaxInt32 or so: int64 holds any difference
	switch {
	case missing > 0:
		return grow(o, missing)
	case missing < 0:
		return scaling{remove: surplus(o, active, min(-missing, maxChanges))}
	}
	return scaling{}
}

// grow creates what is missing, unless creation was denied a short while ago or the pods fail as fast as they are made.
func grow(o observation, missing int64) scaling {
	if wait := o.denied.Sub(o.now); wait > 0 {
		return scaling{wait: wait}
	}
	allowed, wait := calmDown(o)
	return scaling{create: min(missing, allowed, maxChanges), wait: wait}
}

// surplus returns n of the active pods, in the order of deletion. Those in doubt go first: if they are gone already, choosing
// others would delete too many.
func surplus(o observation, active []*corev1.Pod, n int64) []*corev1.Pod {
	related := active
	if n < int64(len(active)) && o.related != nil {
		related = o.related()
	}
	return doubtedFirst(rank(active, related, o.now), o.doubted)[:n]
}

func doubtedFirst(ranked []*corev1.Pod, doubted func(*corev1.Pod) bool) []*corev1.Pod {
	if doubted == nil {
		return ranked
	}
	first, rest := make([]*corev1.Pod, 0, len(ranked)), make([]*corev1.Pod, 0, len(ranked))
	for _, pod := range ranked {
		if doubted(pod) {
			first = append(first, pod)
		} else {
			rest = append(rest, pod)
		}
	}
	return append(first, rest...)
}

// wanted returns how many pods the spec asks for; the API server's default is 1.
func wanted(o observation) int64 {
	if o.replicaSet.Spec.Replicas == nil {
		return 1
	}
	return max(0, int64(*o.replicaSet.Spec.Replicas))
}

// saturate32 returns the int32 that is nearest to n.
func saturate32(n int) int32 {
	return int32(min(max(int64(n), math.MinInt32), math.MaxInt32))
}
