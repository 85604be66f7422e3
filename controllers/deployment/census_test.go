package deployment

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// observing adds pods of the ReplicaSet, the first of which are available.
func (o observation) observing(set *appsv1.ReplicaSet, available int, changes ...func(*corev1.Pod)) observation {
	for i, change := range changes {
		pod := readyPod(set, i)
		if i >= available {
			pod.Status.Conditions = nil
		}
		change(pod)
		o.pods[set.UID] = append(o.pods[set.UID], pod)
	}
	return o
}

func asMade(*corev1.Pod)         {}
func unlabeled(pod *corev1.Pod)  { pod.Labels = map[string]string{"app": "web"} }
func ended(pod *corev1.Pod)      { pod.Status.Phase = corev1.PodFailed }
func terminated(pod *corev1.Pod) { pod.DeletionTimestamp = &metav1.Time{Time: epoch()} }
func readyFor(d time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: ago(d)}}
	}
}

// TestPodsCountBeforeStatuses compares the status of a Deployment whose one ReplicaSet says that it has five pods, all available.
func TestPodsCountBeforeStatuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		pods []func(*corev1.Pod) // nil: not observed
		want appsv1.DeploymentStatus
	}{
		{"not observed", nil, appsv1.DeploymentStatus{Replicas: 5, UpdatedReplicas: 5, ReadyReplicas: 5, AvailableReplicas: 5}},
		{"one isn't available any more", []func(*corev1.Pod){asMade, asMade, asMade, asMade, asMade}, appsv1.DeploymentStatus{Replicas: 5, UpdatedReplicas: 5, ReadyReplicas: 4, AvailableReplicas: 4, UnavailableReplicas: 1}},
		{"some have ended, are told to, or are to be released", []func(*corev1.Pod){asMade, ended, terminated, unlabeled},
			appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1, UnavailableReplicas: 4, TerminatingReplicas: ptr[int32](1)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := newSet("new", time.Hour, 5, 5)
			o := newObservation(newDeployment(5, generation2), set).observing(set, 4, tc.pods...)
			tc.want.ObservedGeneration = 2
			if tc.want.TerminatingReplicas == nil {
				tc.want.TerminatingReplicas = ptr[int32](0)
			}
			if diff := cmp.Diff(&tc.want, counted(plan(o).status)); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// The ReplicaSet's status doesn't know yet of the pods that let the rollout go on.
func TestRolloutGoesOnByPods(t *testing.T) {
	old, current := newSet("old", time.Hour, 8, 10), newSet("new", 0, 5, 10, available(0))
	o := newObservation(newDeployment(10, numbers(3, 2)), old, current).observing(current, 5, asMade, asMade, asMade, asMade, asMade)
	if diff := cmp.Diff([]string{"web-old 8→3", "web-new 5→10"}, scales(plan(o))); diff != "" {
		t.Errorf("scales (-want +got):\n%s", diff)
	}
}

func TestLooksAgainWhenAPodBecomesAvailable(t *testing.T) {
	set := newSet("new", time.Hour, 1, 1, available(0), ready(1), func(set *appsv1.ReplicaSet) { set.Spec.MinReadySeconds = 30 })
	d := settled(newDeployment(1, func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = 30 }), set)
	o := newObservation(d, set).observing(set, 1, readyFor(10*time.Second))
	if diff := cmp.Diff(20*time.Second, plan(o).lookAgain); diff != "" {
		t.Errorf("looks again after (-want +got):\n%s", diff)
	}
}

// What a status tells and the cache of pods doesn't show may be on its way to it.
func TestLooksAgainAtPodsThatStatusesDoNotTellOf(t *testing.T) {
	set := newSet("new", time.Hour, 2, 2)
	d := settled(newDeployment(2), set)
	o := newObservation(d, set).observing(set, 1, asMade, asMade)
	o.hold = heldForLong()
	d.Status = *plan(o).status
	if diff := cmp.Diff(5*time.Second, plan(o).lookAgain); diff != "" {
		t.Errorf("looks again after (-want +got):\n%s", diff)
	}
}

func ready(n int32) func(*appsv1.ReplicaSet) {
	return func(set *appsv1.ReplicaSet) { set.Status.ReadyReplicas = n }
}
