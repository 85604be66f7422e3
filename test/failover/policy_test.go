package failover

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// applyPolicy applies the policy of docs/fence-policy.yaml, for the namespace in place of kube-system.
func applyPolicy(t *testing.T, ns string) {
	t.Helper()
	applyManifest(t, "fence-policy.yaml", ns)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "validatingadmissionpolicy/wheelhouse-fence")
		shared.Kubectl(t, "delete", "validatingadmissionpolicybinding", "wheelhouse-fence", "--ignore-not-found")
	})
}

// applyPolicyByController applies the policy with the bindings that know one lease a controller.
func applyPolicyByController(t *testing.T, ns string) {
	t.Helper()
	applyPolicy(t, ns)
	shared.Kubectl(t, "delete", "validatingadmissionpolicybinding/wheelhouse-fence")
	applyManifest(t, "fence-bindings-by-controller.yaml", ns)
	t.Cleanup(func() {
		shared.Kubectl(t, "delete", "validatingadmissionpolicybinding", "wheelhouse-fence-deployment", "wheelhouse-fence-replicaset")
	})
}

func applyManifest(t *testing.T, name, ns string) {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(root, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	shared.Apply(t, strings.ReplaceAll(string(manifest), "kube-system", ns))
}

// twoPods returns clients of two pods whose service account may do everything in the namespace.
func twoPods(t *testing.T, client kubernetes.Interface, ns string) (first, second kubernetes.Interface) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "wheelhouse"}}
	if _, err := client.CoreV1().ServiceAccounts(ns).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	shared.Kubectl(t, "-n", ns, "create", "rolebinding", "wheelhouse", "--clusterrole=cluster-admin", "--serviceaccount="+ns+":wheelhouse")
	first, second = asPod(t, client, ns, "first"), asPod(t, client, ns, "second")
	cluster.Eventually(t, "the pods' permissions", func() bool { return mayCreate(t, first, ns) && mayCreate(t, second, ns) })
	return first, second
}

// asPod returns a client with the token of the service account wheelhouse that is bound to a new pod.
func asPod(t *testing.T, client kubernetes.Interface, ns, name string) kubernetes.Interface {
	t.Helper()
	pod := cluster.Pod(name)
	pod.Spec.ServiceAccountName = "wheelhouse"
	pod, err := client.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.CoreV1().ServiceAccounts(ns).CreateToken(t.Context(), "wheelhouse", &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID,
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := clientcmd.BuildConfigFromFlags("", shared.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(admin)
	config.BearerToken, config.QPS = token.Status.Token, -1
	return shared.ClientFor(t, config)
}

// hold makes the pod the holder of the lease, as our elector names it.
func hold(t *testing.T, client kubernetes.Interface, ns, name, pod string) {
	t.Helper()
	leases, holder := client.CoordinationV1().Leases(ns), pod+"_0000"
	lease, err := leases.Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		lease = &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}}
		lease.Spec.HolderIdentity = &holder
		_, err = leases.Create(t.Context(), lease, metav1.CreateOptions{})
	} else if err == nil {
		lease.Spec.HolderIdentity = &holder
		_, err = leases.Update(t.Context(), lease, metav1.UpdateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mayCreate reports whether the client's user may create a pod.
func mayCreate(t *testing.T, client kubernetes.Interface, ns string) bool {
	t.Helper()
	pod := cluster.Pod("")
	pod.GenerateName = "try-"
	_, err := client.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil && !apierrors.IsForbidden(err) {
		t.Fatalf("create a pod: %v", err)
	}
	return err == nil
}

// costOf returns how long a create takes on the average.
func costOf(t *testing.T, client kubernetes.Interface, ns string) time.Duration {
	t.Helper()
	const tries = 300
	begin := time.Now()
	for range tries {
		mayCreate(t, client, ns)
	}
	return time.Since(begin) / tries
}

// The API server itself refuses what comes from a pod that doesn't hold the lease.
func TestPolicyLetsOnlyTheHolderWrite(t *testing.T) {
	client := shared.Client(t)
	ns := cluster.Namespace(t, client)
	first, second := twoPods(t, client, ns)
	without := costOf(t, second, ns)
	hold(t, client, ns, "wheelhouse", "nobody")
	applyPolicy(t, ns)
	cluster.Eventually(t, "both to be refused", func() bool { return !mayCreate(t, first, ns) && !mayCreate(t, second, ns) })
	if !mayCreate(t, client, ns) {
		t.Error("others are refused")
	}
	for _, step := range []struct {
		holder         string
		allowed, fence kubernetes.Interface
	}{{"first", first, second}, {"second", second, first}} {
		begin := time.Now()
		hold(t, client, ns, "wheelhouse", step.holder)
		cluster.Eventually(t, "the holder to be let through", func() bool { return mayCreate(t, step.allowed, ns) })
		let := time.Since(begin)
		cluster.Eventually(t, "the other to be refused", func() bool { return !mayCreate(t, step.fence, ns) })
		t.Logf("%s is let through %v after it holds the lease, and the other refused after %v", step.holder, let, time.Since(begin))
	}
	t.Logf("a create takes %v with the policy, %v without", costOf(t, second, ns), without)
	if err := client.CoordinationV1().Leases(ns).Delete(t.Context(), "wheelhouse", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "the fence to be open without a lease", func() bool { return mayCreate(t, first, ns) })
	if !mayCreate(t, client, ns) {
		t.Error("others are refused without a lease")
	}
}
