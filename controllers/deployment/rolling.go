package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
)

// roll moves pods from the old ReplicaSets to the current one as far as the budget allows.
//
// It goes by sizes that are asked for and by pods that are available, never by pods on their way: what is asked for now and
// what is available then stay within the budget whichever of the ReplicaSets is faster.
func (r *rollout) roll() decision {
	if r.current == nil {
		return r.createCurrent(min(r.wanted, max(0, r.most()-r.total(r.old))))
	}
	r.size[r.current.UID] = min(r.size[r.current.UID], r.wanted)
	r.shrinkOld()
	r.growCurrent()
	d := decision{remove: r.cleanupIfComplete()}
	r.mayWait(&d)
	return d
}

// shrinkOld takes pods from the old ReplicaSets, the oldest first: before all others pods that aren't available, which would
// only hold up the rollout, then as many available ones as can be missed.
func (r *rollout) shrinkOld() {
	spare := r.total(r.old) + r.kept(r.current) - r.leastAvailable()
	r.takeFromOld(spare, func(set *appsv1.ReplicaSet) int64 { return r.size[set.UID] - r.kept(set) })
	spare = r.keptBy(r.all()) - r.leastAvailable()
	r.takeFromOld(spare, func(set *appsv1.ReplicaSet) int64 { return r.size[set.UID] })
}

// takeFromOld takes at most n pods away, and from each ReplicaSet at most as many as most says.
func (r *rollout) takeFromOld(n int64, most func(*appsv1.ReplicaSet) int64) {
	for _, set := range r.old {
		taken := min(most(set), max(0, n))
		r.size[set.UID] -= taken
		n -= taken
	}
}

// growCurrent gives the current ReplicaSet what room there is below the most pods that are allowed. If it is still to lose pods it
// waits: among so many available ones those that are about to go couldn't be told from those that stay.
func (r *rollout) growCurrent() {
	if max(int64(r.census[r.current.UID].Replicas), int64(r.current.Status.Replicas)) > replicasOf(r.current) {
		return
	}
	room := r.most() - r.total(r.all())
	missing := r.wanted - r.size[r.current.UID]
	r.size[r.current.UID] += min(max(0, room), max(0, missing))
}
