package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// cachesOf returns caches that hold the objects.
func cachesOf(t *testing.T, objects ...any) caches {
	t.Helper()
	indexers := ownerindex.Indexers()
	indexers[cache.NamespaceIndex] = cache.MetaNamespaceIndexFunc
	c := caches{
		deployments: cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers),
		replicaSets: cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers),
		pods:        cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers),
	}
	for _, object := range objects {
		store := c.pods
		switch object.(type) {
		case *appsv1.Deployment:
			store = c.deployments
		case *appsv1.ReplicaSet:
			store = c.replicaSets
		}
		if err := store.Add(object); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestKeysOfPodChange(t *testing.T) {
	set, other := newSet("new", 0, 3, 3), newSet("other", 0, 1, 1, func(set *appsv1.ReplicaSet) { set.OwnerReferences[0].Name = "db" })
	c := cachesOf(t, newDeployment(3, recreate), newDeployment(1, recreate, func(d *appsv1.Deployment) { d.Name = "db" }), set, other)
	pod := func(changes ...func(*corev1.Pod)) any {
		pod := readyPod(set, 1)
		for i, change := range changes {
			pod.ResourceVersion = string(rune('2' + i))
			change(pod)
		}
		return pod
	}
	of := func(set *appsv1.ReplicaSet) func(*corev1.Pod) {
		return func(p *corev1.Pod) { p.OwnerReferences = newPod(set).OwnerReferences }
	}
	unready := func(p *corev1.Pod) { p.Status.Conditions = nil }
	moved := func(p *corev1.Pod) { p.Spec.NodeName = "b" }
	nobodys := func(p *corev1.Pod) { p.OwnerReferences = nil }
	remade := func(p *corev1.Pod) { p.OwnerReferences[0].UID = "another" }
	for _, tc := range []struct {
		name          string
		before, after any
		want          []string
	}{
		{"made", nil, pod(), []string{"web"}},
		{"gone", pod(), nil, []string{"web"}},
		{"a resync", pod(), pod(), nil},
		{"on a node", pod(), pod(moved), nil},
		{"not ready any more", pod(), pod(unready), []string{"web"}},
		{"ended", pod(), pod(ended), []string{"web"}},
		{"told to end", pod(), pod(terminated), []string{"web"}},
		{"with other labels", pod(), pod(unlabeled), []string{"web"}},
		{"released", pod(), pod(nobodys), []string{"web"}},
		{"adopted", pod(nobodys), pod(asMade, asMade), []string{"web"}},
		{"of another owner", pod(), pod(of(other)), []string{"web", "db"}},
		{"of a ReplicaSet that is gone", pod(), pod(remade), []string{"web"}},
		{"of nobody", nil, pod(nobodys), nil},
		{"of another Deployment", nil, pod(of(other)), []string{"db"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var want []worker.Key
			for _, name := range tc.want {
				want = append(want, worker.Key{Namespace: metav1.NamespaceDefault, Name: name})
			}
			if diff := cmp.Diff(want, c.keysOfPodChange(tc.before, tc.after)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoesByPods(t *testing.T) {
	for _, tc := range []struct {
		name string
		sets []any
		want bool
	}{
		{"no ReplicaSet", nil, false},
		{"one", []any{newSet("new", 0, 3, 3)}, false},
		{"one beside its history", []any{newSet("new", 0, 3, 3), newSet("old", time.Hour, 0, 3)}, false},
		{"two", []any{newSet("new", 0, 1, 3), newSet("old", time.Hour, 2, 3)}, true},
		{"one beside somebody else's", []any{newSet("new", 0, 1, 3), newSet("old", time.Hour, 2, 3, foreign)}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := cachesOf(t, tc.sets...).goesByPods(newDeployment(3)); got != tc.want {
				t.Errorf("goes by pods: %v, want %v", got, tc.want)
			}
		})
	}
}
