package together

import (
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// Annotations of the Deployment controller.
const (
	revisionAnnotation = "deployment.kubernetes.io/revision"
	historyAnnotation  = "deployment.kubernetes.io/revision-history"
	desiredAnnotation  = "deployment.kubernetes.io/desired-replicas"
	maxAnnotation      = "deployment.kubernetes.io/max-replicas"
)

// sentRolling checks a write of the Deployment controller.
func (p *process) sentRolling(w simulation.Write) {
	switch w.Kind {
	case simulation.Deployments:
		p.checkDeployment(w.Before.(*appsv1.Deployment), w.After.(*appsv1.Deployment))
	case simulation.ReplicaSets:
		before, _ := w.Before.(*appsv1.ReplicaSet)
		after, _ := w.After.(*appsv1.ReplicaSet)
		switch {
		case before == nil:
			p.logf("create %s with %d", after.Name, *after.Spec.Replicas)
			p.checkCreation(after)
		case after == nil:
			p.logf("delete %s", before.Name)
			p.checkKnown(before)
			p.checkCleanup(before)
		default:
			p.logf("change %s from %d to %d, owner %q", after.Name, *before.Spec.Replicas, *after.Spec.Replicas, ownership.ControllerUID(after))
			if *before.Spec.Replicas != *after.Spec.Replicas {
				p.checkKnown(before)
			}
			p.checkChange(before, after)
		}
	default:
		p.failf("the deployment controller writes %s", w.Kind)
	}
}

// checkKnown: nothing is scaled or deleted whose size isn't as it was seen.
func (p *process) checkKnown(set *appsv1.ReplicaSet) {
	if p.scaled[set.UID] > seen(p.sets) && !p.live {
		p.failf("%s is written though it has another size than the process knows", set.Name)
	}
}

// owner returns the Deployment, if that is the ReplicaSet's owner: else nothing is promised any more.
func (p *process) owner(set *appsv1.ReplicaSet) (*appsv1.Deployment, bool) {
	d := p.deployment()
	return d, ownership.ControllerUID(set) == d.UID
}

// checkDeployment: of a Deployment's metadata the controller changes no annotation but its own, unless it rolls back, and even then
// none that caches leave out. Revisions only grow.
func (p *process) checkDeployment(before, after *appsv1.Deployment) {
	rollsBack := hasKey(before, appsv1.DeprecatedRollbackTo) && !hasKey(after, appsv1.DeprecatedRollbackTo)
	for _, key := range []string{corev1.LastAppliedConfigAnnotation, teamAnnotation} {
		if before.Annotations[key] != after.Annotations[key] && (!rollsBack || key != teamAnnotation) {
			p.failf("annotation %s of the deployment changes from %q to %q", key, before.Annotations[key], after.Annotations[key])
		}
	}
	if !rollsBack && !equality.Semantic.DeepEqual(before.Spec, after.Spec) {
		p.failf("the deployment's spec is changed without a wish for it")
	}
	if was, is := revisionOf(before.Annotations), revisionOf(after.Annotations); is < was && !p.lostHistory {
		p.failf("the deployment's revision goes from %d to %d", was, is)
	}
}

// checkCreation: there is never a second ReplicaSet for one template, and a new one keeps within the limits.
func (p *process) checkCreation(set *appsv1.ReplicaSet) {
	d, ok := p.owner(set)
	if !ok {
		return
	}
	p.checkTwins(append(p.setsOf(d.UID), set))
	if *set.Spec.Replicas > 0 {
		p.viewOf(d).checkGrowth(d, set)
	}
}

// checkTwins: among the ReplicaSets of one owner no two have the same template, unless users had a hand in it.
func (w *world) checkTwins(sets []*appsv1.ReplicaSet) {
	for i, set := range sets {
		for _, other := range sets[:i] {
			if !w.tampered[set.UID] && !w.tampered[other.UID] && sameTemplate(&set.Spec.Template, &other.Spec.Template) {
				w.failf("%s and %s have the same template", other.Name, set.Name)
			}
		}
	}
}

// checkGrowth: no more pods are asked for than there may be, and with the strategy Recreate none before the old ones are gone.
func (v view) checkGrowth(d *appsv1.Deployment, after *appsv1.ReplicaSet) {
	sizes := v.sizes(d)
	sizes[after.Name] = int64(*after.Spec.Replicas)
	if _, most := v.limits(); sum(sizes) > most {
		v.failf("%s grows to %d: %d pods are asked for, at most %d may be: %v", after.Name, *after.Spec.Replicas, sum(sizes), most, sizes)
	}
	if !v.every(func(d *appsv1.Deployment) bool { return d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType }) {
		return
	}
	for _, set := range v.setsOf(d.UID) {
		if set.Name == after.Name || v.isUnknown(set) || set.Labels["app"] != name { // one that doesn't match is about to be released
			continue
		}
		for _, pod := range v.podsOf(set) {
			if born := v.server.Since(simulation.Pods, namespace, pod.Name, 0); !podfacts.IsEnded(pod) && simulation.VersionOf(born[len(born)-1].GetResourceVersion()) <= seen(v.pods) {
				v.failf("%s grows to %d though pod %s may still run", after.Name, *after.Spec.Replicas, pod.Name)
			}
		}
	}
}

// checkChange: what a ReplicaSet notes of others stays, its revision only grows, and its size keeps within the limits.
func (p *process) checkChange(before, after *appsv1.ReplicaSet) {
	delete(p.unknown, after.UID) // or the write would be refused
	d, ok := p.owner(after)
	if !ok {
		return
	}
	kept := maps.Clone(before.Annotations)
	for _, key := range []string{revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation, teamAnnotation} {
		delete(kept, key)
	}
	for key, value := range kept {
		if after.Annotations[key] != value {
			p.failf("annotation %s of %s changes from %q to %q", key, after.Name, value, after.Annotations[key])
		}
	}
	if was, is := revisionOf(before.Annotations), revisionOf(after.Annotations); is < was {
		p.failf("the revision of %s goes from %d to %d", after.Name, was, is)
	}
	v := p.viewOf(d)
	switch {
	case *after.Spec.Replicas > *before.Spec.Replicas:
		v.checkGrowth(d, after)
	case *after.Spec.Replicas < *before.Spec.Replicas:
		v.checkLoss(d, after)
	}
}

// checkLoss: a rolling update leaves as many pods available as must be, or takes away none that is. A change of the Deployment's
// size may: it has to keep the proportions.
func (v view) checkLoss(d *appsv1.Deployment, after *appsv1.ReplicaSet) {
	rolls := v.every(func(d *appsv1.Deployment) bool {
		return d.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType && !d.Spec.Paused
	})
	if !rolls || v.isResized(d) || v.lacksTampering() {
		return
	}
	kept, before := int64(0), int64(0)
	sizes := v.sizes(d)
	for _, set := range v.setsOf(d.UID) {
		fewest, most := v.available(set)
		before += min(sizes[set.Name], fewest)
		if set.Name == after.Name {
			sizes[set.Name] = int64(*after.Spec.Replicas)
		}
		kept += min(sizes[set.Name], most)
	}
	if least, _ := v.limits(); kept < min(before, least) {
		v.failf("%s shrinks to %d: %d pods stay available, %d were and at least %d must be: %v", after.Name, *after.Spec.Replicas, kept, before, least, sizes)
	}
}

// lacksTampering reports whether others changed ReplicaSets without the process's knowing it: it may count on pods that they took.
func (v view) lacksTampering() bool {
	for _, at := range v.unknown {
		if at > seen(v.sets) {
			return true
		}
	}
	return false
}

// isResized reports whether the process may think that the Deployment's size has changed since its ReplicaSets were scaled.
func (v view) isResized(d *appsv1.Deployment) bool {
	for _, set := range v.setsOf(d.UID) {
		if cached := v.cached(set); cached != nil && cached.Annotations[desiredAnnotation] != set.Annotations[desiredAnnotation] {
			return true
		}
		same := func(d *appsv1.Deployment) bool {
			return set.Annotations[desiredAnnotation] == strconv.Itoa(int(*d.Spec.Replicas))
		}
		if *set.Spec.Replicas > 0 && !v.every(same) {
			return true
		}
	}
	return false
}

// checkCleanup: only old ReplicaSets go that neither have pods nor are to have any, and not more than the history has too many.
func (p *process) checkCleanup(set *appsv1.ReplicaSet) {
	d, ok := p.owner(set)
	if !ok {
		return
	}
	if *set.Spec.Replicas != 0 || set.Status.Replicas != 0 {
		p.failf("%s is deleted, which has or wants pods", set.Name)
	}
	v := p.viewOf(d)
	if v.every(func(d *appsv1.Deployment) bool { return sameTemplate(&d.Spec.Template, &set.Spec.Template) }) && len(v.states) > 0 {
		p.failf("%s is deleted, which is current", set.Name)
	}
	left, newer := int64(-1), false // all but this one
	for _, other := range p.setsOf(d.UID) {
		left++
		newer = newer || other.UID != set.UID && revisionOf(other.Annotations) >= revisionOf(set.Annotations)
	}
	p.lostHistory = p.lostHistory || !newer // the template has no ReplicaSet yet, and no history is to be kept
	if !v.every(func(d *appsv1.Deployment) bool { return left < int64(*d.Spec.RevisionHistoryLimit) }) {
		return
	}
	p.failf("%s is deleted though only %d others are left", set.Name, left)
}

// sentScaling checks a write of the ReplicaSet controller as far as it concerns Deployments; the rest is checked where that
// controller is simulated alone.
func (p *process) sentScaling(w simulation.Write) {
	if w.Kind == simulation.ReplicaSets && !w.Status {
		p.failf("the replicaset controller changes more than a status")
	}
}

func hasKey(d *appsv1.Deployment, key string) bool {
	_, ok := d.Annotations[key]
	return ok
}

// revisionOf returns the revision that annotations tell, 0 if they tell none.
func revisionOf(annotations map[string]string) int64 {
	n, err := strconv.ParseInt(annotations[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
