package integration

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const revisionAnnotation = "deployment.kubernetes.io/revision"

// rollOut runs a manager of all Deployments and ReplicaSets of the cluster until the test ends, and waits until it works.
func rollOut(t *testing.T, kubeconfig string, args ...string) *cluster.Process {
	t.Helper()
	args = append([]string{"--kubeconfig", kubeconfig, "--controllers=deployment,replicaset"}, args...)
	p := cluster.Wheelhouse(t, args...)
	p.WaitForLog(t, `deployment controller state .*"Running"`)
	p.WaitForLog(t, `replicaset controller state .*"Running"`)
	return p
}

// rollout is one Deployment and those who look after it in a test.
type rollout struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string
	name   string
}

// newDeployment returns a Deployment "web" of image v1 that may be one pod short and one over, and whose pods run at once.
func newDeployment(replicas int32, changes ...func(*appsv1.Deployment)) *appsv1.Deployment {
	template := cluster.Pod("")
	template.Labels = app("web")
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: app("web")},
			Template: corev1.PodTemplateSpec{ObjectMeta: template.ObjectMeta, Spec: template.Spec},
		},
	}
	bounds(intstr.FromInt32(1), intstr.FromInt32(1))(d)
	setImage("v1")(d)
	for _, change := range changes {
		change(d)
	}
	return d
}

func bounds(surge, unavailable intstr.IntOrString) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Spec.Strategy = appsv1.DeploymentStrategy{
			Type:          appsv1.RollingUpdateDeploymentStrategyType,
			RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable},
		}
	}
}

func setImage(image string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "example.test/app:" + image }
}

// steered gives the pods an annotation that tells them how to behave.
func steered(key, value string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Annotations = map[string]string{steer + key: value} }
}

func named(name string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Name = name }
}

func deploy(t *testing.T, client kubernetes.Interface, ns string, d *appsv1.Deployment) rollout {
	t.Helper()
	if _, err := client.AppsV1().Deployments(ns).Create(t.Context(), d, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return rollout{t, client, ns, d.Name}
}

func (r rollout) get() *appsv1.Deployment {
	r.t.Helper()
	d, err := r.client.AppsV1().Deployments(r.ns).Get(r.t.Context(), r.name, metav1.GetOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

func (r rollout) patch(patch string) {
	r.t.Helper()
	_, err := r.client.AppsV1().Deployments(r.ns).Patch(r.t.Context(), r.name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
}

// setImage changes the template.
func (r rollout) setImage(image string) {
	r.t.Helper()
	r.patch(fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"example.test/app:%s"}]}}}}`, image))
}

func (r rollout) scale(replicas int32) {
	r.t.Helper()
	r.patch(fmt.Sprintf(`{"spec":{"replicas":%d}}`, replicas))
}

// await waits until the status has caught up with the spec and holds what is asked of it.
func (r rollout) await(what string, holds func(*appsv1.Deployment) bool) time.Duration {
	r.t.Helper()
	return r.awaitWithin(time.Minute, what, holds)
}

func (r rollout) awaitWithin(bound time.Duration, what string, holds func(*appsv1.Deployment) bool) time.Duration {
	r.t.Helper()
	begin := time.Now()
	cluster.EventuallyWithin(r.t, bound, r.ns+"/"+r.name+": "+what, func() bool {
		d := r.get()
		return d.Status.ObservedGeneration == d.Generation && holds(d)
	})
	return time.Since(begin).Round(time.Millisecond)
}

// awaitComplete waits until all pods are of the template and available, and no others are left.
func (r rollout) awaitComplete() time.Duration {
	r.t.Helper()
	return r.await("rollout complete", isComplete)
}

func isComplete(d *appsv1.Deployment) bool {
	s, n := d.Status, *d.Spec.Replicas
	return s.Replicas == n && s.UpdatedReplicas == n && s.AvailableReplicas == n && s.UnavailableReplicas == 0
}

// condition returns status and reason of the condition, or "".
func (r rollout) condition(kind appsv1.DeploymentConditionType) string {
	r.t.Helper()
	for _, c := range r.get().Status.Conditions {
		if c.Type == kind {
			return string(c.Status) + " " + c.Reason
		}
	}
	return ""
}

func (r rollout) awaitCondition(kind appsv1.DeploymentConditionType, want string) {
	r.t.Helper()
	cluster.Eventually(r.t, fmt.Sprintf("%s: condition %s %q", r.name, kind, want), func() bool { return r.condition(kind) == want })
}

// sets returns the ReplicaSets of the namespace, the lowest revision first.
func (r rollout) sets() []appsv1.ReplicaSet {
	r.t.Helper()
	list, err := r.client.AppsV1().ReplicaSets(r.ns).List(r.t.Context(), metav1.ListOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(list.Items, func(a, b appsv1.ReplicaSet) int {
		return cmp.Or(cmp.Compare(len(a.Annotations[revisionAnnotation]), len(b.Annotations[revisionAnnotation])),
			cmp.Compare(a.Annotations[revisionAnnotation], b.Annotations[revisionAnnotation]), cmp.Compare(a.Name, b.Name))
	})
	return list.Items
}

// history returns the ReplicaSets as "revision:image=replicas", the lowest revision first.
func (r rollout) history() []string {
	r.t.Helper()
	var list []string
	for _, set := range r.sets() {
		image := set.Spec.Template.Spec.Containers[0].Image
		list = append(list, fmt.Sprintf("%s:%s=%d", set.Annotations[revisionAnnotation], image[len("example.test/app:"):], *set.Spec.Replicas))
	}
	return list
}

// awaitHistory waits until the ReplicaSets are these.
func (r rollout) awaitHistory(want ...string) {
	r.t.Helper()
	var got []string
	defer func() {
		if r.t.Failed() {
			r.t.Logf("the history is %v", got)
		}
	}()
	cluster.Eventually(r.t, fmt.Sprintf("%s to have the history %v", r.name, want), func() bool {
		got = r.history()
		return slices.Equal(want, got)
	})
}
