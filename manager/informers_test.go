package manager

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

func testCaches() *caches {
	return newCaches(informers.NewSharedInformerFactory(fake.NewClientset(), 0))
}

func resources(u *usedInformers) []string {
	var names []string
	for _, c := range u.list() {
		names = append(names, c.resource)
	}
	return names
}

func TestEachControllerIsKnownToUseWhatItAskedFor(t *testing.T) {
	all := testCaches()
	a, b := all.user(), all.user()
	a.Core().V1().Pods().Lister()
	a.Apps().V1().ReplicaSets().Informer()
	b.Core().V1().Pods().Informer()
	for _, resource := range []string{"nodes", "pods"} {
		if _, err := b.ForResource(corev1.SchemeGroupVersion.WithResource(resource)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"pods", "replicasets.apps"}, resources(a)); diff != "" {
		t.Errorf("caches of a (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"nodes", "pods"}, resources(b)); diff != "" {
		t.Errorf("caches of b (-want +got)\n%s", diff)
	}
	if all := all.list(); len(all) != 3 {
		t.Errorf("a and b have %d caches together, want 3: pods are shared", len(all))
	}
}

// Without this, an informer of a group that client-go adds would come from the factory directly, and the controller would
// run before that cache is filled.
func TestEveryInformerOfTheFactoryIsNoted(t *testing.T) {
	factory := reflect.TypeFor[informers.SharedInformerFactory]()
	groups := 0
	for i := range factory.NumMethod() {
		method := factory.Method(i)
		if method.Type.NumIn() != 0 || method.Type.NumOut() != 1 || method.Type.Out(0).Kind() != reflect.Interface {
			continue
		}
		groups++
		t.Run(method.Name, func(t *testing.T) {
			u := testCaches().user()
			group := reflect.ValueOf(u).MethodByName(method.Name).Call(nil)[0]
			version := group.Method(0).Call(nil)[0]
			version.Method(0).Call(nil)[0].MethodByName("Informer").Call(nil)
			if len(u.list()) != 1 {
				t.Errorf("an informer of %s() was not noted; add %s to informergroups.go", method.Name, method.Name)
			}
		})
	}
	if groups < 20 {
		t.Errorf("the test found %d groups in the factory; client-go has more", groups)
	}
}
