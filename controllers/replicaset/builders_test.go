package replicaset

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/6ead2ce0/wheelhouse/controllers/controllertest"
)

// epoch is the time at which tests begin.
func epoch() time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
}

func ago(d time.Duration) metav1.Time {
	return metav1.NewTime(epoch().Add(-d))
}

// ownerUID is the UID of the ReplicaSet that newReplicaSet makes.
const ownerUID types.UID = "web-uid"

// newReplicaSet returns a ReplicaSet "web" that selects app=web.
func newReplicaSet(replicas int32, changes ...func(*appsv1.ReplicaSet)) *appsv1.ReplicaSet {
	labels := map[string]string{"app": "web"}
	zero := int32(0)
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: ownerUID, Generation: 1, ResourceVersion: "1"},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "web"}}},
			},
		},
		Status: appsv1.ReplicaSetStatus{ObservedGeneration: 1, TerminatingReplicas: &zero},
	}
	for _, change := range changes {
		change(rs)
	}
	return rs
}

// newPod returns a running pod of the ReplicaSet that newReplicaSet makes, an hour old and not ready.
func newPod(name string, changes ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: name, UID: types.UID(name), ResourceVersion: "1",
			Labels:            map[string]string{"app": "web"},
			CreationTimestamp: ago(time.Hour),
			OwnerReferences:   []metav1.OwnerReference{controllerRef(newReplicaSet(0))},
		},
		Spec:   corev1.PodSpec{NodeName: "node-" + name},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	for _, change := range changes {
		change(pod)
	}
	return pod
}

// newPods returns n pods named prefix-0 and so on.
func newPods(prefix string, n int, changes ...func(*corev1.Pod)) []*corev1.Pod {
	pods := make([]*corev1.Pod, 0, n)
	for i := range n {
		pods = append(pods, newPod(fmt.Sprintf("%s-%03d", prefix, i), changes...))
	}
	return pods
}

func orphan(pod *corev1.Pod)   { pod.OwnerReferences = nil }
func stranger(pod *corev1.Pod) { pod.Labels = map[string]string{"app": "db"} }
func foreign(pod *corev1.Pod)  { pod.OwnerReferences[0].UID = "other-uid" }
func deleted(pod *corev1.Pod)  { pod.DeletionTimestamp = &metav1.Time{Time: epoch()} }

func inPhase(phase corev1.PodPhase) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Phase = phase }
}

func readyFor(d time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: ago(d)}}
	}
}

// served makes a pod one that was ready once, and unserved one that never was, as a kubelet tells of them.
func served(pod *corev1.Pod)   { unreadySince(pod, ago(time.Second)) }
func unserved(pod *corev1.Pod) { unreadySince(pod, ago(10*time.Second)) }

// unreadySince makes a pod one that was started ten seconds ago.
func unreadySince(pod *corev1.Pod, since metav1.Time) {
	start := ago(10 * time.Second)
	pod.Status.StartTime = &start
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: since}}
}

func createdAgo(d time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.CreationTimestamp = ago(d) }
}

func names(pods []*corev1.Pod) []string {
	var list []string
	for _, pod := range pods {
		list = append(list, pod.Name)
	}
	return list
}

// disguised returns what are the same pods to whoever reads no more of them than the controller declares.
func disguised(pods ...*corev1.Pod) []*corev1.Pod {
	list := make([]*corev1.Pod, 0, len(pods))
	for _, pod := range pods {
		list = append(list, controllertest.Disguise(pod, podFields()))
	}
	return list
}
