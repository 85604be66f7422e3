package deployment

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestCreatedReplicaSet(t *testing.T) {
	d := newDeployment(3, annotated("note", "hello"), annotated(corev1.LastAppliedConfigAnnotation, "{}"), annotated(revisionAnnotation, "4"),
		func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 7 })
	got := plan(newObservation(d, newSet("old", time.Hour, 0, 3, revision(4)))).create
	hash := templateHash(&d.Spec.Template, nil)
	template := templateOf("new")
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = hash
	want := newSet("new", 0, 3, 3)
	want.Name, want.Labels, want.Spec.Template, want.Spec.Selector.MatchLabels = "web-"+hash, template.Labels, template, template.Labels
	want.Annotations = map[string]string{"note": "hello", revisionAnnotation: "5", desiredReplicasAnnotation: "3", maxReplicasAnnotation: "4"}
	want.UID, want.Generation, want.ResourceVersion, want.Status, want.Spec.MinReadySeconds = "", 0, "", appsv1.ReplicaSetStatus{}, 7
	want.CreationTimestamp.Reset()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ReplicaSet (-want +got):\n%s", diff)
	}
}

func TestAnnotationsOfTheCurrentReplicaSet(t *testing.T) {
	for _, tc := range []struct {
		name       string
		deployment *appsv1.Deployment
		set        *appsv1.ReplicaSet
		want       map[string]string
	}{
		{"nothing new", newDeployment(3, annotated(revisionAnnotation, "9")), newSet("new", 0, 3, 3, revision(9)), map[string]string{}},
		{"copied from the Deployment", newDeployment(3, annotated("note", "hello"), annotated(appsv1.DeprecatedRollbackTo, "x")), newSet("new", 0, 3, 3, revision(9)),
			map[string]string{"note": "hello"}},
		{"those of its own stay", newDeployment(3), newSet("new", 0, 3, 3, revision(9), marked("own", "yes")), map[string]string{}},
		{"an earlier revision becomes the highest and is remembered", newDeployment(3), newSet("new", 0, 3, 3, revision(2)),
			map[string]string{revisionAnnotation: "8", historyAnnotation: "2"}},
		{"and once more", newDeployment(3), newSet("new", 0, 3, 3, revision(6), marked(historyAnnotation, "1,4")),
			map[string]string{revisionAnnotation: "8", historyAnnotation: "1,4,6"}},
		{"without a revision", newDeployment(3), newSet("new", 0, 3, 3, unmarked(revisionAnnotation)), map[string]string{revisionAnnotation: "8"}},
		{"a revision that nobody can read stays", newDeployment(3), newSet("new", 0, 3, 3, marked(revisionAnnotation, "x")), map[string]string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newObservation(tc.deployment, tc.set, newSet("old", time.Hour, 0, 3, revision(7)), newSet("odd", time.Hour, 0, 3, marked(revisionAnnotation, "y")))
			got := map[string]string{}
			for _, c := range plan(o).changes {
				got = c.annotations
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRevisionOfTheDeployment(t *testing.T) {
	for _, tc := range []struct {
		name string
		sets []*appsv1.ReplicaSet
		want string
	}{
		{"of a ReplicaSet that is created", []*appsv1.ReplicaSet{newSet("old", 0, 3, 3, revision(7))}, "8"},
		{"of one that was there", []*appsv1.ReplicaSet{newSet("new", 0, 3, 3, revision(7))}, "7"},
		{"of one that becomes the latest", []*appsv1.ReplicaSet{newSet("new", 0, 3, 3, revision(2)), newSet("old", 0, 0, 3, revision(7))}, "8"},
		{"known already", []*appsv1.ReplicaSet{newSet("new", 0, 3, 3, revision(4))}, ""},
		{"no higher one is left", []*appsv1.ReplicaSet{newSet("old", 0, 3, 3, revision(math.MaxInt64))}, "9223372036854775807"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := plan(newObservation(newDeployment(3, annotated(revisionAnnotation, "4"), generation2), tc.sets...))
			if diff := cmp.Diff(tc.want, d.revision); diff != "" {
				t.Errorf("revision (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMinReadySecondsAreCarriedOver(t *testing.T) {
	d := plan(newObservation(newDeployment(3, func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 9 }), newSet("new", 0, 3, 3), newSet("old", time.Hour, 0, 3, revision(0))))
	want := []change{{set: newSet("new", 0, 3, 3), from: 3, to: 3, minReadySeconds: ptr[int32](9), annotations: map[string]string{}}}
	if diff := cmp.Diff(want, d.changes, cmp.AllowUnexported(change{})); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	history := strings.TrimSuffix(strings.Repeat("1234,", 400), ",") // 1999 characters
	for _, tc := range []struct{ name, history, revision, want string }{
		{"empty", "", "3", "3"},
		{"short", "1,2", "3", "1,2,3"},
		{"exactly as long as may be", history[5:], "12345", history[5:] + ",12345"},
		{"too long", history, "7", history[5:] + ",7"},
		{"by several", history, "1234567", history[10:] + ",1234567"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := extendHistory(tc.history, tc.revision)
			if diff := cmp.Diff(tc.want, got); diff != "" || len(got) > maxHistory {
				t.Errorf("history of %d characters (-want +got):\n%s", len(got), diff)
			}
		})
	}
}
