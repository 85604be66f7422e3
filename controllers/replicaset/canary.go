package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/canary"
)

// newCanary describes a ReplicaSet without replicas.
func newCanary() *controllers.Canary {
	return &controllers.Canary{
		Resource: appsv1.Resource("replicasets"),
		Open: func(env controllers.Env) controllers.CanaryObject {
			var none int32
			return canary.Object[*appsv1.ReplicaSet]{
				New: &appsv1.ReplicaSet{
					ObjectMeta: canary.Meta(env.Canary, name),
					Spec:       appsv1.ReplicaSetSpec{Replicas: &none, Selector: canary.Selector(name), Template: canary.Template(name)},
				},
				API:      env.Client.AppsV1().ReplicaSets(env.Canary.Namespace),
				Store:    env.Informers.Apps().V1().ReplicaSets().Informer().GetStore(),
				Observed: func(rs *appsv1.ReplicaSet) int64 { return rs.Status.ObservedGeneration },
			}
		},
	}
}
