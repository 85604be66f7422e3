package together

import (
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/ownership"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// comeToRest ends the faults and lets everything happen that is still to happen.
func (w *world) comeToRest() {
	if w.deployment().Spec.Paused {
		w.changeDeployment(func(d *appsv1.Deployment) { d.Spec.Paused = false })
	}
	processes := []*process{w.rolls}
	if w.apart {
		processes = append(processes, w.scales)
	}
	for _, p := range processes {
		p.fate.Faults, p.fate.KillAfter = 0, 0
		for before := -1; before != w.version(); {
			before = w.version()
			w.commitLate(p)
		}
	}
	w.logf("coming to rest: %s", describe(w.deployment()))
	for end := w.now.Add(time.Hour); w.failure == ""; {
		next, ok := w.settle(processes)
		if !ok {
			break
		}
		if next.After(end) {
			w.failf("work goes on an hour after the last fault")
		}
		w.now = next
	}
	w.checkEnd()
}

// settle does what there is to do now. It returns when the next task is due, if there is one.
func (w *world) settle(processes []*process) (next time.Time, ok bool) {
	for round := 0; w.failure == ""; round++ {
		if round > 500 {
			w.failf("work goes on without end at the same time")
		}
		if n := len(w.pods()); n > 12_000 {
			w.failf("%d pods are there, and ever more are made", n) // a maxSurge of 2³¹ alone makes some thousands for a moment
		}
		before, worked := w.version(), false
		w.collect()
		w.curb()
		w.kubelets()
		next, ok = time.Time{}, false
		for _, p := range processes {
			for _, feed := range p.feeds() {
				feed.Deliver(feed.Behind())
				feed.Bookmark()
			}
			if tasks := p.tasks(); len(tasks) > 0 && !tasks[0].due.After(w.now) {
				p.work()
				worked = true
			}
			for _, t := range p.tasks() {
				if !ok || t.due.Before(next) {
					next, ok = t.due, true
				}
			}
		}
		if !worked && before == w.version() {
			break
		}
	}
	return next, ok
}

// curb does what an admin would do about a ReplicaSet that has lost its Deployment while a maxSurge of 2³¹ let it grow.
func (w *world) curb() {
	for _, set := range w.replicaSets() {
		if ownership.ControllerUID(set) == "" && *set.Spec.Replicas > 1000 {
			w.logf("admin scales %s to nothing", set.Name)
			w.touch(set, func(s *appsv1.ReplicaSet) { s.Spec.Replicas = ptr(int32(0)) })
		}
	}
}

// checkEnd checks that the Deployment is complete, or says that it can't be.
func (w *world) checkEnd() {
	if w.failure != "" {
		return
	}
	d := w.deployment()
	if *d.Spec.Replicas > 0 && d.Spec.Template.Spec.Containers[0].Image == brokenImage {
		w.checkStuck(d)
		return
	}
	w.checkSets(d)
	w.checkStatus(d)
}

// checkStuck: a Deployment whose pods can't turn ready says so when its time is over.
func (w *world) checkStuck(d *appsv1.Deployment) {
	got := condition(d, appsv1.DeploymentProgressing)
	if hasDeadline(d) && !w.wasComplete(d) && (got == nil || got.Reason != "ProgressDeadlineExceeded") {
		w.failf("in the end no pod can turn ready, and the deployment says %+v", got)
	}
	for _, set := range w.setsOf(d.UID) {
		w.checkPods(set)
	}
}

// wasComplete reports whether the rollout of the template may have been completed, when no pods were asked for.
func (w *world) wasComplete(d *appsv1.Deployment) bool {
	for _, object := range w.server.Since(simulation.Deployments, namespace, name, 0) {
		before := object.(*appsv1.Deployment)
		if before.UID == d.UID && *before.Spec.Replicas == 0 && sameTemplate(&before.Spec.Template, &d.Spec.Template) {
			return true
		}
	}
	return false
}

// checkSets: one ReplicaSet has all the pods, it is the newest revision, and the history isn't too long.
func (w *world) checkSets(d *appsv1.Deployment) {
	var current *appsv1.ReplicaSet
	old, newest := 0, int64(0)
	for _, set := range w.setsOf(d.UID) {
		w.checkPods(set)
		newest = max(newest, revisionOf(set.Annotations))
		switch {
		case sameTemplate(&set.Spec.Template, &d.Spec.Template) && (current == nil || *set.Spec.Replicas > 0):
			old += count(current != nil)
			current = set
		default:
			old++
			if *set.Spec.Replicas > 0 {
				w.failf("in the end %s, which is old, is to have %d pods", set.Name, *set.Spec.Replicas)
			}
		}
	}
	switch {
	case current == nil:
		w.failf("in the end no replicaset has the deployment's template")
	case *current.Spec.Replicas != *d.Spec.Replicas || current.Spec.MinReadySeconds != d.Spec.MinReadySeconds:
		w.failf("in the end %s is to have %d pods, want %d, ready for %d s", current.Name, *current.Spec.Replicas, *d.Spec.Replicas, current.Spec.MinReadySeconds)
	case revisionOf(current.Annotations) != newest || revisionOf(d.Annotations) != newest:
		w.failf("in the end the deployment has revision %d, %s has %d, want %d", revisionOf(d.Annotations), current.Name, revisionOf(current.Annotations), newest)
	case d.Annotations[teamAnnotation] != current.Annotations[teamAnnotation] && d.Annotations[teamAnnotation] != "":
		w.failf("in the end %s is of team %q, want %q", current.Name, current.Annotations[teamAnnotation], d.Annotations[teamAnnotation])
	case current.Annotations[desiredAnnotation] != strconv.Itoa(int(*d.Spec.Replicas)) && *d.Spec.Replicas > 0:
		w.failf("in the end %s notes %s replicas, want %d", current.Name, current.Annotations[desiredAnnotation], *d.Spec.Replicas)
	case old > int(*d.Spec.RevisionHistoryLimit):
		w.failf("in the end the history has %d replicasets, want at most %d", old, *d.Spec.RevisionHistoryLimit)
	case hasKey(d, appsv1.DeprecatedRollbackTo):
		w.failf("in the end the deployment is still to be rolled back")
	}
}

// checkPods: a ReplicaSet has the pods that it asks for.
func (w *world) checkPods(set *appsv1.ReplicaSet) {
	active := int32(0)
	for _, pod := range w.podsOf(set) {
		active += int32(count(podfacts.IsActive(pod)))
	}
	if active != *set.Spec.Replicas {
		w.failf("in the end %s has %d pods, want %d", set.Name, active, *set.Spec.Replicas)
	}
}

func (w *world) checkStatus(d *appsv1.Deployment) {
	n := *d.Spec.Replicas
	want := appsv1.DeploymentStatus{
		ObservedGeneration: d.Generation, Replicas: n, UpdatedReplicas: n, ReadyReplicas: n, AvailableReplicas: n,
		TerminatingReplicas: ptr[int32](0), CollisionCount: d.Status.CollisionCount,
		Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentAvailable, Status: "True", Reason: "MinimumReplicasAvailable", Message: "Deployment has minimum availability."}},
	}
	if hasDeadline(d) {
		want.Conditions = append(want.Conditions, appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: "True", Reason: "NewReplicaSetAvailable"})
	}
	options := cmp.Options{
		cmpopts.IgnoreTypes(metav1.Time{}),
		cmpopts.SortSlices(func(a, b appsv1.DeploymentCondition) bool { return a.Type < b.Type }),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Message" }, cmp.Ignore()),
	}
	if diff := cmp.Diff(want, d.Status, options); diff != "" {
		w.failf("in the end the status is wrong (-want +got):\n%s", diff)
	}
}

func condition(d *appsv1.Deployment, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range d.Status.Conditions {
		if d.Status.Conditions[i].Type == kind {
			return &d.Status.Conditions[i]
		}
	}
	return nil
}

func hasDeadline(d *appsv1.Deployment) bool {
	return *d.Spec.ProgressDeadlineSeconds < 1<<31-1
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
