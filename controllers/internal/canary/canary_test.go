package canary_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/canary"
)

func name() cache.ObjectName { return cache.NewObjectName("locks", "wheelhouse-canary-sets") }

// object returns a canary, the API server for it, and its cache.
func object(objects ...*appsv1.ReplicaSet) (canary.Object[*appsv1.ReplicaSet], *fake.Clientset, cache.Store) {
	api, store := fake.NewClientset(), cache.NewStore(cache.MetaNamespaceKeyFunc)
	for _, rs := range objects {
		_ = api.Tracker().Add(rs)
		_ = store.Add(rs)
	}
	return canary.Object[*appsv1.ReplicaSet]{
		New: &appsv1.ReplicaSet{
			ObjectMeta: canary.Meta(name(), "sets"),
			Spec:       appsv1.ReplicaSetSpec{Selector: canary.Selector("sets"), Template: canary.Template("sets")},
		},
		API: api.AppsV1().ReplicaSets("locks"), Store: store,
		Observed: func(rs *appsv1.ReplicaSet) int64 { return rs.Status.ObservedGeneration },
	}, api, store
}

func existing() *appsv1.ReplicaSet {
	stamp := func(second int64) *metav1.Time { return &metav1.Time{Time: time.Unix(second, 0)} }
	rs := &appsv1.ReplicaSet{ObjectMeta: canary.Meta(name(), "sets")}
	rs.Generation, rs.Status.ObservedGeneration = 5, 4
	rs.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "late", Time: stamp(9), Subresource: "status"},
		{Manager: "early", Time: stamp(3), Subresource: "status"},
		{Manager: "wheelhouse", Time: stamp(12)},
	}
	return rs
}

func stored(t *testing.T, api *fake.Clientset) *appsv1.ReplicaSet {
	t.Helper()
	rs, err := api.AppsV1().ReplicaSets("locks").Get(t.Context(), name().Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func TestCreate(t *testing.T) {
	o, api, store := object()
	if _, ok := o.Cached(); ok {
		t.Error("an empty cache has the canary")
	}
	if _, err := o.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	rs := stored(t, api)
	if diff := cmp.Diff(map[string]string{"wheelhouse.dev/canary": "sets"}, rs.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if err := store.Add(rs); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.Cached(); !ok {
		t.Error("the cache doesn't have the canary")
	}
	if _, err := o.Create(t.Context()); err == nil {
		t.Error("it is created twice")
	}
}

func TestRead(t *testing.T) {
	o, _, _ := object(existing())
	got, err := o.Read(t.Context())
	want := controllers.Sighting{Generation: 5, Observed: 4, Labels: map[string]string{"wheelhouse.dev/canary": "sets"}, Observer: "late"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Read: %v (-want +got):\n%s", err, diff)
	}
}

func TestRenewChangesTheSpec(t *testing.T) {
	o, api, _ := object(existing())
	before := int32(0)
	for range 3 {
		if _, err := o.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := stored(t, api).Spec.MinReadySeconds
		if now == before || now < 0 {
			t.Errorf("minReadySeconds was %d and is %d, want another that is valid", before, now)
		}
		before = now
	}
}

func TestLabelLeavesTheOthers(t *testing.T) {
	o, api, _ := object(existing())
	if _, err := o.Label(t.Context(), "wheelhouse.dev/unobserved", "5"); err != nil {
		t.Fatal(err)
	}
	want := existing()
	want.Labels["wheelhouse.dev/unobserved"] = "5"
	got := stored(t, api)
	if diff := cmp.Diff(want.Labels, got.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Spec, got.Spec); diff != "" {
		t.Errorf("spec (-want +got):\n%s", diff)
	}
}

func TestErrorsNameTheCanary(t *testing.T) {
	o, _, _ := object()
	for verb, call := range map[string]func(context.Context) (controllers.Sighting, error){"read": o.Read, "patch": o.Renew} {
		_, err := call(t.Context())
		want := verb + ` the canary locks/wheelhouse-canary-sets: replicasets.apps "wheelhouse-canary-sets" not found`
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
