package integration

import (
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// asked adds up what the ReplicaSets of a namespace ask for. How many pods there are follows from it with a delay, and more of
// them for a moment where the ReplicaSet that grows is faster than the one that shrinks, under kube-controller-manager as well.
type asked struct {
	mu       sync.Mutex
	replicas map[types.UID]int // guarded by mu
	most     int               // guarded by mu: at once
}

// askedFor watches the ReplicaSets of the namespace until the test ends. There must be none yet.
func askedFor(t *testing.T, client kubernetes.Interface, ns string) *asked {
	t.Helper()
	list, err := client.AppsV1().ReplicaSets(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a := &asked{replicas: map[types.UID]int{}}
	follow(t, list.ResourceVersion, client.AppsV1().ReplicaSets(ns).Watch, a.note)
	return a
}

func (a *asked) note(event watch.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	set, ok := event.Object.(*appsv1.ReplicaSet)
	if !ok {
		return
	}
	a.replicas[set.UID] = int(*set.Spec.Replicas)
	if event.Type == watch.Deleted {
		delete(a.replicas, set.UID)
	}
	a.most = max(a.most, a.sumLocked())
}

func (a *asked) sumLocked() int {
	sum := 0
	for _, n := range a.replicas {
		sum += n
	}
	return sum
}

// atMost returns how many replicas were asked for at once at the most.
func (a *asked) atMost() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.most
}
