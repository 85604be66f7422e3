package integration

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func TestDeploymentLeavesItsReplicaSetsToAnother(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	pods := count(t, client, ns)
	web := deploy(t, client, ns, newDeployment(3))
	web.awaitComplete()
	web.kubectl("delete", "deployment/web", "--cascade=orphan")
	cluster.Eventually(t, "the ReplicaSet to be an orphan", func() bool {
		sets := web.sets()
		return len(sets) == 1 && len(sets[0].OwnerReferences) == 0
	})
	heir := deploy(t, client, ns, newDeployment(3, named("heir")))
	heir.awaitComplete()
	heir.awaitHistory("1:v1=3")
	if owner := metav1.GetControllerOf(&heir.sets()[0]); owner == nil || owner.Name != "heir" {
		t.Errorf("the ReplicaSet belongs to %v, want heir", owner)
	}
	if diff := cmp.Diff(tally{Active: 3, Most: 3, Made: 3}, pods.tally(t)); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

func TestDeploymentReleasesWhatDoesNotMatch(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(2))
	web.awaitComplete()
	stray := web.sets()[0].Name
	web.kubectl("label", "rs/"+stray, "app=stray", "--overwrite")
	cluster.Eventually(t, "the ReplicaSet to be released", func() bool {
		released, err := client.AppsV1().ReplicaSets(ns).Get(t.Context(), stray, metav1.GetOptions{})
		return err == nil && len(released.OwnerReferences) == 0
	})
	// Its name is taken now: the Deployment needs another one for the same template.
	cluster.Eventually(t, "a second ReplicaSet", func() bool { return len(web.sets()) == 2 })
	web.awaitComplete()
	d := web.get()
	if d.Status.CollisionCount == nil || *d.Status.CollisionCount != 1 || len(web.sets()) != 2 {
		t.Errorf("collisionCount %v and %d ReplicaSets, want 1 and 2", d.Status.CollisionCount, len(web.sets()))
	}
}

func TestDeploymentsWithOverlappingSelectorsDoNotFight(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	web := deploy(t, client, ns, newDeployment(2))
	other := deploy(t, client, ns, newDeployment(2, named("other")))
	web.awaitComplete()
	other.awaitComplete()
	before := web.history()
	time.Sleep(2 * time.Second) // a fight would go on
	if diff := cmp.Diff(before, web.history()); diff != "" {
		t.Errorf("ReplicaSets change after both were done (-before +after):\n%s", diff)
	}
	web.awaitHistory("1:v1=2", "1:v1=2")
}

func TestHistoryIsAsLongAsAskedFor(t *testing.T) {
	client, ns := namespace(t)
	rollOut(t, shared.Kubeconfig, fast()...)
	limit := func(n int32) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = &n }
	}
	web := deploy(t, client, ns, newDeployment(1, limit(2)))
	web.awaitComplete()
	for _, image := range []string{"v2", "v3", "v4"} {
		web.setImage(image)
		web.awaitComplete()
	}
	web.awaitHistory("2:v2=0", "3:v3=0", "4:v4=1")
	web.patch(`{"spec":{"revisionHistoryLimit":0}}`)
	web.awaitHistory("4:v4=1")
	web.setImage("v5")
	web.awaitHistory("5:v5=1")
}
