package together

import (
	"fmt"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// world is a cluster with one Deployment, its users, its kubelets, and the processes that lead one of the controllers or both.
type world struct {
	seed   uint64
	random *rand.Rand
	now    time.Time
	server *simulation.Server
	// rolls and scales are the processes that lead the controllers deployment and replicaset; maybe one process is both.
	rolls, scales *process
	apart         bool
	// calm says that nobody but the controllers touches ReplicaSets and pods, and that pods fail only by their image.
	calm bool
	// faults is how many writes out of 100 go wrong.
	faults int
	// mistake changes what processes are made of.
	mistake mistake

	// unknown are the versions at which others than the leading Deployment controller changed ReplicaSets; tampered are those that
	// users have changed.
	unknown  map[types.UID]int
	tampered map[types.UID]bool
	// scaled are the versions at which users changed the size of ReplicaSets.
	scaled map[types.UID]int
	// lostHistory says that revisions may be used again, because their ReplicaSets are gone.
	lostHistory bool
	made        int // how many things users have made
	log         []string
	failure     string
}

const (
	namespace = "default"
	name      = "web"
)

func epoch() time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
}

func ptr[T any](value T) *T { return &value }

func newWorld(seed uint64) *world {
	w := &world{seed: seed, random: rand.New(rand.NewPCG(seed, 11)), now: epoch(), unknown: map[types.UID]int{}, tampered: map[types.UID]bool{}, scaled: map[types.UID]int{}}
	w.server = simulation.NewServer(func() time.Time { return w.now })
	w.faults = []int{2, 8, 20}[w.random.IntN(3)]
	w.apart, w.calm = w.random.IntN(3) == 0, w.random.IntN(4) == 0
	w.create(simulation.Deployments, w.newDeployment())
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

func (w *world) version() int {
	return simulation.VersionOf(w.server.Version())
}

func (w *world) create(kind string, object simulation.Object) simulation.Object {
	created, err := w.server.Create(kind, object)
	if err != nil {
		panic(err)
	}
	return created
}

// deployment returns the Deployment. It is always there: who deletes it makes another.
func (w *world) deployment() *appsv1.Deployment {
	object, err := w.server.Get(simulation.Deployments, namespace, name)
	if err != nil {
		panic(err)
	}
	return object.(*appsv1.Deployment)
}

// changeDeployment changes the Deployment as its users do.
func (w *world) changeDeployment(change func(*appsv1.Deployment)) {
	_, err := w.server.Change(simulation.Deployments, namespace, name, func(o simulation.Object) {
		change(o.(*appsv1.Deployment))
		o.SetGeneration(o.GetGeneration() + 1)
	})
	if err != nil {
		panic(err)
	}
}

// touch changes a ReplicaSet as others than our controllers do.
func (w *world) touch(set *appsv1.ReplicaSet, change func(*appsv1.ReplicaSet)) {
	_, err := w.server.Change(simulation.ReplicaSets, namespace, set.Name, func(o simulation.Object) {
		changed := o.(*appsv1.ReplicaSet)
		if change(changed); *changed.Spec.Replicas != *set.Spec.Replicas {
			changed.Generation++
			w.scaled[set.UID] = w.version() + 1
		}
	})
	if err != nil {
		panic(err)
	}
	w.tampers(set)
}

// tampers records that users have changed the ReplicaSet.
func (w *world) tampers(set *appsv1.ReplicaSet) {
	w.unknown[set.UID], w.tampered[set.UID] = w.version(), true
}

func (w *world) changePod(pod *corev1.Pod, change func(*corev1.Pod)) {
	_, err := w.server.Change(simulation.Pods, namespace, pod.Name, func(o simulation.Object) { change(o.(*corev1.Pod)) })
	if err != nil {
		panic(err)
	}
}

// deletePod does what the API server does when somebody deletes a pod.
func (w *world) deletePod(pod *corev1.Pod) {
	if told := simulation.Deleted(pod, w.now); told == nil {
		w.remove(simulation.Pods, pod)
	} else if _, err := w.server.Put(simulation.Pods, told); err != nil {
		panic(err)
	}
}

func (w *world) remove(kind string, object simulation.Object) {
	if err := w.server.Remove(kind, namespace, object.GetName()); err != nil {
		panic(err)
	}
}

func (w *world) replicaSets() []*appsv1.ReplicaSet {
	return all[*appsv1.ReplicaSet](w.server, simulation.ReplicaSets)
}

func (w *world) pods() []*corev1.Pod {
	return all[*corev1.Pod](w.server, simulation.Pods)
}

func all[T simulation.Object](server *simulation.Server, kind string) []T {
	var list []T
	for _, object := range server.List(kind) {
		list = append(list, object.(T))
	}
	return list
}

// setsOf returns the ReplicaSets of an owner.
func (w *world) setsOf(owner types.UID) []*appsv1.ReplicaSet {
	var own []*appsv1.ReplicaSet
	for _, set := range w.replicaSets() {
		if ownership.ControllerUID(set) == owner {
			own = append(own, set)
		}
	}
	return own
}

// podsOf returns the pods of a ReplicaSet.
func (w *world) podsOf(set *appsv1.ReplicaSet) []*corev1.Pod {
	var own []*corev1.Pod
	for _, pod := range w.pods() {
		if ownership.ControllerUID(pod) == set.UID {
			own = append(own, pod)
		}
	}
	return own
}
