package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
)

// match remembers which ReplicaSet was found to have a Deployment's template. To compare equal templates takes longer than the rest of a
// plan, which is made again for each pod that changes. It holds while both have the generations that they had then, in which the API server
// counts each change of a spec. That a ReplicaSet has another template is found each time anew: it takes less, and API servers of two
// versions may show a template differently for a while. The zero value remembers nothing. It is not safe for concurrent use: it belongs to
// whoever holds the Deployment's key. A nil one never remembers.
type match struct {
	set                    types.UID
	generation, deployment int64
}

// sameTemplate reports whether the ReplicaSet has the Deployment's template.
func (m *match) sameTemplate(d *appsv1.Deployment, set *appsv1.ReplicaSet) bool {
	pair := match{set.UID, set.Generation, d.Generation}
	if m != nil && pair.generation > 0 && *m == pair {
		return true
	}
	same := sameTemplate(&set.Spec.Template, &d.Spec.Template)
	if m != nil && same && set.Generation > 0 && d.Generation > 0 { // objects without generations are there only in tests
		*m = pair
	}
	return same
}
