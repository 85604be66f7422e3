package replicaset

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// newborns are the last pods that this term made for a ReplicaSet, as long as they are not known to have been ready and no longer than
// the window of a storm. Pods that are deleted as fast as they are made, as from a node that evicts them, leave no other trace.
type newborns []newborn

type newborn struct {
	uid  types.UID
	made time.Time
}

// maxNewborns bounds what is remembered of a ReplicaSet. In a storm that is known it makes half as many within the window.
const maxNewborns = 10 * stormPods

func (n *newborns) add(pod *corev1.Pod, now time.Time) {
	if len(*n) == maxNewborns {
		*n = slices.Delete(*n, 0, 1)
	}
	*n = append(*n, newborn{pod.UID, now})
}

func (n *newborns) forget(pod *corev1.Pod) {
	*n = slices.DeleteFunc(*n, func(one newborn) bool { return one.uid == pod.UID })
}

// review forgets those that were made before the window and those that were ready, and returns how many of the others are gone
// or about to go. Those that have ended and are still there are not among them: they are counted by themselves.
func (n *newborns) review(pods []*corev1.Pod, now time.Time) (lost int) {
	if len(*n) == 0 {
		return 0
	}
	there := n.among(pods)
	*n = slices.DeleteFunc(*n, func(one newborn) bool {
		pod := there[one.uid]
		if now.Sub(one.made) > stormWindow || pod != nil && podfacts.WasReady(pod) {
			return true
		}
		if pod == nil || podfacts.IsTerminating(pod) {
			lost++
		}
		return false
	})
	return lost
}

// among returns those that are among the pods, by UID; the others are nil.
func (n *newborns) among(pods []*corev1.Pod) map[types.UID]*corev1.Pod {
	there := make(map[types.UID]*corev1.Pod, len(*n))
	for _, one := range *n {
		there[one.uid] = nil
	}
	for _, pod := range pods {
		if _, born := there[pod.UID]; born {
			there[pod.UID] = pod
		}
	}
	return there
}
