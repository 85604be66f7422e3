package controllertest

import (
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// podCache returns what makes of a pod what the controller's cache holds of it.
func (c candidate) podCache() (func(*corev1.Pod) *corev1.Pod, error) {
	if c.cached != nil {
		return c.cached, nil
	}
	copyFields, err := c.descriptor().Pods.Copier()
	return func(pod *corev1.Pod) *corev1.Pod {
		kept := &corev1.Pod{}
		copyFields(kept, pod)
		return kept
	}, err
}

func onPods(change func(*corev1.Pod) *corev1.Pod) cache.TransformFunc {
	return func(object any) (any, error) {
		if pod, ok := object.(*corev1.Pod); ok {
			return change(pod), nil
		}
		return object, nil
	}
}

// Disguise returns a pod that has the fields of the given one, and in all other fields something invented. To a controller that declares
// the fields both are the same, so that tests of what it decides may put one in the other's place. It panics if pods have no such field.
func Disguise(pod *corev1.Pod, fields controllers.PodFields) *corev1.Pod {
	copyFields, err := fields.Copier()
	if err != nil {
		panic(err)
	}
	disguised := invented(pod)
	copyFields(disguised, pod)
	return disguised
}

// podsDeclaresReads runs the controller on pods that lack what it doesn't declare, then on whole ones, and then on pods that have
// something else there. If it reads nothing of that, it does the same each time.
func podsDeclaresReads(t *testing.T, c candidate, r *report) {
	fields := c.descriptor().Pods
	if fields == nil {
		return // it may read all
	}
	if !slices.ContainsFunc(c.objects, hasPods) {
		r.note("Pods declares what is read of pods, and there are none: give Run some, on which the controller has something to do")
		return
	}
	for _, other := range worlds() {
		d := c.compare(t, fields, other)
		if d.err != nil {
			r.breach("%v", d.err)
			return
		}
		if !d.isEmpty() {
			r.breach("Pods doesn't declare %s of pods, of which Run reads something: it does otherwise when %s is there in the cache\n%s", c.culprit(t, fields, other), other.have, d)
			return
		}
	}
}

func hasPods(object runtime.Object) bool {
	found := false
	_ = eachPod(object, func(*corev1.Pod) error { // fails for no object of the scheme
		found = true
		return nil
	})
	return found
}

// world is what the pods in a cache have in fields that are not declared.
type world struct {
	have string
	pod  func(*corev1.Pod) *corev1.Pod
}

func worlds() []world {
	return []world{
		{"what the API server has", (*corev1.Pod).DeepCopy},
		{"something invented", invented},
	}
}

// compare compares what is seen of the controller when its cache lacks what is not among the fields, and when it has what the other
// world has there.
func (c candidate) compare(t *testing.T, fields controllers.PodFields, other world) difference {
	copyFields, err := fields.Copier()
	if err != nil {
		return difference{err: err}
	}
	in := func(rest func(*corev1.Pod) *corev1.Pod) candidate {
		c.cached = func(pod *corev1.Pod) *corev1.Pod {
			kept := rest(pod)
			copyFields(kept, pod)
			return kept
		}
		return c
	}
	return differ(t, in(func(*corev1.Pod) *corev1.Pod { return &corev1.Pod{} }), in(other.pod))
}

// culprit returns a field that makes the difference. All fields before it may be declared, and the difference remains; with it, it is
// gone.
func (c candidate) culprit(t *testing.T, fields controllers.PodFields, other world) string {
	all := paths()
	n := sort.Search(len(all), func(n int) bool {
		d := c.compare(t, slices.Concat(fields, all[:n+1]), other)
		return d.err == nil && d.isEmpty()
	})
	if n == len(all) {
		return "a field"
	}
	return all[n]
}

// paths returns the fields of metadata, spec and status.
func paths() (all []string) {
	for _, part := range []struct {
		name string
		of   reflect.Type
	}{
		{"metadata", reflect.TypeFor[corev1.Pod]().Field(1).Type}, {"spec", reflect.TypeFor[corev1.PodSpec]()}, {"status", reflect.TypeFor[corev1.PodStatus]()},
	} {
		for _, f := range reflect.VisibleFields(part.of) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, part.name+"."+name)
		}
	}
	return all
}
