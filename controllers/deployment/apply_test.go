package deployment

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
)

// patchOf returns the operations of the first JSON patch of the resource, with the values of those that don't test cut off.
func (p *process) patchOf(resource, subresource string) (operations []string) {
	p.t.Helper()
	for _, action := range p.Client.Actions() {
		patch, ok := action.(clienttesting.PatchAction)
		if !ok || !patch.Matches("patch", resource) || patch.GetSubresource() != subresource || patch.GetPatchType() != types.JSONPatchType {
			continue
		}
		var list []struct {
			Op, Path string
			Value    json.RawMessage
		}
		if err := json.Unmarshal(patch.GetPatch(), &list); err != nil {
			p.t.Fatal(err)
		}
		for _, o := range list {
			text := o.Op + " " + o.Path
			if o.Op == "test" {
				text += " " + string(o.Value)
			}
			operations = append(operations, text)
		}
		return operations
	}
	return nil
}

func TestChangesAreOnePatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newDeployment(5, func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 3 }), newSet("new", time.Hour, 3, 3))
		defer p.End()
		p.Settle(time.Second)
		want := []string{
			"test /metadata/uid \"new\"", "test /metadata/generation 1",
			"add /metadata/annotations/deployment.kubernetes.io~1desired-replicas", "add /metadata/annotations/deployment.kubernetes.io~1max-replicas",
			"add /spec/replicas", "add /spec/minReadySeconds",
		}
		if diff := cmp.Diff(want, p.patchOf("replicasets", "")); diff != "" {
			t.Errorf("patch (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"Normal ScalingReplicaSet Scaled up replica set web-new from 3 to 5"}, p.Events()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestStatusBringsTheRevision(t *testing.T) {
	for _, tc := range []struct {
		name    string
		changes []func(*appsv1.Deployment)
		want    []string
	}{
		{"beside other annotations", []func(*appsv1.Deployment){annotated("note", "a")},
			[]string{"test /metadata/uid \"web-uid\"", "test /metadata/resourceVersion \"1\"", "add /metadata/annotations/deployment.kubernetes.io~1revision", "add /status"}},
		{"as the first annotation", nil,
			[]string{"test /metadata/uid \"web-uid\"", "test /metadata/resourceVersion \"1\"", "add /metadata/annotations", "add /status"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t, newDeployment(3, tc.changes...), newSet("new", time.Hour, 3, 3, revision(7)))
				defer p.End()
				p.Settle(3 * time.Second)
				if diff := cmp.Diff(tc.want, p.patchOf("deployments", "status")); diff != "" {
					t.Errorf("patch (-want +got):\n%s", diff)
				}
				if got := p.deployment(); got.Annotations[revisionAnnotation] != "7" || got.Status.AvailableReplicas != 3 {
					t.Errorf("revision %q, %d available, want 7 and 3", got.Annotations[revisionAnnotation], got.Status.AvailableReplicas)
				}
			})
		})
	}
}

func TestHistoryIsDeletedWithPreconditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newDeployment(3, historyOf(0)), newSet("new", 0, 3, 3, revision(2)), newSet("old", time.Hour, 0, 3))
		defer p.End()
		p.Settle(time.Second)
		want := metav1.NewUIDPreconditions("old")
		want.ResourceVersion = ptr("1")
		for _, action := range p.Client.Actions() {
			if deletion, ok := action.(clienttesting.DeleteActionImpl); ok {
				if diff := cmp.Diff(want, deletion.DeleteOptions.Preconditions); diff != "" {
					t.Errorf("preconditions (-want +got):\n%s", diff)
				}
				return
			}
		}
		t.Error("nothing was deleted")
	})
}

func TestAdoptsAfterALiveRead(t *testing.T) {
	for _, tc := range []struct {
		name string
		live *appsv1.Deployment
		err  error
		want bool
	}{
		{name: "still there", live: newDeployment(3), want: true},
		{name: "another of that name", live: newDeployment(3, func(d *appsv1.Deployment) { d.UID = "other" })},
		{name: "being deleted", live: newDeployment(3, deletedD)},
		{name: "gone", err: apierrors.NewNotFound(schema.GroupResource{Resource: "deployments"}, "web")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := prepare(t, newDeployment(3), newSet("new", 0, 3, 3, orphan))
				p.React("get", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) { return true, tc.live, tc.err })
				p.Run()
				defer p.End()
				p.Settle(2 * time.Second)
				set := p.sets()["web-new"]
				if got := metav1.IsControlledBy(&set, newDeployment(3)); got != tc.want || len(p.sets()) != 1 {
					t.Errorf("adopted: %v of %d, want %v", got, len(p.sets()), tc.want)
				}
			})
		})
	}
}

func TestReleasesWhatDoesNotMatch(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
	}{
		{"carried out", nil},
		{"gone", apierrors.NewNotFound(schema.GroupResource{Resource: "replicasets"}, "web-old")},
		{"not ours any more", apierrors.NewInvalid(schema.GroupKind{Kind: "ReplicaSet"}, "web-old", nil)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := prepare(t, newDeployment(3), newSet("old", time.Hour, 3, 3, stranger))
				p.React("patch", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return tc.err != nil, nil, tc.err })
				p.Run()
				defer p.End()
				p.Settle(25 * time.Second)
				set := p.sets()["web-old"]
				if released := metav1.GetControllerOf(&set) == nil; released != (tc.err == nil) {
					t.Errorf("released: %v", released)
				}
				if tries := p.Calls("patch", "replicasets"); tries > 6 || p.Logs.Len() > 0 {
					t.Errorf("%d tries in 25s and %d warnings, want one at the beginning and every 10s, and none", tries, p.Logs.Len())
				}
			})
		})
	}
}

func TestRollbackLeavesOtherAnnotationsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDeployment(3, annotated(appsv1.DeprecatedRollbackTo, "1"), annotated("note", "new"), annotated("gone", "soon"), annotated(corev1.LastAppliedConfigAnnotation, "{}"))
		p := start(t, d, newSet("old", time.Hour, 0, 3, marked("note", "old")), newSet("new", 0, 3, 3, revision(2)))
		defer p.End()
		p.Settle(time.Second)
		got := p.deployment()
		want := map[string]string{"note": "old", corev1.LastAppliedConfigAnnotation: "{}"}
		delete(got.Annotations, revisionAnnotation)
		if diff := cmp.Diff(want, got.Annotations); diff != "" {
			t.Errorf("annotations (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(templateOf("old"), got.Spec.Template); diff != "" {
			t.Errorf("template (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(`Normal DeploymentRollback Rolled back deployment "web" to revision 1`, p.Events()[0]); diff != "" {
			t.Errorf("first event (-want +got):\n%s", diff)
		}
	})
}
