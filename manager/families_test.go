package manager

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// sibling returns a pod of the owner, none of whose memory is another's.
func sibling(owner types.UID, name string) *corev1.Pod {
	controller := true
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: fmt.Sprint("sh", "op"),
			Labels:          map[string]string{"app": "web"},
			OwnerReferences: []metav1.OwnerReference{{UID: owner, Controller: &controller}},
		},
		Spec: corev1.PodSpec{NodeName: fmt.Sprint("no", "de"), Containers: []corev1.Container{{Name: "app"}}},
	}
}

func sameMemory(a, b any) bool {
	return reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer()
}

func TestPodsOfOneOwnerShareMemory(t *testing.T) {
	s := slimmerFor(t, nil)
	first, other := sibling("owner", "a"), sibling("other", "c")
	other.Labels["app"] = "db"
	relabelled := sibling("owner", "d")
	relabelled.Labels["app"] = "strayed"
	kept := map[string]*corev1.Pod{}
	for _, pod := range []*corev1.Pod{first, sibling("owner", "b"), other, relabelled} {
		want := pod.DeepCopy()
		kept[pod.Name] = mustSlim(t, s, pod).(*corev1.Pod)
		if diff := cmp.Diff(want, kept[pod.Name]); diff != "" {
			t.Errorf("pod %s (-want +got)\n%s", pod.Name, diff)
		}
	}
	for name, want := range map[string][]bool{"b": {true, true, true}, "c": {false, false, false}, "d": {true, false, true}} {
		a, b := kept["a"], kept[name]
		got := []bool{sameMemory(a.OwnerReferences, b.OwnerReferences), sameMemory(a.Labels, b.Labels), sameMemory(a.Spec.Containers, b.Spec.Containers)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("do pods a and %s share owner, labels, containers? (-want +got)\n%s", name, diff)
		}
		if unsafe.StringData(a.Spec.NodeName) != unsafe.StringData(b.Spec.NodeName) {
			t.Errorf("pods a and %s don't share the name of their node", name)
		}
	}
}

func TestPodsThatSayOtherwiseOfTheirOwnerStayApart(t *testing.T) {
	s := slimmerFor(t, nil)
	mustSlim(t, s, sibling("owner", "a"))
	for name, change := range map[string]func(*corev1.Pod){
		"not its controller": func(p *corev1.Pod) { *p.OwnerReferences[0].Controller = false },
		"two owners":         func(p *corev1.Pod) { p.OwnerReferences = append(p.OwnerReferences, metav1.OwnerReference{UID: "b"}) },
		"none":               func(p *corev1.Pod) { p.OwnerReferences = nil },
	} {
		t.Run(name, func(t *testing.T) {
			pod := sibling("owner", "b")
			change(pod)
			if diff := cmp.Diff(pod.DeepCopy(), mustSlim(t, s, pod)); diff != "" {
				t.Errorf("pod (-want +got)\n%s", diff)
			}
		})
	}
}

// An initial list comes by twice: what was made small already must not be copied again, or it takes twice the memory.
func TestPodsAreMadeSmallOnce(t *testing.T) {
	s := slimmerFor(t, controllers.PodFields{})
	once := mustSlim(t, s, sibling("owner", "a"))
	if twice := mustSlim(t, s, once); twice != once {
		t.Error("a pod that is kept already was copied again")
	}
}

func TestFamiliesDieOut(t *testing.T) {
	s := slimmerFor(t, nil)
	survivor := mustSlim(t, s, sibling("survivor", "a")).(*corev1.Pod)
	for i := range 10 * minFamilies {
		mustSlim(t, s, sibling(types.UID(fmt.Sprint(i)), "b"))
		if i%minFamilies == 0 {
			runtime.GC()
		}
	}
	if n := len(s.families.byOwner); n > 3*minFamilies {
		t.Errorf("%d families are remembered of which one has pods, want at most some %d", n, 3*minFamilies)
	}
	if !s.families.has(survivor) {
		t.Error("the family of a pod that lives is forgotten")
	}
	runtime.KeepAlive(survivor)
}

func TestWordsAreBounded(t *testing.T) {
	var w words
	for i := range 3 * maxWords {
		word := fmt.Sprint(i)
		shareWord(&w, &word)
		if word != fmt.Sprint(i) {
			t.Fatalf("word %d became %q", i, word)
		}
	}
	long := string(make([]byte, maxWord+1))
	shareWord(&w, &long)
	if _, ok := w[long]; ok || len(w) > maxWords {
		t.Errorf("%d words are remembered, and a long one: %v; want at most %d, and no long one", len(w), ok, maxWords)
	}
}
