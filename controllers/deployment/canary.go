package deployment

import (
	"math"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/canary"
)

// newCanary describes a paused Deployment without replicas. It has no deadline, which would have to be later than the seconds that a
// renewal changes.
func newCanary() *controllers.Canary {
	return &controllers.Canary{
		Resource: appsv1.Resource("deployments"),
		Open: func(env controllers.Env) controllers.CanaryObject {
			var none int32
			never := int32(math.MaxInt32)
			return canary.Object[*appsv1.Deployment]{
				New: &appsv1.Deployment{
					ObjectMeta: canary.Meta(env.Canary, name),
					Spec: appsv1.DeploymentSpec{
						Replicas: &none, Paused: true, ProgressDeadlineSeconds: &never,
						Selector: canary.Selector(name), Template: canary.Template(name),
					},
				},
				API:      env.Client.AppsV1().Deployments(env.Canary.Namespace),
				Store:    env.Informers.Apps().V1().Deployments().Informer().GetStore(),
				Observed: func(d *appsv1.Deployment) int64 { return d.Status.ObservedGeneration },
			}
		},
	}
}
