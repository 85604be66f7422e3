package integration

import (
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// census counts the pods of a namespace as a watch tells of them, one change at a time: what it has not seen was not there.
type census struct {
	mu        sync.Mutex
	active    map[types.UID]bool      // guarded by mu: neither ended nor about to go
	made      map[types.UID]bool      // guarded by mu
	deleted   map[types.UID]bool      // guarded by mu: with a deletionTimestamp, or gone
	births    []time.Time             // guarded by mu: by our clock, when the watch told of them
	most      int                     // guarded by mu: active at once since the last call of reset
	ready     map[types.UID]bool      // guarded by mu: active and ready
	least     int                     // guarded by mu: ready at once since the last call of reset
	ownership int                     // guarded by mu: changes of a pod's controller
	owners    map[types.UID]types.UID // guarded by mu
	broken    bool                    // guarded by mu: something was missed
}

// count watches the pods of the namespace until the test ends. There must be none yet.
func count(t *testing.T, client kubernetes.Interface, ns string) *census {
	t.Helper()
	list, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) > 0 {
		t.Fatalf("%d pods in namespace %s", len(list.Items), ns)
	}
	c := &census{
		active: map[types.UID]bool{}, made: map[types.UID]bool{}, deleted: map[types.UID]bool{}, owners: map[types.UID]types.UID{},
		ready: map[types.UID]bool{},
	}
	follow(t, list.ResourceVersion, client.CoreV1().Pods(ns).Watch, c.note)
	return c
}

func (c *census) note(event watch.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	pod, ok := event.Object.(*corev1.Pod)
	if !ok {
		c.broken = c.broken || event.Type == watch.Error
		return
	}
	if !c.made[pod.UID] {
		c.made[pod.UID] = true
		c.births = append(c.births, time.Now())
	}
	var owner types.UID
	if ref := metav1.GetControllerOf(pod); ref != nil {
		owner = ref.UID
	}
	if before, known := c.owners[pod.UID]; known && before != owner {
		c.ownership++
	}
	c.owners[pod.UID] = owner
	if event.Type == watch.Deleted || pod.DeletionTimestamp != nil {
		c.deleted[pod.UID] = true
	}
	if c.deleted[pod.UID] || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		delete(c.active, pod.UID)
	} else {
		c.active[pod.UID] = true
	}
	c.most = max(c.most, len(c.active))
	if c.active[pod.UID] && isReady(pod) {
		c.ready[pod.UID] = true
	} else {
		delete(c.ready, pod.UID)
	}
	c.least = min(c.least, len(c.ready))
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// tally is what a census has counted.
type tally struct {
	Active, Most, Made, Deleted int
}

func (c *census) tally(t *testing.T) tally {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		t.Fatal("the watch of pods has missed something")
	}
	return tally{len(c.active), c.most, len(c.made), len(c.deleted)}
}

// reset makes Most and leastReady begin anew.
func (c *census) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most, c.least = len(c.active), len(c.ready)
}

// leastReady returns how few pods were ready at once since the last call of reset.
func (c *census) leastReady() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.least
}

// mostMadeWithin returns how many pods were made within any such time, at the most.
func (c *census) mostMadeWithin(window time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	most, first := 0, 0
	for last := range c.births {
		for c.births[last].Sub(c.births[first]) > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func (c *census) changesOfOwner() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ownership
}
