package deployment

import (
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// epoch is the time at which tests begin.
func epoch() time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
}

func ago(d time.Duration) metav1.Time {
	return metav1.NewTime(epoch().Add(-d))
}

func ptr[T any](value T) *T { return &value }

// newDeployment returns a Deployment "web" of image "new" that selects app=web, has been observed and may be off by one pod.
func newDeployment(replicas int32, changes ...func(*appsv1.Deployment)) *appsv1.Deployment {
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "web-uid", Generation: 1, ResourceVersion: "1"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: templateOf("new"),
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType},
		},
		Status: appsv1.DeploymentStatus{ObservedGeneration: 1},
	}
	bounds(intstr.FromInt32(1), intstr.FromInt32(1))(d)
	for _, change := range changes {
		change(d)
	}
	return d
}

func templateOf(image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}},
	}
}

func bounds(surge, unavailable intstr.IntOrString) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Spec.Strategy.RollingUpdate = &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable}
	}
}

func numbers(surge, unavailable int32) func(*appsv1.Deployment) {
	return bounds(intstr.FromInt32(surge), intstr.FromInt32(unavailable))
}

func paused(d *appsv1.Deployment) { d.Spec.Paused = true }
func recreate(d *appsv1.Deployment) {
	d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
}

func deadlineOf(seconds int32) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = &seconds }
}

func historyOf(limit int32) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = &limit }
}

func annotated(key, value string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Annotations = cloneWith(d.Annotations, key, value) }
}

// newSet returns a ReplicaSet of the Deployment that newDeployment makes, named after its image, that has the replicas that it
// asks for, all available. Its annotations say that the Deployment has desired replicas and may have one more.
func newSet(image string, age time.Duration, replicas, desired int32, changes ...func(*appsv1.ReplicaSet)) *appsv1.ReplicaSet {
	zero := int32(0)
	template := templateOf(image)
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = image
	set := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "web-" + image, UID: types.UID(image), Generation: 1, ResourceVersion: "1",
			CreationTimestamp: ago(age), Labels: template.Labels, OwnerReferences: []metav1.OwnerReference{controllerRef(newDeployment(0))},
			Annotations: map[string]string{
				desiredReplicasAnnotation: fmt.Sprint(desired), maxReplicasAnnotation: fmt.Sprint(desired + 1),
				revisionAnnotation: "1",
			},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: template.Labels},
			Template: template,
		},
		Status: appsv1.ReplicaSetStatus{ObservedGeneration: 1, TerminatingReplicas: &zero},
	}
	has(replicas)(set)
	for _, change := range changes {
		change(set)
	}
	return set
}

// has gives the ReplicaSet so many pods, all available.
func has(replicas int32) func(*appsv1.ReplicaSet) {
	return func(set *appsv1.ReplicaSet) {
		set.Status.Replicas, set.Status.ReadyReplicas, set.Status.AvailableReplicas = replicas, replicas, replicas
	}
}

// available makes so many of the ReplicaSet's pods ready and available.
func available(n int32) func(*appsv1.ReplicaSet) {
	return func(set *appsv1.ReplicaSet) { set.Status.ReadyReplicas, set.Status.AvailableReplicas = n, n }
}

func revision(n int64) func(*appsv1.ReplicaSet) {
	return marked(revisionAnnotation, strconv.FormatInt(n, 10))
}

func marked(key, value string) func(*appsv1.ReplicaSet) {
	return func(set *appsv1.ReplicaSet) { set.Annotations = cloneWith(set.Annotations, key, value) }
}

func unmarked(keys ...string) func(*appsv1.ReplicaSet) {
	return func(set *appsv1.ReplicaSet) {
		for _, key := range keys {
			set.Annotations = cloneWithout(set.Annotations, key)
		}
	}
}

func orphan(set *appsv1.ReplicaSet)     { set.OwnerReferences = nil }
func stranger(set *appsv1.ReplicaSet)   { set.Labels = map[string]string{"app": "db"} }
func foreign(set *appsv1.ReplicaSet)    { set.OwnerReferences[0].UID = "other-uid" }
func deletedSet(set *appsv1.ReplicaSet) { set.DeletionTimestamp = &metav1.Time{Time: epoch()} }
func deletedD(d *appsv1.Deployment)     { d.DeletionTimestamp = &metav1.Time{Time: epoch()} }
func unobserved(set *appsv1.ReplicaSet) { set.Generation = 2 }
func generation2(d *appsv1.Deployment)  { d.Generation = 2 }

// newPod returns a pod of the ReplicaSet, without a phase.
func newPod(set *appsv1.ReplicaSet) *corev1.Pod {
	name := set.Name + "-1"
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, UID: types.UID(name), Labels: set.Spec.Template.Labels,
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("ReplicaSet"))},
	}}
}

// readyPod returns one of many pods of the ReplicaSet.
func readyPod(set *appsv1.ReplicaSet, number int) *corev1.Pod {
	pod := newPod(set)
	pod.Name = fmt.Sprintf("%s-%d", set.Name, number)
	pod.UID = types.UID(pod.Name)
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	return pod
}

// podsOf returns the pods that the ReplicaSet's status tells of.
func podsOf(set *appsv1.ReplicaSet) []*corev1.Pod {
	var pods []*corev1.Pod
	for i := range int(set.Status.Replicas) {
		pod := readyPod(set, i)
		if i >= int(set.Status.AvailableReplicas) {
			pod.Status.Conditions = nil
		}
		pods = append(pods, pod)
	}
	return pods
}

// heldForLong returns the hold of a status that has been changing for longer than any is held back.
func heldForLong() statushold.Hold {
	return statushold.Hold{}.Held(false, epoch().Add(-time.Minute))
}

// newObservation returns what a plan sees of the Deployment and ReplicaSets, which it sorts into those with and without an owner. Steps
// have waited for more pods.
func newObservation(d *appsv1.Deployment, sets ...*appsv1.ReplicaSet) observation {
	selector, err := ownership.Selector(d.Spec.Selector)
	if err != nil {
		panic(err)
	}
	o := observation{now: epoch(), deployment: d, selector: selector, pods: map[types.UID][]*corev1.Pod{}, wait: stepWait{since: epoch().Add(-stepHold)}}
	for _, set := range sets {
		switch ref := metav1.GetControllerOf(set); {
		case ref == nil:
			o.orphans = append(o.orphans, set)
		case ref.UID == d.UID:
			o.sets = append(o.sets, set)
		}
	}
	return o
}

func names(sets []*appsv1.ReplicaSet) []string {
	var list []string
	for _, set := range sets {
		list = append(list, set.Name)
	}
	return list
}

// scales returns how the decision scales, as "web-old 3→2", and "+web-… 3" for a ReplicaSet that is created.
func scales(d decision) []string {
	var list []string
	if d.create != nil {
		list = append(list, fmt.Sprintf("+ %d", *d.create.Spec.Replicas))
	}
	for _, c := range d.changes {
		if c.to != c.from {
			list = append(list, fmt.Sprintf("%s %d→%d", c.set.Name, c.from, c.to))
		}
	}
	return list
}
