package together

import (
	"math"
	"math/big"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// limits returns how many pods must be available and how many there may be, as the API's documentation says.
func limits(d *appsv1.Deployment) (least, most int64) {
	wanted := int64(*d.Spec.Replicas)
	rolling := d.Spec.Strategy.RollingUpdate
	if rolling == nil {
		return 0, wanted
	}
	surge, unavailable := amount(rolling.MaxSurge, wanted, true), amount(rolling.MaxUnavailable, wanted, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return max(0, wanted-unavailable), wanted + surge
}

// amount returns a number of pods, or a percentage of them rounded up or down, at most MaxInt32.
func amount(value *intstr.IntOrString, total int64, up bool) int64 {
	digits, isPercent := strings.CutSuffix(value.String(), "%")
	n, _ := new(big.Int).SetString(digits, 10)
	if isPercent {
		n.Mul(n, big.NewInt(total))
		if up {
			n.Add(n, big.NewInt(99))
		}
		n.Div(n, big.NewInt(100))
	}
	if n.IsInt64() {
		return min(n.Int64(), math.MaxInt32)
	}
	return math.MaxInt32
}

// sameTemplate reports whether the templates differ in nothing but the label that tells revisions apart.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	return equality.Semantic.DeepEqual(bare(a), bare(b))
}

func bare(template *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	template = template.DeepCopy()
	delete(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return template
}

// view is what a process may know when it sends a write: its caches, and anything newer, which it may have read live.
type view struct {
	*process
	// states are what the Deployment was as the cache shows it, and has been since.
	states []*appsv1.Deployment
}

func (p *process) viewOf(d *appsv1.Deployment) view {
	v := view{process: p}
	from := 0
	if held, exists, _ := p.deployments.Store.GetByKey(namespace + "/" + name); exists {
		from = simulation.VersionOf(held.(*appsv1.Deployment).ResourceVersion)
	}
	for _, object := range p.server.Since(simulation.Deployments, namespace, name, from) {
		if object.GetUID() == d.UID {
			v.states = append(v.states, object.(*appsv1.Deployment))
		}
	}
	return v
}

// every reports whether it holds for all that the Deployment may be to the process.
func (v view) every(holds func(*appsv1.Deployment) bool) bool {
	for _, d := range v.states {
		if !holds(d) {
			return false
		}
	}
	return true
}

// limits returns the widest limits of all that the Deployment may be to the process.
func (v view) limits() (least, most int64) {
	least = math.MaxInt64
	for _, d := range v.states {
		l, m := limits(d)
		least, most = min(least, l), max(most, m)
	}
	return least, most
}

// isUnknown reports whether others changed the ReplicaSet and the process's cache doesn't show it.
func (v view) isUnknown(set *appsv1.ReplicaSet) bool {
	return v.unknown[set.UID] > seen(v.sets)
}

// sizes returns how many replicas each ReplicaSet of the Deployment is to have. Of one that others changed without the process's
// knowing it is the least that the process may think.
func (v view) sizes(d *appsv1.Deployment) map[string]int64 {
	sizes := map[string]int64{}
	for _, set := range v.setsOf(d.UID) {
		sizes[set.Name] = sizeFor(d, set)
		if v.isUnknown(set) {
			sizes[set.Name] = min(sizes[set.Name], sizeFor(d, v.cached(set)))
		}
	}
	return sizes
}

// sizeFor returns how many replicas the ReplicaSet is to have if it is the Deployment's; nil has none.
func sizeFor(d *appsv1.Deployment, set *appsv1.ReplicaSet) int64 {
	if set == nil || ownership.ControllerUID(set) != d.UID || set.Labels["app"] != name {
		return 0
	}
	return int64(*set.Spec.Replicas)
}

// cached returns the ReplicaSet as the cache shows it, or nil.
func (v view) cached(set *appsv1.ReplicaSet) *appsv1.ReplicaSet {
	held, exists, _ := v.sets.Store.Get(set)
	if !exists || held.(*appsv1.ReplicaSet).UID != set.UID {
		return nil
	}
	return held.(*appsv1.ReplicaSet)
}

// available returns how many available pods the ReplicaSet has to the process: as many as its cache shows, or as there are if it reads
// live. Of a ReplicaSet that the cache doesn't show it may be the fewest or the most that the status has said.
func (v view) available(set *appsv1.ReplicaSet) (fewest, most int64) {
	cached := v.cached(set)
	switch {
	case v.live:
		n := v.availableIn(set, v.world.pods())
		return n, n
	case cached != nil:
		n := v.availableIn(cached, v.cachedPods())
		return n, n
	}
	return v.availableByStatus(set)
}

func (v view) cachedPods() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, held := range v.pods.Store.List() {
		pods = append(pods, held.(*corev1.Pod))
	}
	return pods
}

// availableIn counts the available pods of the ReplicaSet.
func (v view) availableIn(set *appsv1.ReplicaSet, pods []*corev1.Pod) int64 {
	n := 0
	for _, pod := range pods {
		own := ownership.ControllerUID(pod) == set.UID && labels.SelectorFromSet(set.Spec.Selector.MatchLabels).Matches(labels.Set(pod.Labels))
		n += count(own && podfacts.IsActive(pod) && podfacts.IsAvailable(pod, set.Spec.MinReadySeconds, v.now))
	}
	return int64(n)
}

func (v view) availableByStatus(set *appsv1.ReplicaSet) (fewest, most int64) {
	from := simulation.VersionOf(set.ResourceVersion)
	if cached := v.cached(set); cached != nil {
		from = simulation.VersionOf(cached.ResourceVersion)
	}
	fewest = math.MaxInt64
	for _, object := range v.server.Since(simulation.ReplicaSets, namespace, set.Name, from) {
		if object.GetUID() == set.UID {
			n := int64(object.(*appsv1.ReplicaSet).Status.AvailableReplicas)
			fewest, most = min(fewest, n), max(most, n)
		}
	}
	return fewest, most
}

func sum(sizes map[string]int64) int64 {
	total := int64(0)
	for _, n := range sizes {
		total += n
	}
	return total
}
