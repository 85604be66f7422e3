package integration

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

func recreate(d *appsv1.Deployment) {
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
}

func TestDeploymentRollsWithinItsBudget(t *testing.T) {
	for _, tc := range []struct {
		name        string
		change      func(*appsv1.Deployment)
		most, least int
	}{
		{"surge and unavailable", bounds(intstr.FromInt32(2), intstr.FromInt32(1)), 12, 9},
		{"surge alone", bounds(intstr.FromString("25%"), intstr.FromInt32(0)), 13, 10},
		{"unavailable alone", bounds(intstr.FromInt32(0), intstr.FromString("25%")), 10, 8},
		{"largest surge", bounds(intstr.FromInt32(math.MaxInt32), intstr.FromInt32(0)), 20, 10},
		{"largest percentage", bounds(intstr.FromString("100000000000%"), intstr.FromInt32(0)), 20, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			client, ns := namespace(t)
			rollOut(t, shared.Kubeconfig, fast()...)
			pods, asked := count(t, client, ns), askedFor(t, client, ns)
			web := deploy(t, client, ns, newDeployment(10, tc.change))
			created := web.awaitComplete()
			cluster.Eventually(t, "the watch to show 10 pods ready", func() bool { pods.reset(); return pods.leastReady() == 10 })
			web.setImage("v2")
			rolled := web.awaitComplete()
			t.Logf("created in %v, rolled out in %v", created, rolled)
			if most, least := asked.atMost(), pods.leastReady(); most > tc.most || least < tc.least {
				t.Errorf("at most %d pods asked for and at least %d ready, want %d and %d", most, least, tc.most, tc.least)
			}
			web.awaitHistory("1:v1=0", "2:v2=10")
			for kind, want := range map[appsv1.DeploymentConditionType]string{
				appsv1.DeploymentAvailable: "True MinimumReplicasAvailable", appsv1.DeploymentProgressing: "True NewReplicaSetAvailable",
			} {
				if diff := cmp.Diff(want, web.condition(kind)); diff != "" {
					t.Errorf("condition %s (-want +got):\n%s", kind, diff)
				}
			}
		})
	}
}

func TestUndisturbedRolloutHasNoConflicts(t *testing.T) {
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	rollOut(t, proxy.Kubeconfig("admin"), fast()...)
	web := deploy(t, client, ns, newDeployment(10, bounds(intstr.FromString("25%"), intstr.FromString("25%"))))
	web.awaitComplete()
	web.setImage("v2")
	web.awaitComplete()
	time.Sleep(5 * time.Second) // what was held back is written
	writes := proxy.Requests(faultproxy.Match{Where: faultproxy.Request.IsWrite, Namespace: ns})
	byKind := map[string]int{}
	for _, request := range writes {
		byKind[request.Verb+" "+request.Resource+"/"+request.Subresource]++
		if request.Upstream >= 400 {
			t.Errorf("%s %s %s/%s was answered with %d", request.Verb, request.Resource, request.Name, request.Subresource, request.Upstream)
		}
	}
	t.Logf("%d writes for 10 pods made and 10 replaced: %v", len(writes), byKind)
}

// An edit in the middle of a rollout takes its pods away first.
func TestDeploymentRollsOver(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(10, bounds(intstr.FromInt32(2), intstr.FromInt32(2))))
	web.awaitComplete()
	web.patch(`{"spec":{"template":{"metadata":{"annotations":{"` + steer + `ready":"false"}}}}}`)
	web.setImage("stuck")
	web.await("a rollout that is stuck", func(d *appsv1.Deployment) bool {
		return d.Status.UpdatedReplicas == 4 && d.Status.AvailableReplicas == 8
	})
	web.patch(`{"spec":{"template":{"metadata":{"annotations":null}}}}`)
	web.setImage("v3")
	web.awaitComplete()
	sets := web.history()
	if diff := cmp.Diff("1:v1=0", sets[0]); diff != "" {
		t.Errorf("first ReplicaSet (-want +got):\n%s", diff)
	}
}

func TestDeploymentRecreates(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	web := deploy(t, client, ns, newDeployment(5, recreate, steered("slow-delete", "true"), func(d *appsv1.Deployment) {
		seconds := int64(2)
		d.Spec.Template.Spec.TerminationGracePeriodSeconds = &seconds
	}))
	web.awaitComplete()
	made := pods.tally(t).Made
	web.setImage("v2")
	web.await("the old pods to be told to end", func(d *appsv1.Deployment) bool { return d.Status.Replicas == 0 })
	if d := web.get(); d.Status.TerminatingReplicas == nil || *d.Status.TerminatingReplicas != 5 {
		t.Errorf("terminating replicas: %v, want 5", d.Status.TerminatingReplicas)
	}
	if now := pods.tally(t).Made; now != made {
		t.Errorf("%d pods were made while old ones were there", now-made)
	}
	web.awaitComplete()
	web.awaitHistory("1:v1=0", "2:v2=5")
}

func TestPausedDeploymentScalesAndDoesNotRoll(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitComplete()
	shared.Kubectl(t, "-n", ns, "rollout", "pause", "deployment/web")
	web.awaitCondition(appsv1.DeploymentProgressing, "Unknown DeploymentPaused")
	web.setImage("v2")
	web.scale(5)
	web.await("5 old pods", func(d *appsv1.Deployment) bool { return d.Status.Replicas == 5 && d.Status.AvailableReplicas == 5 })
	web.awaitHistory("1:v1=5")
	shared.Kubectl(t, "-n", ns, "rollout", "resume", "deployment/web")
	web.awaitComplete()
	web.awaitHistory("1:v1=0", "2:v2=5")
}

// A change of size in the middle of a rollout is shared out in proportion.
func TestDeploymentScalesInProportion(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(10, bounds(intstr.FromInt32(3), intstr.FromInt32(2))))
	web.awaitComplete()
	web.patch(`{"spec":{"template":{"metadata":{"annotations":{"` + steer + `ready":"false"}}}}}`)
	web.await("a rollout that is stuck", func(d *appsv1.Deployment) bool { return d.Status.Replicas == 13 && d.Status.UpdatedReplicas == 5 })
	web.awaitHistory("1:v1=8", "2:v1=5")
	web.scale(15) // the example of Kubernetes' documentation: of 5 more and 3 that may be over, 3 go to the larger
	web.awaitHistory("1:v1=11", "2:v1=7")
}

func TestDeploymentWaitsMinReadySeconds(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(3, bounds(intstr.FromInt32(1), intstr.FromInt32(0)), func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 2 }))
	web.awaitComplete()
	web.setImage("v2")
	if took := web.awaitComplete(); took < 6*time.Second-time.Second*3/2 { // timestamps are cut off at the second
		t.Errorf("three pods, one after the other, each 2 s: done in %v", took)
	}
	seconds := web.sets()[1].Spec.MinReadySeconds
	web.patch(`{"spec":{"minReadySeconds":1}}`)
	cluster.Eventually(t, "the ReplicaSet to follow", func() bool { return web.sets()[1].Spec.MinReadySeconds == 1 })
	if diff := cmp.Diff([]int{2, 2}, []int{int(seconds), len(web.sets())}); diff != "" {
		t.Errorf("minReadySeconds of the ReplicaSet before, and ReplicaSets after (-want +got):\n%s", diff)
	}
}

func TestProgressDeadlineIsExceededAndRecoveredFrom(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(2, func(d *appsv1.Deployment) {
		seconds := int32(2)
		d.Spec.ProgressDeadlineSeconds = &seconds
	}))
	web.awaitComplete()
	web.patch(`{"spec":{"template":{"metadata":{"annotations":{"` + steer + `ready":"false"}}}}}`)
	web.awaitCondition(appsv1.DeploymentProgressing, "False ProgressDeadlineExceeded")
	for _, pod := range pods(t, client, ns) {
		if pod.Annotations[steer+"ready"] == "false" {
			shared.Kubectl(t, "-n", ns, "annotate", "pod", pod.Name, steer+"ready-")
		}
	}
	web.awaitComplete()
	web.awaitCondition(appsv1.DeploymentProgressing, "True NewReplicaSetAvailable")
	if status := web.condition(appsv1.DeploymentAvailable); status != string(corev1.ConditionTrue)+" MinimumReplicasAvailable" {
		t.Errorf("condition Available is %q", status)
	}
}
