package replicaset

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"
)

func TestGeneratedPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rs := newReplicaSet(1, func(rs *appsv1.ReplicaSet) {
			rs.Spec.Template.Annotations = map[string]string{"note": "a"}
			rs.Spec.Template.Finalizers = []string{"example.com/hold"}
		})
		p := start(t, rs)
		defer p.End()
		p.Settle(time.Second)
		got := p.pods()[0]
		want := metav1.ObjectMeta{
			Namespace: "default", Name: got.Name, GenerateName: "web-", Labels: map[string]string{"app": "web"},
			Annotations: map[string]string{"note": "a"}, Finalizers: []string{"example.com/hold"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web", UID: ownerUID, Controller: ptr(true), BlockOwnerDeletion: ptr(true)}},
		}
		got.ResourceVersion, got.ManagedFields = "", nil
		if diff := cmp.Diff(want, got.ObjectMeta); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(rs.Spec.Template.Spec, got.Spec); diff != "" {
			t.Errorf("spec (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"Normal SuccessfulCreate Created pod: " + got.Name}, p.Events()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestAdoptsAfterALiveRead(t *testing.T) {
	for _, tc := range []struct {
		name string
		live *appsv1.ReplicaSet
		err  error
		want bool
	}{
		{name: "still there", live: newReplicaSet(1), want: true},
		{name: "another of that name", live: newReplicaSet(1, func(rs *appsv1.ReplicaSet) { rs.UID = "other" })},
		{name: "being deleted", live: newReplicaSet(1, func(rs *appsv1.ReplicaSet) { rs.DeletionTimestamp = &metav1.Time{Time: epoch()} })},
		{name: "gone", err: apierrors.NewNotFound(schema.GroupResource{Resource: "replicasets"}, "web")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := prepare(t, newReplicaSet(1), newPod("orphan", orphan))
				p.React("get", "replicasets", func(clienttesting.Action) (bool, runtime.Object, error) { return true, tc.live, tc.err })
				p.Run()
				defer p.End()
				p.Settle(2 * time.Second)
				pods := p.pods()
				if len(pods) != 1 {
					t.Fatalf("%d pods, want the orphan alone", len(pods))
				}
				if got := metav1.IsControlledBy(&pods[0], newReplicaSet(1)); got != tc.want {
					t.Errorf("adopted: %v, want %v", got, tc.want)
				}
			})
		})
	}
}

func TestReleasesIgnoringWhatIsGone(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
	}{
		{"gone", apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "own")},
		{"not ours any more", apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "own", nil)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := prepare(t, newReplicaSet(1), newPod("own", stranger))
				p.React("patch", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, tc.err })
				p.Run()
				defer p.End()
				p.Settle(time.Minute)
				if diff := cmp.Diff([]int{1, 0}, []int{p.podCalls("create"), p.Logs.Len()}); diff != "" {
					t.Errorf("pods created, and warnings logged (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestDeletesWithTheUIDAsPrecondition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newReplicaSet(0), newPod("own"))
		defer p.End()
		p.Settle(time.Second)
		for _, action := range p.Client.Actions() {
			if deletion, ok := action.(clienttesting.DeleteActionImpl); ok {
				if diff := cmp.Diff(metav1.NewUIDPreconditions("own"), deletion.DeleteOptions.Preconditions); diff != "" {
					t.Errorf("preconditions (-want +got):\n%s", diff)
				}
				return
			}
		}
		t.Error("nothing was deleted")
	})
}

func TestQuotaThatIsLifted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newReplicaSet(3))
		var allowed atomic.Bool
		p.React("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return !allowed.Load(), nil, forbidden() })
		p.Run()
		defer p.End()
		p.Settle(30 * time.Minute)
		events := p.Events()
		if len(events) != 1 || !strings.HasPrefix(events[0], "Warning FailedCreate Error creating: ") {
			t.Errorf("events of 30 minutes: %q, want FailedCreate once", events)
		}
		if tries := p.podCalls("create"); tries < 60 || tries > 120 {
			t.Errorf("%d tries in 30 minutes, want one every 20s", tries)
		}
		conditions := p.replicaSet().Status.Conditions
		if len(conditions) != 1 || conditions[0].Reason != failedCreate {
			t.Errorf("conditions while denied: %v, want ReplicaFailure with reason FailedCreate", conditions)
		}
		allowed.Store(true)
		p.Settle(30 * time.Second)
		if got := p.replicaSet().Status; got.Replicas != 3 || len(got.Conditions) != 0 {
			t.Errorf("30s after the quota was lifted: %d replicas, conditions %v, want 3 and none", got.Replicas, got.Conditions)
		}
	})
}

func TestFirstBatchThatIsDeniedIsTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newReplicaSet(100))
		left := 3
		p.React("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
			left--
			return left < 0, nil, forbidden()
		})
		p.Run()
		defer p.End()
		p.Settle(200 * time.Millisecond)
		if n := p.podCalls("create"); n <= 1+2 || n > 1+2+4 { // those of the last batch that were on the way already
			t.Errorf("%d creates with room for 3, want 4 to 7", n)
		}
	})
}

func TestNamespaceBeingDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newReplicaSet(3))
		p.React("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, nil, forbidden(metav1.StatusCause{Type: corev1.NamespaceTerminatingCause})
		})
		p.Run()
		defer p.End()
		p.Settle(finalWait - time.Second)
		if diff := cmp.Diff([]any{1, 0, 0}, []any{p.podCalls("create"), len(p.Events()), len(p.replicaSet().Status.Conditions)}); diff != "" {
			t.Errorf("creates, events, conditions (-want +got):\n%s", diff)
		}
	})
}

func TestReplyThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newReplicaSet(3))
		lost := 3
		p.React("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
			if lost--; lost < 0 {
				return false, nil, nil
			}
			pod := action.(clienttesting.CreateAction).GetObject()
			if err := p.Client.Tracker().Create(corev1.SchemeGroupVersion.WithResource("pods"), pod, "default"); err != nil {
				return true, nil, err
			}
			return true, nil, errors.New("connection reset by peer")
		})
		p.Run()
		defer p.End()
		p.Settle(time.Minute)
		if diff := cmp.Diff(3, len(p.pods())); diff != "" {
			t.Errorf("pods (-want +got):\n%s", diff)
		}
		if deletes := p.podCalls("delete"); deletes != 0 {
			t.Errorf("%d pods had to be deleted, want none", deletes)
		}
	})
}

// TestEveryReplyIsLost shows that pods which were made after all don't count as refused, or there would be one every 20 s.
func TestEveryReplyIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const replicas = 30
		p := prepare(t, newReplicaSet(replicas))
		p.React("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
			pod := action.(clienttesting.CreateAction).GetObject()
			if err := p.Client.Tracker().Create(corev1.SchemeGroupVersion.WithResource("pods"), pod, "default"); err != nil {
				return true, nil, err
			}
			return true, nil, errors.New("connection reset by peer")
		})
		p.Run()
		defer p.End()
		p.Settle(2 * replicas * time.Second)
		if diff := cmp.Diff([]int{replicas, replicas}, []int{len(p.pods()), p.podCalls("create")}); diff != "" {
			t.Errorf("pods, and requests to create them (-want +got):\n%s", diff)
		}
	})
}

func TestFailedDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := prepare(t, newReplicaSet(0), newPod("own"))
		var allowed atomic.Bool
		p.React("delete", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return !allowed.Load(), nil, forbidden() })
		p.Run()
		defer p.End()
		p.Settle(time.Minute)
		if events := p.Events(); len(events) != 1 || !strings.HasPrefix(events[0], "Warning FailedDelete Error deleting: ") {
			t.Errorf("events: %q, want FailedDelete once", events)
		}
		if c := p.replicaSet().Status.Conditions; len(c) != 1 || c[0].Reason != failedDelete {
			t.Errorf("conditions: %v, want ReplicaFailure with reason FailedDelete", c)
		}
		allowed.Store(true)
		p.Settle(30 * time.Second)
		if got := p.replicaSet().Status; len(p.pods()) != 0 || len(got.Conditions) != 0 {
			t.Errorf("30s after it was allowed: %d pods, conditions %v", len(p.pods()), got.Conditions)
		}
	})
}

func TestNothingIsWrittenThatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newReplicaSet(3))
		defer p.End()
		p.Settle(5 * time.Second)
		p.Client.ClearActions()
		p.Settle(time.Hour)
		for _, action := range p.Client.Actions() {
			if verb := action.GetVerb(); verb != "list" && verb != "watch" {
				t.Errorf("unneeded call: %s %s", verb, action.GetResource().Resource)
			}
		}
	})
}

func TestMinReadySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := metav1.Now()
		ready := func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}}
		}
		p := start(t, newReplicaSet(1, func(rs *appsv1.ReplicaSet) { rs.Spec.MinReadySeconds = 3600 }), newPod("own", ready))
		defer p.End()
		var got []int32
		for _, d := range []time.Duration{3599 * time.Second, time.Second + time.Second/10} {
			p.Settle(d)
			got = append(got, p.replicaSet().Status.AvailableReplicas)
		}
		if diff := cmp.Diff([]int32{0, 1}, got); diff != "" {
			t.Errorf("available a second before, and when it is time (-want +got):\n%s", diff)
		}
	})
}

func TestTermsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newReplicaSet(3))
		p.Settle(time.Second)
		p.Stop()
		p.scale(5)
		p.Settle(time.Minute)
		between := len(p.pods())
		p.Run()
		defer p.End()
		p.Settle(5 * time.Second)
		if diff := cmp.Diff([]int{3, 5}, []int{between, len(p.pods())}); diff != "" {
			t.Errorf("pods between the terms and in the second (-want +got):\n%s", diff)
		}
	})
}

func TestNamesOfALongReplicaSet(t *testing.T) {
	rs := newReplicaSet(1, func(rs *appsv1.ReplicaSet) { rs.Name = strings.Repeat("a", 57) + ".bcd" })
	name := podName(rs, 1, 1)
	if len(name) != 63 || !strings.HasPrefix(name, strings.Repeat("a", 57)+".") {
		t.Errorf("name %q, want the first 58 characters of the replicaset's and 5 more", name)
	}
}

func TestNamesDiffer(t *testing.T) {
	rs := newReplicaSet(1)
	seen := map[string]bool{}
	for ordinal := range uint64(100_000) {
		seen[podName(rs, 42, ordinal)] = true
	}
	if len(seen) != 100_000 {
		t.Errorf("%d of 100000 names differ", len(seen))
	}
	if slices.Contains([]string{podName(rs, 42, 1), podName(newReplicaSet(1, func(rs *appsv1.ReplicaSet) { rs.UID = "other" }), 42, 0)}, podName(rs, 42, 0)) {
		t.Error("names of different ordinals or replicasets are the same")
	}
}
