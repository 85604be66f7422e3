package replicaset

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
)

// rank returns the pods in the order of deletion: those that are missed least go first. Related are the pods that should be
// spread over the nodes together with these; they may be among them.
//
// The order is that of kube-controller-manager where that is one. Its comparison goes round in circles for pods that became
// ready, or were made, in the same second; here those stand together, where the one of them with the least UID would stand.
func rank(pods, related []*corev1.Pod, now time.Time) []*corev1.Pod {
	onNode := map[string]int{}
	for _, pod := range related {
		if podfacts.IsActive(pod) {
			onNode[pod.Spec.NodeName]++
		}
	}
	ready, made := moments{}, moments{}
	for _, pod := range pods {
		since, _ := podfacts.ReadySince(pod)
		ready.add(since, pod.UID)
		made.add(pod.CreationTimestamp.Time, pod.UID)
	}
	ranked := make([]*standing, 0, len(pods))
	for _, pod := range pods {
		s := standingOf(pod, now)
		s.siblings = onNode[pod.Spec.NodeName]
		s.readyGroup, s.madeGroup = ready[s.readySince.UnixNano()], made[pod.CreationTimestamp.UnixNano()]
		ranked = append(ranked, s)
	}
	slices.SortFunc(ranked, (*standing).compare)
	sorted := make([]*corev1.Pod, 0, len(ranked))
	for _, s := range ranked {
		sorted = append(sorted, s.pod)
	}
	return sorted
}

// standing is what decides a pod's place in the order of deletion.
type standing struct {
	pod                  *corev1.Pod
	assigned             int
	phase                int
	ready                int
	cost                 int64
	siblings             int // active pods on the same node
	readySince           time.Time
	readyAge             int
	readyGroup           types.UID
	restarts, sidecarred int32
	madeAge              int
	madeGroup            types.UID
}

func standingOf(pod *corev1.Pod, now time.Time) *standing {
	s := &standing{pod: pod, phase: phaseOrder(pod.Status.Phase), cost: deletionCost(pod)}
	if pod.Spec.NodeName != "" {
		s.assigned = 1
	}
	since, ready := podfacts.ReadySince(pod)
	s.readySince = since
	if ready {
		s.ready, s.readyAge = 1, ageBucket(since, now)
	}
	s.restarts, s.sidecarred = restarts(pod)
	s.madeAge = ageBucket(pod.CreationTimestamp.Time, now)
	return s
}

// compare returns a negative number if s goes before t.
func (s *standing) compare(t *standing) int {
	order := cmp.Or(
		cmp.Compare(s.assigned, t.assigned),
		cmp.Compare(s.phase, t.phase),
		cmp.Compare(s.ready, t.ready),
		cmp.Compare(s.cost, t.cost),
		cmp.Compare(t.siblings, s.siblings),
	)
	if order == 0 && s.ready == 1 {
		order = cmp.Or(cmp.Compare(s.readyAge, t.readyAge), cmp.Compare(s.readyGroup, t.readyGroup))
	}
	return cmp.Or(order,
		cmp.Compare(t.restarts, s.restarts),
		cmp.Compare(t.sidecarred, s.sidecarred),
		cmp.Compare(s.madeAge, t.madeAge),
		cmp.Compare(s.madeGroup, t.madeGroup),
		cmp.Compare(s.pod.UID, t.pod.UID),
	)
}

// moments holds, for each moment, the least UID of the pods that share it.
type moments map[int64]types.UID

func (m moments) add(at time.Time, uid types.UID) {
	if least, ok := m[at.UnixNano()]; !ok || uid < least {
		m[at.UnixNano()] = uid
	}
}

func phaseOrder(phase corev1.PodPhase) int {
	switch phase {
	case corev1.PodRunning:
		return 2
	case corev1.PodUnknown:
		return 1
	}
	return 0
}

// deletionCost returns the value of the pod-deletion-cost annotation, or 0 if there is none or it isn't an int32 as the API
// defines it, which means without plus sign and leading zeros.
func deletionCost(pod *corev1.Pod) int64 {
	text := pod.Annotations[corev1.PodDeletionCost]
	cost, err := strconv.ParseInt(text, 10, 32)
	if err != nil || text[0] == '+' || text[0] == '0' && text != "0" {
		return 0
	}
	return cost
}

// restarts returns the most restarts of a regular container and of a sidecar.
func restarts(pod *corev1.Pod) (regular, sidecar int32) {
	for i := range pod.Status.ContainerStatuses {
		regular = max(regular, pod.Status.ContainerStatuses[i].RestartCount)
	}
	for i := range pod.Status.InitContainerStatuses {
		if status := &pod.Status.InitContainerStatuses[i]; isSidecar(pod, status.Name) {
			sidecar = max(sidecar, status.RestartCount)
		}
	}
	return regular, sidecar
}

func isSidecar(pod *corev1.Pod, container string) bool {
	return slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == container && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	})
}

// ageBucket returns the power of two that an age lies above, so that ages of the same magnitude count as equal. A moment that
// is yet to come is younger than any age, one that isn't known younger still.
func ageBucket(since, now time.Time) int {
	if since.IsZero() {
		return math.MinInt
	}
	return bits.Len64(uint64(max(0, now.Sub(since)))) - 1
}
