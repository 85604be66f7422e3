package deployment

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// rollout is a Deployment on its way: what is observed, and what the plan has come to so far.
type rollout struct {
	observation
	budget
	// current is the ReplicaSet of the Deployment's template, nil if there is none; old are the others, the oldest first.
	current *appsv1.ReplicaSet
	old     []*appsv1.ReplicaSet
	// census is how many pods each ReplicaSet has.
	census map[types.UID]podfacts.Census
	// size is how many replicas each ReplicaSet is to have.
	size map[types.UID]int64
	// stamp are ReplicaSets whose annotations are to tell the Deployment's size even if their own doesn't change.
	stamp map[types.UID]bool
	// rolls says that a template is being rolled out, which makes progress and may fail.
	rolls bool
}

func newRollout(o observation, own []*appsv1.ReplicaSet) *rollout {
	r := &rollout{observation: o, budget: budgetOf(o.deployment), census: map[types.UID]podfacts.Census{}, size: map[types.UID]int64{}, stamp: map[types.UID]bool{}}
	r.countPods(own)
	own = slices.SortedFunc(slices.Values(own), byAge)
	for _, set := range own {
		r.size[set.UID] = replicasOf(set)
		if r.current == nil && o.match.sameTemplate(o.deployment, set) {
			r.current = set
			continue
		}
		r.old = append(r.old, set)
	}
	return r
}

// byAge puts the oldest ReplicaSet first.
func byAge(a, b *appsv1.ReplicaSet) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

// sameTemplate reports whether the templates differ in nothing but the label that tells revisions apart.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	return equality.Semantic.DeepEqual(withoutHash(a), withoutHash(b))
}

// withoutHash returns the template without the label of its hash. Its other parts are shared with the original.
func withoutHash(template *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	if _, ok := template.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; !ok {
		return template
	}
	bare := *template
	bare.Labels = cloneWithout(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return &bare
}

// all returns the old ReplicaSets and the current one if there is one.
func (r *rollout) all() []*appsv1.ReplicaSet {
	if r.current == nil {
		return r.old
	}
	return append(slices.Clip(r.old), r.current)
}

// active returns those of the ReplicaSets that are to have replicas.
func (r *rollout) active(sets []*appsv1.ReplicaSet) []*appsv1.ReplicaSet {
	var active []*appsv1.ReplicaSet
	for _, set := range sets {
		if r.size[set.UID] > 0 {
			active = append(active, set)
		}
	}
	return active
}

// total returns how many replicas the ReplicaSets are to have together.
func (r *rollout) total(sets []*appsv1.ReplicaSet) int64 {
	var sum int64 // of at most thousands of numbers below 2^31
	for _, set := range sets {
		sum += r.size[set.UID]
	}
	return sum
}

// kept returns how many available pods the ReplicaSet keeps when it has been scaled: pods that aren't available go first.
func (r *rollout) kept(set *appsv1.ReplicaSet) int64 {
	return min(int64(r.census[set.UID].Available), r.size[set.UID])
}

// keptBy adds up what the ReplicaSets keep.
func (r *rollout) keptBy(sets []*appsv1.ReplicaSet) int64 {
	var sum int64
	for _, set := range sets {
		sum += r.kept(set)
	}
	return sum
}

// replicasOf returns how many pods the spec asks for; the API server's default is 1.
func replicasOf(set *appsv1.ReplicaSet) int64 {
	if set.Spec.Replicas == nil {
		return 1
	}
	return max(0, int64(*set.Spec.Replicas))
}
