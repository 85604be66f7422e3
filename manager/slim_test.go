package manager

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// slimmerFor returns a slimmer for controllers that read these fields of pods.
func slimmerFor(t testing.TB, fields ...controllers.PodFields) *slimmer {
	t.Helper()
	s := &slimmer{}
	var all []*hosted
	for _, one := range fields {
		used := testCaches().user()
		used.Core().V1().Pods().Informer()
		all = append(all, &hosted{descriptor: controllers.Descriptor{Pods: one}, informers: used})
	}
	if err := s.keep(all); err != nil {
		t.Fatal(err)
	}
	return s
}

func mustSlim(t testing.TB, s *slimmer, object any) any {
	t.Helper()
	kept, err := s.slim(object)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// applied returns the metadata of an object that was made by kubectl apply, and what is to be kept of it.
func applied() (all, kept metav1.ObjectMeta) {
	all = metav1.ObjectMeta{
		Name:          "a",
		Annotations:   map[string]string{corev1.LastAppliedConfigAnnotation: "{}", "keep": "me"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
	}
	return all, metav1.ObjectMeta{Name: "a", Annotations: map[string]string{"keep": "me"}}
}

func TestSlimDropsManagedFieldsAndLastApplied(t *testing.T) {
	all, kept := applied()
	for _, tc := range []struct{ object, want any }{
		{&corev1.Pod{ObjectMeta: all}, &corev1.Pod{ObjectMeta: kept}},
		{&appsv1.ReplicaSet{ObjectMeta: all}, &appsv1.ReplicaSet{ObjectMeta: kept}},
	} {
		if diff := cmp.Diff(tc.want, mustSlim(t, slimmerFor(t, nil), tc.object)); diff != "" {
			t.Errorf("slim (-want +got)\n%s", diff)
		}
		if len(all.Annotations) != 2 {
			t.Error("slim changed a map that others may hold")
		}
	}
}

func TestSlimLeavesTombstones(t *testing.T) {
	tombstone := cache.DeletedFinalStateUnknown{Key: "a/b"}
	if got := mustSlim(t, slimmerFor(t, nil), tombstone); got != tombstone {
		t.Errorf("slim(%v) = %v", tombstone, got)
	}
}

func TestPodsAreKeptAsDeclared(t *testing.T) {
	whole := func() *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"app": "web"}},
			Spec:       corev1.PodSpec{NodeName: "node", Hostname: "host"},
			Status:     corev1.PodStatus{Phase: corev1.PodRunning},
		}
	}
	for _, tc := range []struct {
		name   string
		fields []controllers.PodFields
		lacks  func(*corev1.Pod)
	}{
		{"by nobody, for nobody reads them", nil, func(p *corev1.Pod) { p.Labels, p.Spec, p.Status = nil, corev1.PodSpec{}, corev1.PodStatus{} }},
		{"by one", []controllers.PodFields{{"metadata.labels"}}, func(p *corev1.Pod) { p.Spec, p.Status = corev1.PodSpec{}, corev1.PodStatus{} }},
		{"by two", []controllers.PodFields{{"spec.nodeName", "status"}, {"metadata.labels"}}, func(p *corev1.Pod) { p.Spec.Hostname = "" }},
		{"by one of two", []controllers.PodFields{{"spec.nodeName"}, nil}, func(*corev1.Pod) {}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pod, want := whole(), whole()
			tc.lacks(want)
			if diff := cmp.Diff(want, mustSlim(t, slimmerFor(t, tc.fields...), pod)); diff != "" {
				t.Errorf("kept (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(whole(), pod); diff != "" {
				t.Errorf("the pod was changed, which may be in the cache (-want +got)\n%s", diff)
			}
		})
	}
}

func TestControllersWithoutPodsDontMatterToTheirCache(t *testing.T) {
	s := &slimmer{}
	reader := testCaches().user()
	reader.Core().V1().Pods().Informer()
	err := s.keep([]*hosted{
		{descriptor: controllers.Descriptor{Pods: controllers.PodFields{"metadata.labels"}}, informers: reader},
		{informers: testCaches().user()}, // declares nothing
	})
	if err != nil {
		t.Fatal(err)
	}
	got := mustSlim(t, s, &corev1.Pod{Spec: corev1.PodSpec{Hostname: "host"}})
	if diff := cmp.Diff(&corev1.Pod{}, got); diff != "" {
		t.Errorf("kept (-want +got)\n%s", diff)
	}
}
