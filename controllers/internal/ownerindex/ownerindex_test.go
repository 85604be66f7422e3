package ownerindex_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownerindex"
)

func pod(namespace, name string, owner types.UID, set labels.Set) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: set}}
	if owner != "" {
		controller := true
		p.OwnerReferences = []metav1.OwnerReference{{UID: owner, Controller: &controller}}
	}
	return p
}

func indexed(t *testing.T) cache.Indexer {
	t.Helper()
	pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, ownerindex.Indexers())
	for _, p := range []*corev1.Pod{
		pod("here", "owned", "me", labels.Set{"app": "web"}),
		pod("here", "orphan", "", labels.Set{"app": "web", "tier": "front"}),
		pod("here", "back", "", labels.Set{"app": "web", "tier": "back"}),
		pod("here", "bare", "", nil),
		pod("there", "elsewhere", "", labels.Set{"app": "web", "tier": "front"}),
	} {
		if err := pods.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	return pods
}

func names(pods []*corev1.Pod) map[string]bool {
	set := map[string]bool{}
	for _, p := range pods {
		set[p.Name] = true
	}
	return set
}

func TestOwnedBy(t *testing.T) {
	if diff := cmp.Diff(map[string]bool{"owned": true}, names(ownerindex.OwnedBy[*corev1.Pod](indexed(t), "me"))); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

func TestOrphans(t *testing.T) {
	for _, tc := range []struct {
		selector string
		want     map[string]bool
	}{
		{"app=web,tier=front", map[string]bool{"orphan": true}},
		{"app=web", map[string]bool{"orphan": true, "back": true}},
		{"tier in (back)", map[string]bool{"back": true}},
		{"app=db", map[string]bool{}},
		{"tier in (front,back)", map[string]bool{"orphan": true, "back": true, "bare": true}},
		{"app", map[string]bool{"orphan": true, "back": true, "bare": true}},
	} {
		t.Run(tc.selector, func(t *testing.T) {
			selector, err := labels.Parse(tc.selector)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, names(ownerindex.Orphans[*corev1.Pod](indexed(t), "here", selector))); diff != "" {
				t.Errorf("pods (-want +got):\n%s", diff)
			}
		})
	}
}
