package ownership_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
)

func TestDecide(t *testing.T) {
	type object struct {
		owner     types.UID
		namespace string
		app       string
		deleted   bool
	}
	for _, tc := range []struct {
		name         string
		ownerDeleted bool
		object       object
		want         ownership.Claim
	}{
		{"own", false, object{"me", "here", "web", false}, ownership.Own},
		{"own, being deleted", false, object{"me", "here", "web", true}, ownership.Own},
		{"own of an owner being deleted", true, object{"me", "here", "web", false}, ownership.Own},
		{"another's, though it matches", false, object{"you", "here", "web", false}, ownership.Foreign},
		{"own, matches no more", false, object{"me", "here", "db", false}, ownership.Release},
		{"own, matches no more, owner being deleted", true, object{"me", "here", "db", false}, ownership.Foreign},
		{"orphan that matches", false, object{"", "here", "web", false}, ownership.Adopt},
		{"orphan that matches, being deleted", false, object{"", "here", "web", true}, ownership.Foreign},
		{"orphan that matches, owner being deleted", true, object{"", "here", "web", false}, ownership.Foreign},
		{"orphan that matches, elsewhere", false, object{"", "there", "web", false}, ownership.Foreign},
		{"orphan that doesn't match", false, object{"", "here", "db", false}, ownership.Foreign},
	} {
		t.Run(tc.name, func(t *testing.T) {
			owner := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Namespace: "here", UID: "me"}}
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: tc.object.namespace, Labels: map[string]string{"app": tc.object.app}}}
			deleted := metav1.NewTime(time.Unix(1000, 0))
			if tc.ownerDeleted {
				owner.DeletionTimestamp = &deleted
			}
			if tc.object.deleted {
				pod.DeletionTimestamp = &deleted
			}
			if uid := tc.object.owner; uid != "" {
				controller := true
				pod.OwnerReferences = []metav1.OwnerReference{{UID: uid, Controller: &controller}}
			}
			selector, err := ownership.Selector(&metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, ownership.Decide(owner, selector, pod)); diff != "" {
				t.Errorf("claim (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEmptySelectorSelectsNothing(t *testing.T) {
	for _, spec := range []*metav1.LabelSelector{nil, {}} {
		selector, err := ownership.Selector(spec)
		if err != nil {
			t.Fatal(err)
		}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}}}
		if got := ownership.Decide(&appsv1.ReplicaSet{}, selector, pod); got != ownership.Foreign {
			t.Errorf("an orphan under selector %v: got claim %v, want %v", spec, got, ownership.Foreign)
		}
	}
}

// TestSelectorIsThatOfTheSpec compares it with the one that the API's own package makes.
func TestSelectorIsThatOfTheSpec(t *testing.T) {
	two, expressions := map[string]string{"tier": "back", "app": "web"}, []metav1.LabelSelectorRequirement{{Key: "track", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"canary"}}}
	for _, spec := range []*metav1.LabelSelector{{MatchLabels: two}, {MatchExpressions: expressions}, {MatchLabels: two, MatchExpressions: expressions}} {
		want, err := metav1.LabelSelectorAsSelector(spec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ownership.Selector(spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("selector of %v (-want +got):\n%s", spec, diff)
		}
	}
}

func TestPatches(t *testing.T) {
	ref := metav1.NewControllerRef(&appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: "web", UID: "me"}}, appsv1.SchemeGroupVersion.WithKind("ReplicaSet"))
	adopt, err := ownership.AdoptPatch(*ref, "pod")
	if err != nil {
		t.Fatal(err)
	}
	release, err := ownership.ReleasePatch("me", "pod")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"metadata":{"uid":"pod","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"me","controller":true,"blockOwnerDeletion":true}]}}`,
		`{"metadata":{"uid":"pod","ownerReferences":[{"$patch":"delete","uid":"me"}]}}`,
	}
	if diff := cmp.Diff(want, []string{string(adopt), string(release)}); diff != "" {
		t.Errorf("patches (-want +got):\n%s", diff)
	}
}
