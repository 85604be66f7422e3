package replicaset

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// world is a cluster with one ReplicaSet, its users, its kubelets and the processes that may control it.
type world struct {
	random  *rand.Rand
	now     time.Time
	server  *simulation.Server
	fate    *simulation.Fate
	mutate  func(*simProcess)
	process *simProcess

	// targets is the number of replicas after each change of the ReplicaSet, by its version.
	targets     []target
	removedByUs map[types.UID]bool
	adopted     map[types.UID]int // the how manieth adoption the pod's was
	made        map[string]bool   // names of pods that processes have made
	users       int               // how many pods users have made

	liveReads, writes int
	log               []string
	failure           string
}

type target struct {
	version  int
	replicas int64
}

func newWorld(seed uint64) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 7)), now: epoch(), removedByUs: map[types.UID]bool{}, adopted: map[types.UID]int{}, made: map[string]bool{}, mutate: func(*simProcess) {}}
	w.server = simulation.NewServer(func() time.Time { return w.now })
	w.fate = &simulation.Fate{Random: w.random, Faults: 10}
	rs := newReplicaSet(int32(w.random.IntN(6)))
	if _, err := w.server.Create("replicasets", rs); err != nil {
		panic(err)
	}
	w.note(int64(*rs.Spec.Replicas))
	return w
}

func (w *world) logf(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%s v%s ", w.now.Sub(epoch()), w.server.Version())+fmt.Sprintf(format, args...))
}

func (w *world) failf(format string, args ...any) {
	w.logf("FAILURE: "+format, args...)
	if w.failure == "" {
		w.failure = fmt.Sprintf(format, args...)
	}
}

func (w *world) set() *appsv1.ReplicaSet {
	object, err := w.server.Get("replicasets", "default", "web")
	if err != nil {
		panic(err)
	}
	return object.(*appsv1.ReplicaSet)
}

func (w *world) changeSet(change func(*appsv1.ReplicaSet)) *appsv1.ReplicaSet {
	object, err := w.server.Change("replicasets", "default", "web", func(o simulation.Object) { change(o.(*appsv1.ReplicaSet)) })
	if err != nil {
		panic(err)
	}
	return object.(*appsv1.ReplicaSet)
}

func (w *world) changePod(name string, change func(*corev1.Pod)) *corev1.Pod {
	object, err := w.server.Change("pods", "default", name, func(o simulation.Object) { change(o.(*corev1.Pod)) })
	if err != nil {
		panic(err)
	}
	return object.(*corev1.Pod)
}

// endPod does what the API server does to a pod that is deleted: one that runs nowhere goes at once, the others are told.
func (w *world) endPod(pod *corev1.Pod) {
	if pod.Spec.NodeName == "" || podfacts.IsEnded(pod) {
		_ = w.server.Remove("pods", pod.Namespace, pod.Name) // it is there
		return
	}
	if pod.DeletionTimestamp == nil {
		w.changePod(pod.Name, func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: w.now} })
	}
}

func (w *world) allPods() []*corev1.Pod {
	var pods []*corev1.Pod
	for _, object := range w.server.List("pods") {
		pods = append(pods, object.(*corev1.Pod))
	}
	return pods
}

// counts reports whether the pod is one of the ReplicaSet's replicas.
func (w *world) counts(pod *corev1.Pod) bool {
	return ownership.ControllerUID(pod) == w.set().UID && podfacts.IsActive(pod) && pod.Labels["app"] == "web"
}

// replicas counts the pods, without those that a user has brought back under the selector and the process can't know, and
// without those that were adopted since the request was sent, which may be long ago.
func (w *world) replicas(p *simProcess, adoptions int) int64 {
	var n int64
	for _, pod := range w.allPods() {
		cached := p.cachedPod(pod)
		if w.counts(pod) && (cached == nil || cached.Labels["app"] == "web") && w.adopted[pod.UID] <= adoptions {
			n++
		}
	}
	return n
}

// known returns the pods that are replicas, and those that were according to the process's cache.
func (w *world) known(p *simProcess) map[types.UID]bool {
	known := map[types.UID]bool{}
	for _, pod := range w.allPods() {
		if w.counts(pod) {
			known[pod.UID] = true
		}
	}
	for _, held := range p.pods.Store.List() {
		if pod := held.(*corev1.Pod); w.counts(pod) {
			known[pod.UID] = true
		}
	}
	return known
}

// replicasAndLosses counts the pods, with those that others took away from the ones that the process knew, or that it can't know.
func (w *world) replicasAndLosses(p *simProcess, knew map[types.UID]bool) int64 {
	n := int64(0)
	known := w.known(p)
	maps.Copy(known, knew)
	for uid := range known {
		if !w.removedByUs[uid] {
			n++
		}
	}
	return n
}

func (w *world) note(replicas int64) {
	var version int
	_, _ = fmt.Sscan(w.server.Version(), &version)
	w.targets = append(w.targets, target{version, replicas})
}

// mostWanted and leastWanted return the bounds of what was asked for since the ReplicaSet was as the process sees it.
func (w *world) mostWanted(p *simProcess) int64 {
	most := int64(0)
	for _, replicas := range w.wantedSince(p.setVersion()) {
		most = max(most, replicas)
	}
	return most
}

func (w *world) leastWanted(p *simProcess) int64 {
	least := int64(1 << 40)
	for _, replicas := range w.wantedSince(p.setVersion()) {
		least = min(least, replicas)
	}
	return least
}

func (w *world) wantedSince(version int) []int64 {
	var list []int64
	for i, one := range w.targets {
		if i+1 == len(w.targets) || w.targets[i+1].version > version {
			list = append(list, one.replicas)
		}
	}
	return list
}
