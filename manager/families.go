package manager

import (
	"maps"
	"reflect"
	"sync"
	"weak"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// families lets the pods of one owner share the memory of what they have in common, which is most of what is kept of them. Objects
// out of a cache must not be changed, so nobody notices. The zero value is ready for use.
type families struct {
	mu      sync.Mutex
	byOwner map[types.UID]weak.Pointer[family] // guarded by mu
	limit   int                                // guarded by mu: at how many to look for those that have died out
	words   words                              // guarded by mu
}

// family is what was last seen of the pods of an owner, of lists the last that were not empty.
type family struct {
	// owner is the memory of each pod's OwnerReferences. So the family lives as long as one of its pods does, and whether a pod is
	// of the family can be seen from it.
	owner [1]metav1.OwnerReference

	labels, annotations             map[string]string
	initContainers, containers      []corev1.Container
	tolerations                     []corev1.Toleration
	initStatuses, containerStatuses []corev1.ContainerStatus
}

// has reports whether the pod has joined a family.
func (f *families) has(pod *corev1.Pod) bool {
	if len(pod.OwnerReferences) != 1 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	family := f.byOwner[pod.OwnerReferences[0].UID].Value()
	return family != nil && &family.owner[0] == &pod.OwnerReferences[0]
}

// join makes the pod, which nobody else may have yet, share what it can.
func (f *families) join(pod *corev1.Pod) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(pod.OwnerReferences) == 1 {
		if family := f.ofLocked(pod.OwnerReferences[0]); family != nil {
			family.join(pod)
		}
	}
	f.words.shareIn(pod)
}

// ofLocked returns the family of the pods with this owner. It is nil if theirs say something else of the same owner.
func (f *families) ofLocked(owner metav1.OwnerReference) *family {
	one := f.byOwner[owner.UID].Value()
	if one == nil {
		f.makeRoomLocked()
		one = &family{owner: [1]metav1.OwnerReference{owner}}
		f.byOwner[owner.UID] = weak.Make(one)
	}
	if !sameOwner(one.owner[0], owner) {
		return nil
	}
	return one
}

// sameOwner reports whether the references say the same, without the price of reflection.
func sameOwner(a, b metav1.OwnerReference) bool {
	if !ptr.Equal(a.Controller, b.Controller) || !ptr.Equal(a.BlockOwnerDeletion, b.BlockOwnerDeletion) {
		return false
	}
	a.Controller, a.BlockOwnerDeletion = b.Controller, b.BlockOwnerDeletion
	return a == b
}

// minFamilies is how many there are before any are looked for that have died out. After that, it is done whenever they have doubled,
// which costs each pod next to nothing.
const minFamilies = 1024

func (f *families) makeRoomLocked() {
	if f.byOwner == nil {
		f.byOwner, f.limit = map[types.UID]weak.Pointer[family]{}, minFamilies
	}
	if len(f.byOwner) < f.limit {
		return
	}
	for uid, one := range f.byOwner {
		if one.Value() == nil {
			delete(f.byOwner, uid)
		}
	}
	f.limit = max(minFamilies, 2*len(f.byOwner))
}

func (f *family) join(pod *corev1.Pod) {
	pod.OwnerReferences = f.owner[:]
	shareMap(&f.labels, &pod.Labels)
	shareMap(&f.annotations, &pod.Annotations)
	share(&f.initContainers, &pod.Spec.InitContainers)
	share(&f.containers, &pod.Spec.Containers)
	share(&f.tolerations, &pod.Spec.Tolerations)
	share(&f.initStatuses, &pod.Status.InitContainerStatuses)
	share(&f.containerStatuses, &pod.Status.ContainerStatuses)
}

// share gives the pod what the family has if it is the same, and else the family what the pod has. There is nothing to share of an empty
// list.
func share[T any](family, pod *[]T) {
	switch {
	case len(*pod) == 0:
	case reflect.DeepEqual(*family, *pod):
		*pod = *family
	default:
		*family = *pod
	}
}

// shareMap is share without the price of reflection. It takes an empty map for none.
func shareMap(family, pod *map[string]string) {
	if maps.Equal(*family, *pod) {
		*pod = *family
	} else {
		*family = *pod
	}
}
