package deployment

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// change is what is to be written to one ReplicaSet.
type change struct {
	set         *appsv1.ReplicaSet
	from, to    int64             // replicas; the same if they stay
	annotations map[string]string // to be set to these values
	// minReadySeconds is the new value, nil if it stays.
	minReadySeconds *int32
}

// changes returns what differs from what is observed, ReplicaSets that shrink before those that grow: at no time more pods are
// asked for than before and after.
func (r *rollout) changes() []change {
	var changes []change
	for _, set := range r.all() {
		if c := r.changeOf(set); c.isNeeded() {
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.direction(), b.direction()) })
	return changes
}

func (r *rollout) changeOf(set *appsv1.ReplicaSet) change {
	c := change{set: set, from: replicasOf(set), to: r.size[set.UID]}
	wanted := map[string]string{}
	if set == r.current {
		wanted = r.currentAnnotations()
		if seconds := r.deployment.Spec.MinReadySeconds; set.Spec.MinReadySeconds != seconds {
			c.minReadySeconds = &seconds
		}
	}
	if c.to != c.from || r.stamp[set.UID] {
		r.sizeAnnotations(wanted)
	}
	for key, value := range wanted {
		if has, ok := set.Annotations[key]; ok && has == value {
			delete(wanted, key)
		}
	}
	c.annotations = wanted
	return c
}

func (c change) isNeeded() bool {
	return c.to != c.from || len(c.annotations) > 0 || c.minReadySeconds != nil
}

// direction is -1 if the ReplicaSet shrinks, 1 if it grows, and 0 if its size stays.
func (c change) direction() int {
	return cmp.Compare(c.to, c.from)
}
