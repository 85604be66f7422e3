package together

import (
	"fmt"
	"maps"
	"math"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// teamAnnotation is one of the users', who expect it to stay and to be carried over.
const teamAnnotation = "example.com/team"

func (w *world) newDeployment() *appsv1.Deployment {
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr(int32(w.random.IntN(6))),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: name, Image: "v1"}}},
			},
			ProgressDeadlineSeconds: ptr(int32(60)),
			RevisionHistoryLimit:    ptr(int32(10)),
			Strategy:                w.newStrategy(),
		},
	}
	if w.random.IntN(2) == 0 { // others have no annotations to begin with
		d.Annotations = map[string]string{corev1.LastAppliedConfigAnnotation: "{}"}
	}
	return d
}

func (w *world) newStrategy() appsv1.DeploymentStrategy {
	if w.random.IntN(4) == 0 {
		return appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	}
	values := []intstr.IntOrString{
		intstr.FromInt32(0), intstr.FromInt32(1), intstr.FromInt32(2), intstr.FromInt32(5), intstr.FromString("0%"), intstr.FromString("25%"),
		intstr.FromString("50%"), intstr.FromString("100%"), intstr.FromInt32(math.MaxInt32), intstr.FromString("100000000000%"),
	}
	surge, unavailable := values[w.random.IntN(len(values))], values[w.random.IntN(len(values)-2)]
	return appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable}}
}

// user does something that users do.
func (w *world) user() {
	switch n := w.random.IntN(20); {
	case n < 6:
		w.newTemplate()
	case n < 16 && !w.calm:
		w.editDeployment()
	case !w.calm:
		w.tamper()
	}
}

// newTemplate changes the template: by another image, by kubectl rollout restart or by kubectl rollout undo.
func (w *world) newTemplate() {
	sets := w.setsOf(w.deployment().UID)
	switch n := w.random.IntN(10); {
	case n < 6 || len(sets) == 0:
		image := []string{"v1", "v2", "v3", "v4", brokenImage}[w.random.IntN(5)]
		w.logf("user sets image %s", image)
		w.changeDeployment(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = image })
	case n < 7:
		w.made++
		w.logf("user restarts")
		w.changeDeployment(func(d *appsv1.Deployment) {
			d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": fmt.Sprint(w.made)}
		})
	default:
		set := sets[w.random.IntN(len(sets))]
		w.logf("user undoes to %s", set.Name)
		w.changeDeployment(func(d *appsv1.Deployment) {
			set.Spec.Template.DeepCopyInto(&d.Spec.Template)
			delete(d.Spec.Template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
		})
	}
}

func (w *world) editDeployment() {
	var edit func(d *appsv1.Deployment)
	n := w.random.IntN(11)
	switch n {
	case 0, 1, 2:
		replicas := int32(w.random.IntN(8))
		edit = func(d *appsv1.Deployment) { d.Spec.Replicas = &replicas }
	case 3, 4:
		edit = func(d *appsv1.Deployment) { d.Spec.Paused = !d.Spec.Paused }
	case 5:
		strategy := w.newStrategy()
		edit = func(d *appsv1.Deployment) { d.Spec.Strategy = strategy }
	case 6:
		revision := fmt.Sprint(w.random.IntN(4))
		edit = func(d *appsv1.Deployment) { annotate(d, appsv1.DeprecatedRollbackTo, revision) }
	case 7:
		seconds := int32(w.random.IntN(3) * 2)
		edit = func(d *appsv1.Deployment) { d.Spec.MinReadySeconds = seconds }
	case 8:
		limit := int32(w.random.IntN(4))
		edit = func(d *appsv1.Deployment) { d.Spec.RevisionHistoryLimit = &limit }
	case 9:
		seconds := []int32{10, 60, math.MaxInt32}[w.random.IntN(3)]
		edit = func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = &seconds }
	case 10:
		team := fmt.Sprint(w.random.IntN(100))
		edit = func(d *appsv1.Deployment) { annotate(d, teamAnnotation, team) }
	}
	w.changeDeployment(edit)
	w.logf("user edits %d: %s", n, describe(w.deployment()))
}

func annotate(d *appsv1.Deployment, key, value string) {
	d.Annotations = maps.Clone(d.Annotations)
	if d.Annotations == nil {
		d.Annotations = map[string]string{}
	}
	d.Annotations[key] = value
}

// describe tells what users have asked for.
func describe(d *appsv1.Deployment) string {
	strategy := string(d.Spec.Strategy.Type)
	if r := d.Spec.Strategy.RollingUpdate; r != nil {
		strategy = fmt.Sprintf("surge %s unavailable %s", r.MaxSurge, r.MaxUnavailable)
	}
	return fmt.Sprintf("%d replicas, %s, paused %v, annotations %v", *d.Spec.Replicas, strategy, d.Spec.Paused, d.Annotations)
}

// tamper does what users had better leave to the controllers.
func (w *world) tamper() {
	sets, pods := w.setsOf(w.deployment().UID), w.pods()
	n := w.random.IntN(12)
	if n < 4 {
		if len(pods) > 0 {
			pod := pods[w.random.IntN(len(pods))]
			w.logf("user deletes pod %s", pod.Name)
			w.deletePod(pod)
		}
		return
	}
	if n == 4 {
		w.replaceDeployment()
		return
	}
	if len(sets) == 0 {
		return
	}
	set := sets[w.random.IntN(len(sets))]
	switch n {
	case 5, 6:
		replicas := int32(w.random.IntN(4))
		w.logf("user scales %s to %d", set.Name, replicas)
		w.touch(set, func(s *appsv1.ReplicaSet) { s.Spec.Replicas = &replicas })
	case 7:
		w.logf("user takes the owner from %s", set.Name)
		w.touch(set, func(s *appsv1.ReplicaSet) { s.OwnerReferences = nil })
	case 8:
		app := []string{name, "db"}[w.random.IntN(2)]
		w.logf("user labels %s app=%s", set.Name, app)
		w.lostHistory = true
		w.touch(set, func(s *appsv1.ReplicaSet) {
			s.Labels = maps.Clone(s.Labels)
			s.Labels["app"] = app
		})
	case 9:
		w.logf("user notes something in %s", set.Name)
		w.touch(set, func(s *appsv1.ReplicaSet) { s.Annotations["example.com/note"] = "mine" })
	default:
		w.lostHistory = true
		w.remove(simulation.ReplicaSets, set)
		w.tampers(set)
		w.logf("user deletes %s", set.Name)
		if n == 11 {
			w.makeRival(set)
		}
	}
}

// interfere lets a user, at times, scale a ReplicaSet after the controller decided to delete it and before the request arrives.
func (w *world) interfere(name string) {
	if w.calm || w.random.IntN(4) > 0 {
		return
	}
	for _, set := range w.setsOf(w.deployment().UID) {
		if set.Name == name {
			w.logf("user scales %s to 2 while it is being deleted", name)
			w.touch(set, func(s *appsv1.ReplicaSet) { s.Spec.Replicas = ptr(int32(2)) })
		}
	}
}

// makeRival makes a ReplicaSet that has the name of one of the Deployment's and is none.
func (w *world) makeRival(set *appsv1.ReplicaSet) {
	rival := set.DeepCopy()
	rival.ObjectMeta = metav1.ObjectMeta{Namespace: namespace, Name: set.Name, Labels: map[string]string{"app": "rival"}}
	rival.Spec.Selector, rival.Spec.Template.Labels = &metav1.LabelSelector{MatchLabels: rival.Labels}, rival.Labels
	rival.Spec.Replicas, rival.Status = ptr(int32(0)), appsv1.ReplicaSetStatus{}
	w.create(simulation.ReplicaSets, rival)
	w.logf("user makes another %s", set.Name)
}

// replaceDeployment deletes the Deployment and makes one of the same name. Its ReplicaSets become orphans or garbage.
func (w *world) replaceDeployment() {
	d := w.deployment()
	keep := w.random.IntN(2) == 0
	w.logf("user replaces the deployment, keeps its replicasets: %v", keep)
	w.lostHistory = true
	w.remove(simulation.Deployments, d)
	if keep {
		for _, set := range w.setsOf(d.UID) {
			w.touch(set, func(s *appsv1.ReplicaSet) { s.OwnerReferences = nil })
		}
	}
	fresh := w.newDeployment()
	d.Spec.Template.DeepCopyInto(&fresh.Spec.Template)
	w.create(simulation.Deployments, fresh)
}
