package deployment

import (
	"fmt"
	"maps"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
)

// wantsRollback reports whether the Deployment bears the annotation that extensions/v1beta1 left of its rollback. kubectl rollout
// undo doesn't need it: it changes the template itself.
func (r *rollout) wantsRollback() bool {
	_, ok := rollbackTo(r.deployment)
	return ok
}

func rollbackTo(d *appsv1.Deployment) (revision int64, ok bool) {
	revision, err := strconv.ParseInt(d.Annotations[appsv1.DeprecatedRollbackTo], 10, 64)
	return revision, err == nil
}

// rollBack gives the Deployment the template of an earlier revision, 0 standing for the last but one. Whatever comes of it, the
// wish is fulfilled. A current template without ReplicaSet first gets one, without pods: else it would be missing in the history.
func (r *rollout) rollBack() decision {
	if r.current == nil {
		return r.createCurrent(0)
	}
	revision, _ := rollbackTo(r.deployment)
	if revision == 0 {
		if revision = r.lastRevision(); revision == 0 {
			return r.giveUpRollback(rollbackRevisionNotFound, "Unable to find last revision.")
		}
	}
	for _, set := range r.all() {
		if r.plannedRevision(set) == revision {
			return r.rollBackTo(set, revision)
		}
	}
	return r.giveUpRollback(rollbackRevisionNotFound, "Unable to find the revision to rollback to.")
}

func (r *rollout) rollBackTo(set *appsv1.ReplicaSet, revision int64) decision {
	if sameTemplate(&set.Spec.Template, &r.deployment.Spec.Template) {
		return r.giveUpRollback(rollbackTemplateUnchanged, fmt.Sprintf("The rollback revision contains the same template as current deployment %q", r.deployment.Name))
	}
	d := r.deployment.DeepCopy()
	d.Spec.Template = *withoutHash(&set.Spec.Template)
	maps.DeleteFunc(d.Annotations, func(key, _ string) bool { return !isOwn(key) || key == appsv1.DeprecatedRollbackTo })
	maps.Copy(d.Annotations, shared(set.Annotations))
	message := fmt.Sprintf("Rolled back deployment %q to revision %d", d.Name, revision)
	return decision{rollback: d, events: []event{normal(rollbackDone, message)}}
}

func (r *rollout) giveUpRollback(reason, message string) decision {
	d := r.deployment.DeepCopy()
	delete(d.Annotations, appsv1.DeprecatedRollbackTo)
	return decision{rollback: d, events: []event{warning(reason, message)}}
}

// lastRevision returns the second highest revision, 0 if there is none.
func (r *rollout) lastRevision() int64 {
	var highest, second int64
	for _, set := range r.all() {
		revision := r.plannedRevision(set)
		second = max(second, min(highest, revision))
		highest = max(highest, revision)
	}
	return second
}

// plannedRevision returns the revision that the ReplicaSet has, or is about to get.
func (r *rollout) plannedRevision(set *appsv1.ReplicaSet) int64 {
	if set == r.current && revisionOf(set) != 0 {
		return max(revisionOf(set), r.nextRevision())
	}
	return revisionOf(set)
}
