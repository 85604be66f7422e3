package deployment

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"
)

func TestGeneratedReplicaSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDeployment(3, numbers(2, 0), annotated("note", "a"), annotated("kubectl.kubernetes.io/last-applied-configuration", "{}"),
			func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 7 })
		p := start(t, d)
		defer p.End()
		p.Settle(time.Second)
		got := p.sets()[newName()]
		labels := map[string]string{"app": "web", "pod-template-hash": strings.TrimPrefix(newName(), "web-")}
		want := metav1.ObjectMeta{
			Namespace: "default", Name: newName(), Labels: labels,
			Annotations: map[string]string{
				"note": "a", "deployment.kubernetes.io/revision": "1",
				"deployment.kubernetes.io/desired-replicas": "3", "deployment.kubernetes.io/max-replicas": "5",
			},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "web", UID: "web-uid", Controller: ptr(true), BlockOwnerDeletion: ptr(true)}},
		}
		got.UID, got.Generation, got.ResourceVersion, got.CreationTimestamp, got.ManagedFields = "", 0, "", metav1.Time{}, nil
		if diff := cmp.Diff(want, got.ObjectMeta); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		template := templateOf("new")
		template.Labels = labels
		spec := appsv1.ReplicaSetSpec{Replicas: ptr[int32](3), MinReadySeconds: 7, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: template}
		if diff := cmp.Diff(spec, got.Spec); diff != "" {
			t.Errorf("spec (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"Normal ScalingReplicaSet Scaled up replica set " + newName() + " from 0 to 3"}, p.Events()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// renamed gives a ReplicaSet the name that the Deployment's new one is to get.
func renamed(set *appsv1.ReplicaSet) {
	set.Name = newName()
}

// hideSets keeps ReplicaSets out of the controller's cache for a while: a watch that lags behind.
func (p *process) hideSets(until time.Duration) {
	end := time.Now().Add(until)
	p.React("list", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) {
		if time.Now().Before(end) {
			return true, &appsv1.ReplicaSetList{}, nil
		}
		return false, nil, nil
	})
}

func TestNameThatIsTaken(t *testing.T) {
	for _, tc := range []struct {
		name       string
		other      *appsv1.ReplicaSet
		want       []string // names of the Deployment's ReplicaSets
		collisions *int32
	}{
		{"by our own", newSet("new", 0, 3, 3, renamed), []string{newName()}, nil},
		{"by one of ours with another template", newSet("old", 0, 0, 3, renamed), []string{newName(), newName(1)}, ptr[int32](1)},
		{"by one of somebody else", newSet("new", 0, 3, 3, renamed, foreign), []string{newName(1)}, ptr[int32](1)},
		{"by an orphan that matches", newSet("new", 0, 3, 3, renamed, orphan), []string{newName()}, nil},
		{"by an orphan that doesn't", newSet("new", 0, 3, 3, renamed, orphan, stranger), []string{newName(1)}, ptr[int32](1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t, newDeployment(3), tc.other)
				defer p.End()
				p.Settle(time.Minute)
				var got []string
				for _, name := range []string{newName(), newName(1), newName(2)} {
					if set, ok := p.sets()[name]; ok && metav1.IsControlledBy(&set, newDeployment(3)) {
						got = append(got, name)
					}
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("own replicasets (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tc.collisions, p.deployment().Status.CollisionCount); diff != "" {
					t.Errorf("collisions (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestOwnReplicaSetThatTheCacheLacks(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*appsv1.ReplicaSet)
	}{
		{"already ours", func(*appsv1.ReplicaSet) {}},
		{"to be adopted", orphan},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := prepare(t, newDeployment(3), newSet("new", 0, 3, 3, renamed, tc.change))
				p.hideSets(time.Second)
				p.Run()
				defer p.End()
				p.Settle(2 * time.Second)
				if diff := cmp.Diff([]any{(*int32)(nil), 1}, []any{p.deployment().Status.CollisionCount, len(p.sets())}); diff != "" || p.Calls("create", "replicasets") == 0 {
					t.Errorf("collisions, replicasets (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestCreationThatIsDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newDeployment(3, deadlineOf(600)))
		var allowed atomic.Bool
		p.React("create", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return !allowed.Load(), nil, forbidden() })
		p.Run()
		defer p.End()
		p.Settle(30 * time.Minute)
		if events := p.Events(); len(events) != 1 || !strings.HasPrefix(events[0], "Warning ReplicaSetCreateError Failed to create new replica set ") {
			t.Errorf("events of 30 minutes: %q, want ReplicaSetCreateError once", events)
		}
		if tries := p.Calls("create", "replicasets"); tries < 60 || tries > 120 {
			t.Errorf("%d tries in 30 minutes, want one every 20s", tries)
		}
		if diff := cmp.Diff("False ReplicaSetCreateError", p.progressing()); diff != "" {
			t.Errorf("progress while denied (-want +got):\n%s", diff)
		}
		allowed.Store(true)
		p.Settle(20 * time.Second)
		if progress := p.progressing(); len(p.sets()) != 1 || !strings.HasPrefix(progress, "True ") {
			t.Errorf("20s after it was allowed: %d replicasets, progress %s", len(p.sets()), progress)
		}
	})
}

func TestNamespaceBeingDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newDeployment(3, deadlineOf(60)))
		p.React("create", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, terminating() })
		p.Run()
		defer p.End()
		p.Settle(finalWait - time.Second)
		if diff := cmp.Diff([]any{1, 0, 0}, []any{p.Calls("create", "replicasets"), len(p.Events()), p.Logs.Len()}); diff != "" {
			t.Errorf("creates, events, warnings (-want +got):\n%s", diff)
		}
	})
}

func TestReplyThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newDeployment(3))
		lost := true
		p.React("create", "replicasets", func(action clienttesting.Action) (bool, runtime.Object, error) {
			if !lost {
				return false, nil, nil
			}
			lost = false
			set := action.(clienttesting.CreateAction).GetObject().(*appsv1.ReplicaSet)
			set.UID, set.Generation = "made", 1
			if err := p.Client.Tracker().Create(appsv1.SchemeGroupVersion.WithResource("replicasets"), set, "default"); err != nil {
				return true, nil, err
			}
			return true, nil, errors.New("connection reset by peer")
		})
		p.Run()
		defer p.End()
		p.Settle(time.Minute)
		if diff := cmp.Diff(map[string]int32{newName(): 3}, p.sizes()); diff != "" {
			t.Errorf("replicasets (-want +got):\n%s", diff)
		}
		if count := p.deployment().Status.CollisionCount; count != nil {
			t.Errorf("%d collisions, want none", *count)
		}
	})
}
