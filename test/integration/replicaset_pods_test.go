package integration

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func annotate(t *testing.T, client kubernetes.Interface, ns, pod, key, value string) {
	t.Helper()
	patch := []byte(`{"metadata":{"annotations":{"` + key + `":"` + value + `"}}}`)
	if _, err := client.CoreV1().Pods(ns).Patch(t.Context(), pod, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestCheapPodsAreDeletedFirst(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	web := create(t, client, ns, replicaSet("web", 6))
	web.awaitAvailable(6)
	costs := []string{"-100", "50", "0", "100", "-5", "7"}
	var want []string
	for i, pod := range pods(t, client, ns) {
		annotate(t, client, ns, pod.Name, corev1.PodDeletionCost, costs[i])
		if costs[i] == "50" || costs[i] == "100" || costs[i] == "7" {
			want = append(want, pod.Name)
		}
	}
	time.Sleep(time.Second) // so that the last cost, too, has come into the manager's cache
	web.scale(3)
	web.awaitAvailable(3)
	cluster.Eventually(t, "the others to be gone", func() bool { return len(pods(t, client, ns)) == 3 })
	var got []string
	for _, pod := range pods(t, client, ns) {
		got = append(got, pod.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pods that are left (-want +got):\n%s", diff)
	}
}

func TestPodsBecomeAvailableByThemselves(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	const seconds = 4
	rs := replicaSet("web", 2)
	rs.Spec.MinReadySeconds = seconds
	web := create(t, client, ns, rs)
	web.awaitStatus("2 ready", func(status appsv1.ReplicaSetStatus) bool { return status.ReadyReplicas == 2 })
	if n := web.get().Status.AvailableReplicas; n != 0 {
		t.Errorf("%d pods are available at once, want none before %d seconds", n, seconds)
	}
	web.awaitAvailable(2)
	var last time.Time
	for _, pod := range pods(t, client, ns) {
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.LastTransitionTime.After(last) {
				last = condition.LastTransitionTime.Time
			}
		}
	}
	late := time.Since(last.Add(seconds * time.Second))
	t.Logf("the status told of the last pod %v after it became available", late.Round(time.Millisecond))
	if late < 0 || late > 10*time.Second {
		t.Errorf("the status told of the last pod %v after it became available", late)
	}
}

func TestTerminatingPodsAreCountedAndReplaced(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	counted := count(t, client, ns)
	rs := annotated(replicaSet("web", 2), "slow-delete", "true")
	grace := int64(3)
	rs.Spec.Template.Spec.TerminationGracePeriodSeconds = &grace
	web := create(t, client, ns, rs)
	web.awaitAvailable(2)
	deletePod(t, client, ns, pods(t, client, ns)[0].Name)
	web.awaitTerminating(2, 1)
	web.scale(0)
	web.awaitTerminating(0, 3)
	web.awaitTerminating(0, 0)
	if diff := cmp.Diff(tally{Active: 0, Most: 2, Made: 3, Deleted: 3}, counted.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

func (s set) awaitTerminating(available, terminating int32) {
	s.t.Helper()
	what := fmt.Sprintf("%d available and %d terminating", available, terminating)
	s.awaitStatus(what, func(status appsv1.ReplicaSetStatus) bool {
		return status.Replicas == available && status.AvailableReplicas == available &&
			status.TerminatingReplicas != nil && *status.TerminatingReplicas == terminating
	})
}

// A pod that a finalizer keeps has ended, and is neither a replica nor terminating.
func TestPodsKeptByFinalizersAreReplaced(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	counted := count(t, client, ns)
	rs := replicaSet("web", 2)
	rs.Spec.Template.Finalizers = []string{"example.test/hold"}
	web := create(t, client, ns, rs)
	t.Cleanup(func() { dropFinalizers(t, client, ns) })
	web.awaitAvailable(2)
	deletePod(t, client, ns, pods(t, client, ns)[0].Name)
	cluster.Eventually(t, "a third pod", func() bool { return counted.tally(t).Made == 3 })
	web.awaitTerminating(2, 0)
	web.scale(0)
	web.awaitTerminating(0, 0)
	if diff := cmp.Diff(tally{Active: 0, Most: 2, Made: 3, Deleted: 3}, counted.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
	dropFinalizers(t, client, ns)
	cluster.Eventually(t, "the pods to be gone", func() bool { return len(pods(t, client, ns)) == 0 })
}

// dropFinalizers lets the pods of the namespace go.
func dropFinalizers(t *testing.T, client kubernetes.Interface, ns string) {
	ctx := context.Background() // the test's may have ended
	list, err := client.CoreV1().Pods(ns).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range list.Items {
		// One that is gone needs nothing.
		_, _ = client.CoreV1().Pods(ns).Patch(ctx, pod.Name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	}
}
