package deployment

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/soonest"
)

// countPods takes the census of each ReplicaSet: of its pods where they are observed, else as its status tells it. The pods tell
// earlier: the status is written on account of them, and comes back only then.
func (r *rollout) countPods(sets []*appsv1.ReplicaSet) {
	for _, set := range sets {
		r.census[set.UID] = r.censusOf(set)
	}
}

func (r *rollout) censusOf(set *appsv1.ReplicaSet) podfacts.Census {
	pods, observed := r.pods[set.UID]
	if observed && len(pods) == 0 { // as of all the history, whose selectors need not be read
		return podfacts.Census{}
	}
	selector, err := ownership.Selector(set.Spec.Selector)
	if !observed || err != nil {
		return censusIn(set.Status)
	}
	return podfacts.Count(matching(selector, pods), set.Spec.MinReadySeconds, r.now)
}

// matching returns the pods that the selector selects. Others are about to be released from their ReplicaSet.
func matching(selector labels.Selector, pods []*corev1.Pod) []*corev1.Pod {
	own := make([]*corev1.Pod, 0, len(pods))
	for _, pod := range pods {
		if selector.Matches(labels.Set(pod.Labels)) {
			own = append(own, pod)
		}
	}
	return own
}

// censusIn returns the census that the status tells.
func censusIn(status appsv1.ReplicaSetStatus) podfacts.Census {
	c := podfacts.Census{Replicas: int(status.Replicas), Ready: int(status.ReadyReplicas), Available: int(status.AvailableReplicas)}
	if status.TerminatingReplicas != nil {
		c.Terminating = int(*status.TerminatingReplicas)
	}
	return c
}

// recount is when to count again pods of which a ReplicaSet's status tells something else: the cache of pods may be behind it.
const recount = 5 * time.Second

// untilRecount returns when pods may count otherwise though nothing tells: the next one becomes available, or the cache shows what a
// status has told already. 0 means never.
func (r *rollout) untilRecount() time.Duration {
	var next time.Duration
	for _, set := range r.all() {
		census, told := r.census[set.UID], censusIn(set.Status)
		next = soonest.Of(next, census.UntilAvailable)
		told.UntilAvailable = census.UntilAvailable
		if set.Status.TerminatingReplicas == nil {
			told.Terminating = census.Terminating
		}
		if census != told {
			next = soonest.Of(next, recount)
		}
	}
	return next
}
