package deployment

import (
	"math"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
)

// maxHistory is how long the list of a ReplicaSet's earlier revisions may get, in characters, as in kube-controller-manager.
const maxHistory = 2000

// revisionOf returns the revision of the ReplicaSet, 0 if it has none that can be read.
func revisionOf(set *appsv1.ReplicaSet) int64 {
	n, err := strconv.ParseInt(set.Annotations[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// nextRevision returns a revision that is higher than those of all old ReplicaSets.
func (r *rollout) nextRevision() int64 {
	var highest int64
	for _, set := range r.old {
		highest = max(highest, revisionOf(set))
	}
	if highest == math.MaxInt64 {
		return highest
	}
	return highest + 1
}

// currentAnnotations returns what the annotations of the current ReplicaSet must be, as far as it is ours to say: those of the
// Deployment, and a revision above all others.
func (r *rollout) currentAnnotations() map[string]string {
	annotations := shared(r.deployment.Annotations)
	before := r.current.Annotations[revisionAnnotation]
	if _, err := strconv.ParseInt(before, 10, 64); before != "" && err != nil {
		return annotations // not ours: somebody has written something else there
	}
	if next := r.nextRevision(); revisionOf(r.current) < next {
		annotations[revisionAnnotation] = strconv.FormatInt(next, 10)
		if before != "" {
			annotations[historyAnnotation] = extendHistory(r.current.Annotations[historyAnnotation], before)
		}
	}
	return annotations
}

// currentRevision returns the revision that the current ReplicaSet has or is about to get, "" if there is no such ReplicaSet.
func (r *rollout) currentRevision(d *decision) string {
	if d.create != nil {
		return d.create.Annotations[revisionAnnotation]
	}
	if r.current == nil {
		return ""
	}
	if revision, ok := r.currentAnnotations()[revisionAnnotation]; ok && r.deployment.DeletionTimestamp == nil {
		return revision
	}
	return r.current.Annotations[revisionAnnotation]
}

// extendHistory adds a revision to the list, and drops the oldest ones if it gets too long.
func extendHistory(history, revision string) string {
	if history == "" {
		return revision
	}
	history += "," + revision
	for len(history) > maxHistory {
		_, rest, more := strings.Cut(history, ",")
		if !more {
			break
		}
		history = rest
	}
	return history
}
