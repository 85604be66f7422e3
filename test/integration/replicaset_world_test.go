package integration

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// steer begins the annotations by which fake pods are told how to behave.
const steer = "localcluster.wheelhouse.dev/"

// fast are the flags of a manager that isn't held back by its own limits, nor by the question who else is there.
func fast(args ...string) []string {
	return append([]string{"--kube-api-qps=1000", "--kube-api-burst=1000", "--leader-elect=false", "--rival-check=off"}, args...)
}

// atDefaultRate are the flags of a manager that may make as many requests as kube-controller-manager by default.
func atDefaultRate() []string {
	return []string{"--leader-elect=false", "--rival-check=off"}
}

// keepReplicaSets runs a manager of all ReplicaSets of the cluster until the test ends, and waits until it works.
func keepReplicaSets(t *testing.T, kubeconfig string, args ...string) *cluster.Process {
	t.Helper()
	p := startKeeper(t, kubeconfig, args...)
	p.WaitForLog(t, `replicaset controller state .*"Running"`)
	return p
}

func startKeeper(t *testing.T, kubeconfig string, args ...string) *cluster.Process {
	t.Helper()
	return cluster.Wheelhouse(t, append([]string{"--kubeconfig", kubeconfig, "--controllers=replicaset"}, args...)...)
}

// set is one ReplicaSet and those who look after it in a test.
type set struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string
	name   string
}

// app labels the pods of a ReplicaSet with its name.
func app(name string) map[string]string {
	return map[string]string{"app": name}
}

// replicaSet returns one whose pods run at once.
func replicaSet(name string, replicas int32) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: app(name)},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: app(name)}, Spec: cluster.Pod("").Spec},
		},
	}
}

// annotated returns the ReplicaSet with an annotation that steers its pods.
func annotated(rs *appsv1.ReplicaSet, key, value string) *appsv1.ReplicaSet {
	rs.Spec.Template.Annotations = map[string]string{steer + key: value}
	return rs
}

func create(t *testing.T, client kubernetes.Interface, ns string, rs *appsv1.ReplicaSet) set {
	t.Helper()
	if _, err := client.AppsV1().ReplicaSets(ns).Create(t.Context(), rs, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return set{t, client, ns, rs.Name}
}

func (s set) get() *appsv1.ReplicaSet {
	s.t.Helper()
	rs, err := s.client.AppsV1().ReplicaSets(s.ns).Get(s.t.Context(), s.name, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	return rs
}

func (s set) patch(patch string) {
	s.t.Helper()
	_, err := s.client.AppsV1().ReplicaSets(s.ns).Patch(s.t.Context(), s.name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s set) scale(replicas int32) {
	s.t.Helper()
	s.patch(fmt.Sprintf(`{"spec":{"replicas":%d}}`, replicas))
}

// awaitStatus waits until the status has caught up with the spec and holds what is asked of it.
func (s set) awaitStatus(what string, holds func(appsv1.ReplicaSetStatus) bool) time.Duration {
	s.t.Helper()
	return s.awaitStatusWithin(time.Minute, what, holds)
}

func (s set) awaitStatusWithin(bound time.Duration, what string, holds func(appsv1.ReplicaSetStatus) bool) time.Duration {
	s.t.Helper()
	begin := time.Now()
	cluster.EventuallyWithin(s.t, bound, s.ns+"/"+s.name+": "+what, func() bool {
		rs := s.get()
		return rs.Status.ObservedGeneration == rs.Generation && holds(rs.Status)
	})
	return time.Since(begin).Round(time.Millisecond)
}

// awaitAvailable waits until so many pods are available and no more are there.
func (s set) awaitAvailable(n int32) time.Duration {
	s.t.Helper()
	return s.awaitStatus(fmt.Sprintf("%d available", n), isAvailable(n))
}

func isAvailable(n int32) func(appsv1.ReplicaSetStatus) bool {
	return func(status appsv1.ReplicaSetStatus) bool {
		return status.Replicas == n && status.AvailableReplicas == n
	}
}

// pods returns those that exist in the namespace.
func pods(t *testing.T, client kubernetes.Interface, ns string) []corev1.Pod {
	t.Helper()
	list, err := client.CoreV1().Pods(ns).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// deletePod deletes a pod at once.
func deletePod(t *testing.T, client kubernetes.Interface, ns, name string) {
	t.Helper()
	if err := client.CoreV1().Pods(ns).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// conditionReason returns the reason of the condition ReplicaFailure, or "".
func (s set) conditionReason() string {
	s.t.Helper()
	for _, condition := range s.get().Status.Conditions {
		if condition.Type == appsv1.ReplicaSetReplicaFailure {
			return condition.Reason
		}
	}
	return ""
}
