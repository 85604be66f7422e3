package deployment

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// resized reports whether the Deployment's replicas have changed since its active ReplicaSets were scaled. That goes before
// rolling out, which else would be sped up by it. Recreate has no proportions to keep: it follows by itself unless only one
// ReplicaSet is active.
func (r *rollout) resized() bool {
	active := r.active(r.all())
	if len(active) > 1 && r.deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
		return false
	}
	return slices.ContainsFunc(active, func(set *appsv1.ReplicaSet) bool {
		desired, ok := numberIn(set, desiredReplicasAnnotation)
		return ok && desired != r.wanted
	})
}

// resize makes the ReplicaSets follow the Deployment's replicas without rolling anything out.
func (r *rollout) resize() {
	active := r.active(r.all())
	switch {
	case len(active) <= 1:
		if only := r.onlyOrLatest(active); only != nil && !r.waits(only) {
			r.stamp[only.UID] = r.resized()
			r.size[only.UID] = r.wanted
		}
	case r.isSaturated():
		for _, set := range r.active(r.old) {
			r.size[set.UID] = 0
		}
	case r.deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
	case r.resized() || r.total(active) != r.allowed(): // paused, it fills up what it may have, as with kube-controller-manager
		r.distribute(active)
		for _, set := range active {
			r.stamp[set.UID] = true
		}
		if left := r.active(active); len(left) == 1 { // it has nobody to keep proportions with
			r.size[left[0].UID] = r.wanted
		}
	}
}

// waits reports whether the ReplicaSet must not grow yet, because pods of another template may still run and must not meet its own.
func (r *rollout) waits(only *appsv1.ReplicaSet) bool {
	return r.deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType && r.size[only.UID] < r.wanted &&
		slices.ContainsFunc(r.all(), func(set *appsv1.ReplicaSet) bool { return set != only && r.stillRuns(set) })
}

// onlyOrLatest returns the ReplicaSet that all replicas go to if at most one has any.
func (r *rollout) onlyOrLatest(active []*appsv1.ReplicaSet) *appsv1.ReplicaSet {
	switch {
	case len(active) == 1:
		return active[0]
	case r.current != nil:
		return r.current
	case len(r.old) > 0:
		return r.old[len(r.old)-1]
	}
	return nil
}

// isSaturated reports whether the current ReplicaSet has all replicas of the Deployment, and all are available.
func (r *rollout) isSaturated() bool {
	if r.current == nil {
		return false
	}
	desired, ok := numberIn(r.current, desiredReplicasAnnotation)
	return ok && desired == r.wanted && r.size[r.current.UID] == r.wanted && int64(r.census[r.current.UID].Available) == r.wanted
}

// allowed is how many replicas the active ReplicaSets share while they are resized.
func (r *rollout) allowed() int64 {
	if r.wanted == 0 {
		return 0
	}
	return r.most()
}

// distribute shares the allowed replicas among the ReplicaSets in proportion to their sizes, the largest first. Of two of the
// same size the newer is first to grow, and the older to shrink. What rounding leaves goes to the largest.
func (r *rollout) distribute(sets []*appsv1.ReplicaSet) {
	difference := r.allowed() - r.total(sets)
	sets = slices.SortedFunc(slices.Values(sets), func(a, b *appsv1.ReplicaSet) int {
		age := byAge(a, b)
		if difference > 0 {
			age = -age
		}
		return cmp.Or(cmp.Compare(r.size[b.UID], r.size[a.UID]), age)
	})
	left := difference
	for _, set := range sets {
		left -= r.move(set, within(r.share(set), left))
	}
	for _, set := range sets {
		left -= r.move(set, left)
	}
}

// move changes the size of the ReplicaSet by n, but not below 0, and returns by how much it has changed it.
func (r *rollout) move(set *appsv1.ReplicaSet, n int64) int64 {
	n = max(n, -r.size[set.UID])
	r.size[set.UID] += n
	return n
}

// within returns the number between 0 and bound that is nearest to n; bound may be negative.
func within(n, bound int64) int64 {
	return max(min(n, max(0, bound)), min(0, bound))
}

// share returns by how much the ReplicaSet's size changes if its part of all replicas stays the same.
func (r *rollout) share(set *appsv1.ReplicaSet) int64 {
	size := r.size[set.UID]
	if r.wanted == 0 {
		return -size
	}
	before, ok := numberIn(set, maxReplicasAnnotation)
	if !ok || before == 0 {
		before = int64(r.deployment.Status.Replicas) // somebody has touched the annotation
	}
	if before <= 0 {
		return 0
	}
	return divideRounding(size*r.most(), before) - size // both factors are below 2^31
}

// divideRounding divides two numbers that aren't negative. A half is rounded up.
func divideRounding(n, by int64) int64 {
	quotient, rest := n/by, n%by
	if rest >= by-rest {
		quotient++
	}
	return quotient
}
