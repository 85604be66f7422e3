package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// orphan makes a pod without a controller.
func orphan(t *testing.T, client kubernetes.Interface, ns, name string, labels map[string]string) {
	t.Helper()
	pod := cluster.Pod(name)
	pod.Labels = labels
	if _, err := client.CoreV1().Pods(ns).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// controllers returns how many pods each controller has, by name; "" counts those without.
func controllers(t *testing.T, client kubernetes.Interface, ns string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for _, pod := range pods(t, client, ns) {
		name := ""
		if ref := metav1.GetControllerOf(&pod); ref != nil {
			name = ref.Name
		}
		got[name]++
	}
	return got
}

func awaitControllers(t *testing.T, client kubernetes.Interface, ns string, want map[string]int) {
	t.Helper()
	cluster.Eventually(t, "pods to belong to whom they should", func() bool { return cmp.Equal(want, controllers(t, client, ns)) })
}

func TestReplicaSetAdoptsAndReleases(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	orphan(t, client, ns, "mine", app("web"))
	orphan(t, client, ns, "other", app("db"))
	web := create(t, client, ns, replicaSet("web", 2))
	web.awaitAvailable(2)
	awaitControllers(t, client, ns, map[string]int{"web": 2, "": 1})
	if diff := cmp.Diff(tally{Active: 3, Most: 3, Made: 3}, pods.tally(t)); diff != "" {
		t.Errorf("pods after adoption (-want +got):\n%s", diff)
	}

	relabel(t, client, ns, "mine", "db")
	awaitControllers(t, client, ns, map[string]int{"web": 2, "": 2})
	web.awaitAvailable(2)

	relabel(t, client, ns, "mine", "web") // one too many
	awaitControllers(t, client, ns, map[string]int{"web": 2, "": 1})
	web.awaitAvailable(2)
	if diff := cmp.Diff(tally{Active: 3, Most: 4, Made: 4, Deleted: 1}, pods.tally(t)); diff != "" {
		t.Errorf("pods in the end (-want +got):\n%s", diff)
	}
}

func relabel(t *testing.T, client kubernetes.Interface, ns, pod, name string) {
	t.Helper()
	patch := []byte(`{"metadata":{"labels":{"app":"` + name + `"}}}`)
	if _, err := client.CoreV1().Pods(ns).Patch(t.Context(), pod, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A ReplicaSet that is deleted without its pods leaves them to the next one that selects them.
func TestReplicaSetTakesOverAnothersPods(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	create(t, client, ns, replicaSet("web", 3)).awaitAvailable(3)
	shared.Kubectl(t, "-n", ns, "delete", "rs/web", "--cascade=orphan")
	awaitControllers(t, client, ns, map[string]int{"": 3})
	heir := replicaSet("web", 3)
	heir.Name = "heir"
	create(t, client, ns, heir).awaitAvailable(3)
	awaitControllers(t, client, ns, map[string]int{"heir": 3})
	if diff := cmp.Diff(tally{Active: 3, Most: 3, Made: 3}, pods.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

func TestReplicaSetsWithOverlappingSelectorsDoNotFight(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	for i := range 4 {
		orphan(t, client, ns, fmt.Sprint("orphan-", i), app("web"))
	}
	second := replicaSet("web", 3)
	second.Name = "web-too"
	sets := []set{create(t, client, ns, replicaSet("web", 3)), create(t, client, ns, second)}
	for _, s := range sets {
		s.awaitStatus("3 replicas", func(status appsv1.ReplicaSetStatus) bool { return status.Replicas == 3 })
	}
	awaitControllers(t, client, ns, map[string]int{"web": 3, "web-too": 3})
	settled := pods.tally(t)
	time.Sleep(3 * time.Second) // a fight would go on
	if diff := cmp.Diff(settled, pods.tally(t)); diff != "" {
		t.Errorf("pods change after both were done (-before +after):\n%s", diff)
	}
	if changes := pods.changesOfOwner(); changes > 4 {
		t.Errorf("pods changed hands %d times, want at most once for each of the 4 orphans", changes)
	}
}
