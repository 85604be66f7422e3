package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// upstream runs kube-controller-manager with the controllers until the test ends or it is told to.
func upstream(t *testing.T, controllers string) *cluster.Process {
	t.Helper()
	binary, err := cluster.Binary("localcluster")
	if err != nil {
		t.Fatal(err)
	}
	return cluster.Start(t, binary, "kube-controller-manager", "--kubeconfig="+shared.Kubeconfig, "--controllers="+controllers,
		"--leader-elect=false", "--bind-address=127.0.0.1", "--secure-port=0", "--kube-api-qps=1000", "--kube-api-burst=1000")
}

const upstreamLoops = "deployment-controller,replicaset-controller"

// stop tells the process to end, and waits until it has.
func stop(t *testing.T, p *cluster.Process) {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	p.Wait(t)
}

// snapshot is what must not change when another program takes over: everything but resourceVersions and counts in the status.
func snapshot(t *testing.T, client kubernetes.Interface, ns string) map[string]string {
	t.Helper()
	all := map[string]string{}
	note := func(kind string, object metav1.Object, more any) {
		text, err := json.Marshal([]any{object.GetUID(), object.GetGeneration(), object.GetAnnotations(), object.GetLabels(), more})
		if err != nil {
			t.Fatal(err)
		}
		all[kind+" "+object.GetName()] = string(text)
	}
	deployments, err := client.AppsV1().Deployments(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		note("deployment", d, d.Status)
	}
	sets, err := client.AppsV1().ReplicaSets(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sets.Items {
		note("replicaset", &sets.Items[i], sets.Items[i].Status)
	}
	for _, pod := range pods(t, client, ns) {
		note("pod", &pod, nil)
	}
	return all
}

// awaitLooked waits until the manager has looked at so many Deployments, and has nothing left to do.
func awaitLooked(t *testing.T, p *cluster.Process, n int) {
	t.Helper()
	cluster.Eventually(t, "all Deployments to have been looked at", func() bool {
		looked, err := p.Metric(`workqueue_work_duration_seconds_count{name="deployment"}`)
		depth, errDepth := p.Metric(`workqueue_depth{name="deployment"}`)
		return err == nil && errDepth == nil && looked >= float64(n) && depth == 0
	})
	time.Sleep(2 * time.Second) // for what is written a little later
}

func TestTakingOverFromKubeControllerManagerAndGivingBack(t *testing.T) {
	const many = 50
	client, ns := namespace(t)
	kcm := upstream(t, upstreamLoops)
	var all []rollout
	for i := range many {
		label := fmt.Sprint("web-", i)
		d := newDeployment(int32(i%3), named(label), setImage(fmt.Sprint("v", i)))
		d.Spec.Selector.MatchLabels, d.Spec.Template.Labels = app(label), app(label)
		all = append(all, deploy(t, client, ns, d))
	}
	for i, web := range all {
		web.awaitComplete()
		if i%2 == 0 {
			web.setImage("next")
		}
		if i%10 == 0 {
			web.kubectl("rollout", "pause", "deployment/"+web.name)
		}
	}
	for _, web := range all {
		web.await("the last status", func(d *appsv1.Deployment) bool { return d.Spec.Paused || isComplete(d) })
	}
	time.Sleep(2 * time.Second) // for what kube-controller-manager writes a little later
	stop(t, kcm)

	before := snapshot(t, client, ns)
	ours := rollOut(t, shared.Kubeconfig, fast()...)
	awaitLooked(t, ours, many)
	if diff := cmp.Diff(before, snapshot(t, client, ns)); diff != "" {
		t.Errorf("taking over changed something (-before +after):\n%s", diff)
	}
	for _, web := range all {
		if !web.get().Spec.Paused {
			web.setImage("ours")
		}
	}
	for _, web := range all {
		web.await("the rollout", func(d *appsv1.Deployment) bool { return d.Spec.Paused || isComplete(d) })
	}
	time.Sleep(2 * time.Second)
	stop(t, ours)

	before = snapshot(t, client, ns)
	kcm = upstream(t, upstreamLoops)
	all[1].scale(3) // it works when this is done
	all[1].awaitComplete()
	time.Sleep(5 * time.Second)
	after := snapshot(t, client, ns)
	forget(before, after, all[1])
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("giving back changed something (-before +after):\n%s", diff)
	}
	stop(t, kcm)
}

// forget takes a Deployment, and what belongs to it, out of the snapshots.
func forget(before, after map[string]string, web rollout) {
	web.t.Helper()
	for _, all := range []map[string]string{before, after} {
		for name, text := range all {
			if name == "deployment "+web.name || json.Valid([]byte(text)) && containsLabel(text, web.name) {
				delete(all, name)
			}
		}
	}
}

func containsLabel(text, app string) bool {
	var parts []json.RawMessage
	var labels map[string]string
	return json.Unmarshal([]byte(text), &parts) == nil && len(parts) > 3 && json.Unmarshal(parts[3], &labels) == nil && labels["app"] == app
}

const (
	// validTemplates each set some fields to values that the API server takes.
	validTemplates = "testdata/templates.json"
	// hashedTemplates set each field there is, many of them to values that are only there to be hashed.
	hashedTemplates = "../../controllers/deployment/testdata/hashes.json"
)

func templates(t *testing.T, path string) (names []string, list []corev1.PodTemplateSpec) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var corpus []struct {
		Name     string
		Template corev1.PodTemplateSpec
	}
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	for _, one := range corpus {
		names, list = append(names, one.Name), append(list, one.Template)
	}
	return names, list
}

func TestHashesAreThoseOfKubeControllerManager(t *testing.T) {
	client, theirs := namespace(t)
	_, ours := namespace(t)
	kcm := upstream(t, "deployment-controller")
	taken := map[string]corev1.PodTemplateSpec{}
	for _, path := range []string{validTemplates, hashedTemplates} {
		names, list := templates(t, path)
		for i, template := range list {
			name := fmt.Sprint("web-", len(taken))
			if deployTemplate(t, client, theirs, name, template) {
				taken[name] = template
			} else if path == validTemplates {
				t.Errorf("the API server refuses the template %q", names[i])
			}
		}
	}
	t.Logf("the API server takes %d templates", len(taken))
	want := awaitHashes(t, client, theirs, len(taken))
	stop(t, kcm)
	cluster.Wheelhouse(t, append([]string{"--kubeconfig", shared.Kubeconfig, "--controllers=deployment"}, fast()...)...)
	for name, template := range taken {
		deployTemplate(t, client, ours, name, template)
	}
	if diff := cmp.Diff(want, awaitHashes(t, client, ours, len(taken))); diff != "" {
		t.Errorf("hashes (-theirs +ours):\n%s", diff)
	}
	awaitHashes(t, client, theirs, len(taken)) // no second ReplicaSet for any of them
}

// deployTemplate makes a Deployment without pods. It reports whether the API server takes it.
func deployTemplate(t *testing.T, client kubernetes.Interface, ns, name string, template corev1.PodTemplateSpec) bool {
	t.Helper()
	d := newDeployment(0, named(name))
	d.Spec.Template = template
	_, err := client.AppsV1().Deployments(ns).Create(t.Context(), d, metav1.CreateOptions{})
	if err != nil && !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
		t.Fatal(err)
	}
	return err == nil
}

// awaitHashes waits for so many ReplicaSets, and returns the hash of each Deployment's.
func awaitHashes(t *testing.T, client kubernetes.Interface, ns string, n int) map[string]string {
	t.Helper()
	var hashes map[string]string
	cluster.Eventually(t, fmt.Sprint(n, " ReplicaSets"), func() bool {
		list, err := client.AppsV1().ReplicaSets(ns).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		hashes = map[string]string{}
		for _, set := range list.Items {
			if ref := metav1.GetControllerOf(&set); ref != nil {
				hashes[ref.Name] = set.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
			}
		}
		return len(list.Items) == n
	})
	return hashes
}
