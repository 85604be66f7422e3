package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
)

// templates remembers which ReplicaSets of a Deployment have its template. To compare two takes longer than the rest of a plan, which is
// made again for each pod that changes. What was found holds for as long as neither has another generation: the API server counts in it
// each change of a spec. The zero value remembers nothing.
type templates struct {
	generation int64 // of the Deployment
	sets       map[types.UID]comparison
}

// comparison is what was found of a ReplicaSet of that generation.
type comparison struct {
	generation int64
	same       bool
}

// same reports whether the ReplicaSet has the Deployment's template.
func (t *templates) same(d *appsv1.Deployment, set *appsv1.ReplicaSet) bool {
	if t.generation != d.Generation || t.sets == nil {
		t.generation, t.sets = d.Generation, map[types.UID]comparison{}
	}
	found, known := t.sets[set.UID]
	if !known || found.generation != set.Generation || set.Generation == 0 || d.Generation == 0 {
		found = comparison{set.Generation, sameTemplate(&set.Spec.Template, &d.Spec.Template)}
		t.sets[set.UID] = found
	}
	return found.same
}
