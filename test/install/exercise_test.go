package install

import (
	"fmt"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// exercise has the controllers do all that they can do: adopt, create, scale, roll out, forget old revisions, and tell of it.
func exercise(t *testing.T, client kubernetes.Interface, ns string) {
	t.Helper()
	w := workload{t, client, ns}
	w.orphanPod("lost")
	w.createSet(set("lost", 2))
	w.awaitSet("lost", 2)
	w.createSet(set("web", 1)) // an orphan to adopt
	w.create(deployment("web", 2))
	w.awaitRollout("web", 2)
	for round := range 4 {
		w.patch("web", fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"round":"%d"}}}}}`, round))
		w.awaitRollout("web", 2)
	}
	w.rollBack("web")
	for range 3 { // events that say the same are patched
		w.scale("web", 4)
		w.scale("web", 2)
	}
	w.tell("lost")
}

// strain has them be kept from their goal by a quota as well, and meet what can't succeed.
func strain(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	ns := cluster.Namespace(t, client)
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"pods": {}}}}
	if _, err := client.CoreV1().ResourceQuotas(ns).Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	workload{t, client, ns}.createSet(set("blocked", 3))
	exercise(t, client, cluster.Namespace(t, client))
}

// workload is what is in a namespace for the controllers to work on.
type workload struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string
}

func app(name string) map[string]string { return map[string]string{"app": name} }

func template(name string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: app(name)}, Spec: cluster.Pod("").Spec}
}

func set(name string, replicas int32) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: app(name)},
		Spec:       appsv1.ReplicaSetSpec{Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: app(name)}, Template: template(name)},
	}
}

func deployment(name string, replicas int32) *appsv1.Deployment {
	history := int32(1)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, RevisionHistoryLimit: &history,
			Selector: &metav1.LabelSelector{MatchLabels: app(name)}, Template: template(name),
		},
	}
}

func (w workload) orphanPod(name string) {
	w.t.Helper()
	pod := cluster.Pod(name)
	pod.Labels = app(name)
	if _, err := w.client.CoreV1().Pods(w.ns).Create(w.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w workload) createSet(rs *appsv1.ReplicaSet) {
	w.t.Helper()
	if _, err := w.client.AppsV1().ReplicaSets(w.ns).Create(w.t.Context(), rs, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w workload) create(d *appsv1.Deployment) {
	w.t.Helper()
	if _, err := w.client.AppsV1().Deployments(w.ns).Create(w.t.Context(), d, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w workload) patch(name, change string) {
	w.t.Helper()
	_, err := w.client.AppsV1().Deployments(w.ns).Patch(w.t.Context(), name, types.MergePatchType, []byte(change), metav1.PatchOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
}

// rollBack asks for the last revision by the annotation that the controller itself has to remove.
func (w workload) rollBack(name string) {
	w.t.Helper()
	w.patch(name, `{"metadata":{"annotations":{"`+appsv1.DeprecatedRollbackTo+`":"0"}}}`)
	cluster.Eventually(w.t, "the wish to roll back to be fulfilled", func() bool {
		d, err := w.client.AppsV1().Deployments(w.ns).Get(w.t.Context(), name, metav1.GetOptions{})
		return err == nil && d.Annotations[appsv1.DeprecatedRollbackTo] == ""
	})
	w.awaitRollout(name, 2)
}

func (w workload) scale(name string, n int32) {
	w.t.Helper()
	w.patch(name, fmt.Sprintf(`{"spec":{"replicas":%d}}`, n))
	w.awaitRollout(name, n)
}

func (w workload) scaleSet(name string, n int32) {
	w.t.Helper()
	change := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, n)
	if _, err := w.client.AppsV1().ReplicaSets(w.ns).Patch(w.t.Context(), name, types.MergePatchType, change, metav1.PatchOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.awaitSet(name, n)
}

func (w workload) awaitSet(name string, n int32) {
	w.t.Helper()
	cluster.Eventually(w.t, fmt.Sprintf("%d pods of replicaset %s", n, name), func() bool {
		rs, err := w.client.AppsV1().ReplicaSets(w.ns).Get(w.t.Context(), name, metav1.GetOptions{})
		return err == nil && rs.Status.ObservedGeneration >= rs.Generation && rs.Status.Replicas == n && rs.Status.ReadyReplicas == n
	})
}

func (w workload) awaitRollout(name string, n int32) {
	w.t.Helper()
	cluster.Eventually(w.t, fmt.Sprintf("%d replicas of deployment %s", n, name), func() bool {
		d, err := w.client.AppsV1().Deployments(w.ns).Get(w.t.Context(), name, metav1.GetOptions{})
		s := appsv1.DeploymentStatus{}
		if err == nil {
			s = d.Status
		}
		return err == nil && s.ObservedGeneration >= d.Generation && s.Replicas == n && s.UpdatedReplicas == n && s.AvailableReplicas == n
	})
}

// tell makes events of one kind about a ReplicaSet until they are counted in one.
func (w workload) tell(name string) {
	w.t.Helper()
	const most = 60 // client-go's recorder counts from the tenth on, and the controller tells of several creations in one
	for n := range int32(most) {
		if w.isCounted(name) {
			w.scaleSet(name, 1)
			return
		}
		w.scaleSet(name, 3+n)
	}
	w.t.Errorf("%d creations in replicaset %s made no event that is counted", most, name)
}

// isCounted reports whether there is an event of the ReplicaSet that stands for several.
func (w workload) isCounted(name string) bool {
	w.t.Helper()
	events, err := w.client.CoreV1().Events(w.ns).List(w.t.Context(), metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(events.Items, func(e corev1.Event) bool {
		return e.InvolvedObject.Kind == "ReplicaSet" && e.InvolvedObject.Name == name && e.Count > 1
	})
}
