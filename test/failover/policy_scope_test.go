package failover

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// passes is which writes of a user the API server lets through.
type passes struct{ Deployments, ReplicaSets, ReplicaSetStatus, Pods bool }

// passesOf tries each kind of write, without effect, on what is called web.
func passesOf(t *testing.T, client kubernetes.Interface, ns string) passes {
	t.Helper()
	dry := []string{metav1.DryRunAll}
	patch := []byte(`{"metadata":{"annotations":{"example.com/tried":"yes"}}}`)
	try := func(_ any, err error) bool {
		t.Helper()
		if err != nil && !apierrors.IsForbidden(err) {
			t.Fatal(err)
		}
		return err == nil
	}
	apps, options := client.AppsV1(), metav1.PatchOptions{DryRun: dry}
	return passes{
		Deployments:      try(apps.Deployments(ns).Patch(t.Context(), "web", types.MergePatchType, patch, options)),
		ReplicaSets:      try(apps.ReplicaSets(ns).Patch(t.Context(), "web", types.MergePatchType, patch, options)),
		ReplicaSetStatus: try(apps.ReplicaSets(ns).Patch(t.Context(), "web", types.MergePatchType, patch, options, "status")),
		Pods:             mayCreate(t, client, ns),
	}
}

// With one lease a controller, each pod may write what the controllers write that it leads.
func TestPolicyKnowsOneLeaseAController(t *testing.T) {
	client := shared.Client(t)
	ns := cluster.Namespace(t, client)
	first, second := twoPods(t, client, ns)
	none := int32(0)
	web := deployment("web")
	web.Spec.Replicas = &none
	if _, err := client.AppsV1().Deployments(ns).Create(t.Context(), web, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	set := &appsv1.ReplicaSet{ObjectMeta: web.ObjectMeta}
	set.Spec = appsv1.ReplicaSetSpec{Replicas: &none, Selector: web.Spec.Selector, Template: web.Spec.Template}
	if _, err := client.AppsV1().ReplicaSets(ns).Create(t.Context(), set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	hold(t, client, ns, "wheelhouse-deployment", "first")
	hold(t, client, ns, "wheelhouse-replicaset", "second")
	applyPolicyByController(t, ns)
	deploys := passes{Deployments: true, ReplicaSets: true}
	scales := passes{ReplicaSetStatus: true, Pods: true}
	await := func(what string, want passes, client kubernetes.Interface) {
		t.Helper()
		var before passes
		cluster.Eventually(t, what, func() bool {
			got := passesOf(t, client, ns)
			if got != before {
				t.Logf("%s: now %+v passes", what, got)
			}
			before = got
			return got == want
		})
	}
	await("the leader of deployment to write for it alone", deploys, first)
	await("the leader of replicaset to write for it alone", scales, second)
	hold(t, client, ns, "wheelhouse-deployment", "second")
	await("the first to write nothing", passes{}, first)
	await("the second to write everything", passes{true, true, true, true}, second)
	if !mayCreate(t, client, ns) {
		t.Error("others are refused")
	}
}
