package deployment

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

// largeDeployment returns an engine on a Deployment of 1,000 pods, and its clock.
func largeDeployment(t *testing.T, d *appsv1.Deployment, set *appsv1.ReplicaSet) (*Engine, *fake.Clientset, *time.Time) {
	t.Helper()
	client, c, now := fake.NewClientset(d, set), cachesOf(t, d, set), epoch()
	for _, pod := range podsOf(set) {
		if err := c.pods.Add(pod); err != nil {
			t.Fatal(err)
		}
	}
	return NewEngine(Config{
		Client: client, Deployments: c.deployments, ReplicaSets: c.replicaSets, Pods: c.pods,
		Now:  func() time.Time { return now },
		Say:  func(*appsv1.Deployment, string, string, string) {},
		Wake: func(worker.Key) {},
	}), client, &now
}

// TestLargeDeploymentIsLookedAtAtAPace reconciles one again and again, as when its pods change all the time.
func TestLargeDeploymentIsLookedAtAtAPace(t *testing.T) {
	set := newSet("new", time.Hour, 1000, 1000, available(1000))
	d := settled(newDeployment(1000), set)
	e, _, now := largeDeployment(t, d, set)
	var looks []bool
	for range 4 {
		before := e.term.remember(keyOf(d), d.UID).pace
		if _, err := e.Reconcile(t.Context(), keyOf(d)); err != nil {
			t.Fatal(err)
		}
		looks = append(looks, before != e.term.remember(keyOf(d), d.UID).pace)
		*now = now.Add(25 * time.Millisecond)
	}
	if diff := cmp.Diff([]bool{true, false, true, false}, looks); diff != "" {
		t.Errorf("looks at 1,000 pods, one each 25 ms (-want +got):\n%s", diff)
	}
}

// TestPaceHidesNoFailure reconciles again what has failed before its pace would allow.
func TestPaceHidesNoFailure(t *testing.T) {
	set := newSet("new", time.Hour, 900, 1000, available(900))
	d := newDeployment(1000)
	e, client, _ := largeDeployment(t, d, set)
	client.PrependReactor("patch", "*", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, errors.New("no") })
	for range 2 {
		if _, err := e.Reconcile(t.Context(), keyOf(d)); err == nil {
			t.Error("Reconcile = nil, want that the ReplicaSet can't be changed")
		}
	}
}
