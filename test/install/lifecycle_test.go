package install

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const values = "controllers: [podsync]\ncommonLabels: {test: lifecycle}\n"

// lifecycle is a release that a test takes through its life. Its pods are made by a program that the test runs.
type lifecycle struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string
}

func newLifecycle(t *testing.T) lifecycle {
	t.Helper()
	client := shared.Client(t)
	cluster.Wheelhouse(t, "--kubeconfig", shared.Kubeconfig, "--leader-elect=false", "--controllers=deployment,replicaset")
	return lifecycle{t, client, strict(t, client)}
}

func (l lifecycle) deployment() *appsv1.Deployment {
	l.t.Helper()
	d, err := l.client.AppsV1().Deployments(l.ns).Get(l.t.Context(), chart.Release, metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return d
}

// wait are the arguments that have Helm wait until the Deployment is rolled out, and undo what doesn't get that far.
func wait(args ...string) []string { return append(args, "--wait", "--timeout", "3m") }

// newer returns a copy of the chart at a later version.
func newer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(chart.Path(t))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "Chart.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer("\nversion: 0.1.0", "\nversion: 0.2.0", "\nappVersion: v0.1.0-dev", "\nappVersion: v0.2.0").Replace(string(text)))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLifecycle(t *testing.T) {
	l := newLifecycle(t)
	helm(t, l.ns, values, wait("install", chart.Release, chart.Path(t))...)
	l.wantAvailable(2)
	l.wantNoDrift(values)

	helm(t, l.ns, values+"replicas: 3\nlogging: {verbosity: 1}", wait("upgrade", chart.Release, chart.Path(t))...)
	l.wantAvailable(3)
	if args := l.deployment().Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--v=1") {
		t.Errorf("after the upgrade of values, the arguments are %q", args)
	}

	helm(t, l.ns, values, wait("upgrade", chart.Release, newer(t))...)
	l.wantAvailable(2)
	l.wantImage("wheelhouse:v0.2.0")

	helm(t, l.ns, "", wait("rollback", chart.Release, "1")...)
	l.wantAvailable(2)
	l.wantImage("wheelhouse:v0.1.0-dev")
	l.wantNoDrift(values)

	helm(t, l.ns, "", wait("uninstall", chart.Release)...)
	l.wantNothing()
}

func (l lifecycle) wantAvailable(n int32) {
	l.t.Helper()
	if got := l.deployment().Status; got.AvailableReplicas != n || got.UpdatedReplicas != n {
		l.t.Errorf("Helm waited for %d replicas; there are %d, %d of them new", n, got.AvailableReplicas, got.UpdatedReplicas)
	}
}

func (l lifecycle) wantImage(want string) {
	l.t.Helper()
	if got := l.deployment().Spec.Template.Spec.Containers[0].Image; got != want {
		l.t.Errorf("image %s, want %s", got, want)
	}
}

// wantNoDrift compares what Helm has installed with what `helm template` writes, and the cluster with both.
func (l lifecycle) wantNoDrift(values string) {
	l.t.Helper()
	installed := helm(l.t, l.ns, "", "get", "manifest", chart.Release)
	rendered, err := chart.Template(l.t, "helm", chart.Path(l.t), values, "--namespace", l.ns, "--skip-tests")
	if err != nil {
		l.t.Fatal(err)
	}
	if diff := cmp.Diff(chart.Objects(l.t, rendered), chart.Objects(l.t, installed)); diff != "" {
		l.t.Errorf("helm template and helm install differ (-template +install):\n%s", diff)
	}
	path := filepath.Join(l.t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(path, []byte(rendered), 0o600); err != nil {
		l.t.Fatal(err)
	}
	shared.Kubectl(l.t, "diff", "--server-side", "--force-conflicts", "-f", path) // its status is 1 if something differs
}

func (l lifecycle) wantNothing() {
	l.t.Helper()
	const kinds = "deployments,services,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,poddisruptionbudgets,flowschemas"
	cluster.Eventually(l.t, "everything to be gone", func() bool {
		return strings.Contains(shared.Kubectl(l.t, "get", kinds, "-A", "-l", "test=lifecycle"), "No resources found")
	})
}

// What `helm test` runs in a pod gets as far as it can without a kubelet: the test's service account may read the lease and the pod, and
// may ask for the port.
func TestHelmTest(t *testing.T) {
	l := newLifecycle(t)
	helm(t, l.ns, values, wait("install", chart.Release, chart.Path(t))...)
	t.Cleanup(func() { helm(t, l.ns, "", "uninstall", chart.Release) })
	l.elect()
	done := make(chan error, 1)
	go func() {
		_, err := chart.Helm(t, "helm", "test", chart.Release, "--namespace", l.ns, "--kubeconfig", shared.Kubeconfig, "--timeout", "3m")
		done <- err
	}()
	const name = chart.Release + "-test"
	cluster.Eventually(t, "the pod of the test", func() bool {
		_, err := l.client.CoreV1().Pods(l.ns).Get(t.Context(), name, metav1.GetOptions{})
		return err == nil
	})
	l.runTest(name)
	shared.Kubectl(t, "-n", l.ns, "annotate", "pod", name, "localcluster.wheelhouse.dev/phase=succeeded")
	if err := <-done; err != nil {
		t.Errorf("helm test: %v", err)
	}
}

// elect makes one of the release's pods the leader, as the program in it would.
func (l lifecycle) elect() {
	l.t.Helper()
	pods, err := l.client.CoreV1().Pods(l.ns).List(l.t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=manager"})
	if err != nil || len(pods.Items) == 0 {
		l.t.Fatalf("%d pods; %v", len(pods.Items), err)
	}
	holder := pods.Items[0].Name + "_0000"
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: chart.Release}, Spec: coordinationv1.LeaseSpec{HolderIdentity: &holder}}
	if _, err := l.client.CoordinationV1().Leases(l.ns).Create(l.t.Context(), lease, metav1.CreateOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

// runTest runs the pod's program beside the cluster, as the pod's service account.
func (l lifecycle) runTest(name string) {
	l.t.Helper()
	pod, err := l.client.CoreV1().Pods(l.ns).Get(l.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	binary, err := cluster.Binary("wheelhouse")
	if err != nil {
		l.t.Fatal(err)
	}
	args := append(slices.Clone(pod.Spec.Containers[0].Args), "--kubeconfig", kubeconfig(l.t, l.client, l.ns, pod.Spec.ServiceAccountName))
	p := cluster.Start(l.t, binary, args...)
	p.Wait(l.t)
	if log := p.Log(); !strings.Contains(log, "forward a port to pod "+l.ns) || strings.Contains(log, "forbidden") {
		l.t.Errorf("the test says %q, want that it can't get through to the pod for want of a kubelet", log)
	}
	for _, e := range audit(l.t, "system:serviceaccount:"+l.ns+":"+name) {
		if e.isForbidden() {
			l.t.Errorf("forbidden: %s %s", e.Verb, e.RequestURI)
		}
	}
}

// The API server counts what a replica asks about its lease to the priority level of the FlowSchema.
func TestLeasesHaveAPriorityLevelOfTheirOwn(t *testing.T) {
	l := newLifecycle(t)
	helm(t, l.ns, values, "install", chart.Release, chart.Path(t))
	t.Cleanup(func() { helm(t, l.ns, "", "uninstall", chart.Release) })
	schema, err := l.client.FlowcontrolV1().FlowSchemas().Get(t.Context(), l.ns+"-wheelhouse-leases", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig(t, l.client, l.ns, chart.Release))
	if err != nil {
		t.Fatal(err)
	}
	var header http.Header
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(r)
			if err == nil {
				header = response.Header
			}
			return response, err
		})
	})
	leases := shared.ClientFor(t, config).CoordinationV1().Leases(l.ns)
	cluster.Eventually(t, "the FlowSchema to be heeded", func() bool {
		_, err := leases.Get(t.Context(), chart.Release, metav1.GetOptions{})
		return apierrors.IsNotFound(err) && header.Get("X-Kubernetes-PF-FlowSchema-UID") == string(schema.UID)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
