package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// kube-controller-manager gives a Deployment up after 15 tries.
func TestDeploymentRecoversFromDeniedReplicaSets(t *testing.T) {
	length := 20 * time.Second
	if isLong() {
		length = 185 * time.Second
	}
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	refusal := proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"create"}, Resources: []string{"replicasets"}, Namespace: ns},
		Fault: faultproxy.Status(http.StatusForbidden, "not while the test says so"),
	})
	rollOut(t, proxy.Kubeconfig("admin"), atDefaultRate()...)
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitCondition(appsv1.DeploymentProgressing, "False ReplicaSetCreateError")
	cluster.Eventually(t, "event ReplicaSetCreateError", func() bool {
		return strings.Contains(web.kubectl("get", "events"), "ReplicaSetCreateError")
	})
	time.Sleep(length)
	refusal.Lift()
	if took := web.awaitComplete(); took > recovery {
		t.Errorf("done %v after it was allowed, want at most %v", took, recovery)
	} else {
		t.Logf("done %v after it was allowed, having been denied for %v, %d times", took, length, refusal.Applied())
	}
	web.awaitCondition(appsv1.DeploymentProgressing, "True NewReplicaSetAvailable")
}

func TestQuotaShowsInTheDeployment(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	forbidPods(t, client, ns)
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitCondition(appsv1.DeploymentReplicaFailure, "True FailedCreate")
	allowPods(t, client, ns)
	web.awaitComplete()
	web.awaitCondition(appsv1.DeploymentReplicaFailure, "")
}

func TestDeploymentInADeletedNamespaceIsLeftAlone(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	rollOut(t, proxy.Kubeconfig("admin"), fast()...)
	hold := func(d *appsv1.Deployment) { d.Finalizers = []string{"example.test/hold"} }
	web := deploy(t, client, ns, newDeployment(5, hold))
	web.awaitComplete()
	creates := faultproxy.Match{Verbs: []string{"create"}, Namespace: ns, Resources: []string{"replicasets", "pods"}}
	before := proxy.Count(creates)
	if err := client.CoreV1().Namespaces().Delete(t.Context(), ns, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the pods to be gone", func() bool { return len(pods(t, client, ns)) == 0 })
	time.Sleep(2 * time.Second) // a storm would show
	if creates := proxy.Count(creates) - before; creates > 5 {
		t.Errorf("%d creations since the namespace was deleted, want hardly any", creates)
	}
	web.patch(`{"metadata":{"finalizers":null}}`)
	cluster.Eventually(t, "the namespace to be gone", func() bool {
		_, err := client.CoreV1().Namespaces().Get(t.Context(), ns, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}
