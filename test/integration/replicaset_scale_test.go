package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func TestReplicaSetScales(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	web := create(t, client, ns, replicaSet("web", 0))
	steps := []struct {
		replicas int
		want     tally // once they are there
	}{
		{500, tally{Active: 500, Most: 500, Made: 500, Deleted: 0}},
		{3, tally{Active: 3, Most: 500, Made: 500, Deleted: 497}},
		{0, tally{Active: 0, Most: 3, Made: 500, Deleted: 500}},
	}
	for _, step := range steps {
		pods.reset()
		web.scale(int32(step.replicas))
		took := web.awaitAvailable(int32(step.replicas))
		t.Logf("scaled to %d in %v", step.replicas, took)
		cluster.Eventually(t, "the watch of pods to tell the same", func() bool { return pods.tally(t).Active == step.replicas })
		if diff := cmp.Diff(step.want, pods.tally(t)); diff != "" {
			t.Errorf("pods after scaling to %d (-want +got):\n%s", step.replicas, diff)
		}
	}
}

func TestKubectlScalesAndDescribes(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	web := create(t, client, ns, replicaSet("web", 1))
	web.awaitAvailable(1)
	shared.Kubectl(t, "-n", ns, "scale", "rs/web", "--replicas=3", "--current-replicas=1")
	web.awaitAvailable(3)
	shared.Kubectl(t, "-n", ns, "scale", "rs/web", "--replicas=1")
	web.awaitAvailable(1)
	var text string
	cluster.Eventually(t, "events to be described", func() bool {
		text = shared.Kubectl(t, "-n", ns, "describe", "rs/web")
		return strings.Contains(text, "SuccessfulDelete")
	})
	for _, want := range []string{"SuccessfulCreate", "replicaset-controller", "Created pod: web-", "Replicas:     1 current / 1 desired"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the description:\n%s", want, text)
		}
	}
}

// Without metrics an autoscaler can only keep to its bounds, which is enough to see that it reaches the scale subresource.
func TestKubectlAutoscales(t *testing.T) {
	client, ns := namespace(t)
	keepReplicaSets(t, shared.Kubeconfig, fast()...)
	web := create(t, client, ns, replicaSet("web", 1))
	web.awaitAvailable(1)
	shared.Kubectl(t, "-n", ns, "autoscale", "rs/web", "--min=2", "--max=4", "--cpu=50%")
	cluster.EventuallyWithin(t, 2*time.Minute, "the autoscaler to raise the replicas to its minimum", func() bool { return *web.get().Spec.Replicas == 2 })
	web.awaitAvailable(2)
	scale, err := client.AppsV1().ReplicaSets(ns).GetScale(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want, got := "2 of 2, app=web", fmt.Sprintf("%d of %d, %s", scale.Status.Replicas, scale.Spec.Replicas, scale.Status.Selector)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scale (-want +got):\n%s", diff)
	}
}
