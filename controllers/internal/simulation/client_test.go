package simulation_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/apifault"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/jsonpatch"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// newClient returns a client of a server that holds the ReplicaSet.
func newClient(t *testing.T, set *appsv1.ReplicaSet) (simulation.Client, *appsv1.ReplicaSet) {
	t.Helper()
	server := simulation.NewServer(func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) })
	created, err := server.Create(simulation.ReplicaSets, set)
	if err != nil {
		t.Fatal(err)
	}
	return simulation.Client{Server: server, Fate: &simulation.Fate{Random: rand.New(rand.NewPCG(1, 1))}}, created.(*appsv1.ReplicaSet)
}

func newSet(annotations map[string]string) *appsv1.ReplicaSet {
	one := int32(1)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: annotations, Labels: map[string]string{"app": "web"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: "n", UID: "n"}}},
		Spec: appsv1.ReplicaSetSpec{Replicas: &one},
	}
}

// TestPatches compares what the model makes of our patches with what the fake clientset does, which goes by way of all the JSON.
func TestPatches(t *testing.T) {
	owner := *metav1.NewControllerRef(&metav1.ObjectMeta{Name: "d", UID: "d"}, appsv1.SchemeGroupVersion.WithKind("Deployment"))
	patch := func(fill func(*jsonpatch.Patch, *appsv1.ReplicaSet)) func(*appsv1.ReplicaSet) ([]byte, error) {
		return func(set *appsv1.ReplicaSet) ([]byte, error) {
			p := jsonpatch.For(set)
			fill(p, set)
			return p.Bytes()
		}
	}
	for _, tc := range []struct {
		name        string
		annotations map[string]string
		kind        types.PatchType
		patch       func(*appsv1.ReplicaSet) ([]byte, error)
		status      []string
	}{
		{name: "scale", kind: types.JSONPatchType, patch: patch(func(p *jsonpatch.Patch, set *appsv1.ReplicaSet) {
			p.IfSpecOf(set)
			p.Set(3, "spec", "replicas")
			p.Set(7, "spec", "minReadySeconds")
		})},
		{name: "first annotations", kind: types.JSONPatchType, patch: patch(func(p *jsonpatch.Patch, set *appsv1.ReplicaSet) {
			p.Annotate(set, map[string]string{"a/b~c": "1", "d": "2"})
		})},
		{name: "annotations", annotations: map[string]string{"d": "1", "e": "1", "f": "1"}, kind: types.JSONPatchType, patch: patch(func(p *jsonpatch.Patch, set *appsv1.ReplicaSet) {
			p.Reannotate(set, map[string]string{"a/b~c": "1", "d": "2", "f": "1"})
		})},
		{name: "status", kind: types.JSONPatchType, status: []string{"status"}, patch: patch(func(p *jsonpatch.Patch, _ *appsv1.ReplicaSet) {
			p.Set(3, "status", "replicas")
			p.Set([]appsv1.ReplicaSetCondition{{Type: "x", Status: "True"}}, "status", "conditions")
		})},
		{name: "adopt", kind: types.StrategicMergePatchType, patch: func(set *appsv1.ReplicaSet) ([]byte, error) { return ownership.AdoptPatch(owner, set.UID) }},
		{name: "release", kind: types.StrategicMergePatchType, patch: func(set *appsv1.ReplicaSet) ([]byte, error) { return ownership.ReleasePatch("n", set.UID) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			model, set := newClient(t, newSet(tc.annotations))
			text, err := tc.patch(set)
			if err != nil {
				t.Fatal(err)
			}
			var results []*appsv1.ReplicaSet
			for _, client := range []kubernetes.Interface{fake.NewClientset(set), model} {
				patched, err := client.AppsV1().ReplicaSets("default").Patch(t.Context(), "web", tc.kind, text, metav1.PatchOptions{}, tc.status...)
				if err != nil {
					t.Fatal(err)
				}
				results = append(results, patched)
			}
			ignored := cmpopts.IgnoreFields(metav1.ObjectMeta{}, "ResourceVersion", "Generation", "ManagedFields")
			if diff := cmp.Diff(results[0], results[1], ignored, cmpopts.EquateEmpty(), cmpopts.IgnoreTypes(metav1.TypeMeta{})); diff != "" {
				t.Errorf("the fake clientset's result (-) and the model's (+):\n%s", diff)
			}
		})
	}
}

// TestRefusedPatches checks what the fake clientset doesn't do.
func TestRefusedPatches(t *testing.T) {
	for _, tc := range []struct {
		name string
		fill func(*jsonpatch.Patch, *appsv1.ReplicaSet)
	}{
		{"another generation", func(p *jsonpatch.Patch, set *appsv1.ReplicaSet) {
			other := set.DeepCopy()
			other.Generation = 9
			p.IfSpecOf(other)
		}},
		{"an annotation beside none", func(p *jsonpatch.Patch, _ *appsv1.ReplicaSet) { p.Set("1", "metadata", "annotations", "a") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			model, set := newClient(t, newSet(nil))
			p := jsonpatch.For(set)
			tc.fill(p, set)
			text, err := p.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := model.AppsV1().ReplicaSets("default").Patch(t.Context(), "web", types.JSONPatchType, text, metav1.PatchOptions{}); !apifault.IsFailedTest(err) {
				t.Errorf("error %v, want that of a test that failed", err)
			}
		})
	}
}

func TestGenerationAndVersion(t *testing.T) {
	model, set := newClient(t, newSet(nil))
	scale := func(replicas int32) *appsv1.ReplicaSet {
		p := jsonpatch.For(set)
		p.Set(replicas, "spec", "replicas")
		text, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		patched, err := model.AppsV1().ReplicaSets("default").Patch(t.Context(), "web", types.JSONPatchType, text, metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return patched
	}
	same, other := scale(1), scale(2)
	if diff := cmp.Diff([]any{set.ResourceVersion, int64(1), int64(2)}, []any{same.ResourceVersion, same.Generation, other.Generation}); diff != "" || other.ResourceVersion == same.ResourceVersion {
		t.Errorf("version and generations (-want +got):\n%s", diff)
	}
}

func TestDeletion(t *testing.T) {
	model, set := newClient(t, newSet(nil))
	old := metav1.NewUIDPreconditions(string(set.UID))
	old.ResourceVersion = ptr("0")
	err := model.AppsV1().ReplicaSets("default").Delete(t.Context(), "web", metav1.DeleteOptions{Preconditions: old})
	if !apierrors.IsConflict(err) {
		t.Errorf("deletion of an older version: %v, want a conflict", err)
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p"}, Spec: corev1.PodSpec{NodeName: "n"}}
	if _, err := model.Server.Create(simulation.Pods, pod); err != nil {
		t.Fatal(err)
	}
	if err := model.CoreV1().Pods("default").Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	told, err := model.CoreV1().Pods("default").Get(t.Context(), "p", metav1.GetOptions{})
	if err != nil || told.DeletionTimestamp == nil {
		t.Errorf("pod that runs after its deletion: %v, %v; want it told to end", told, err)
	}
}

func ptr[T any](value T) *T { return &value }
