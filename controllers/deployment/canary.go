package deployment

import (
	"fmt"
	"math"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/canary"
)

// newCanary describes a paused Deployment without replicas. It has no deadline, which would have to be later than the seconds that a
// renewal changes.
func newCanary() *controllers.Canary {
	return &controllers.Canary{
		Resource: appsv1.Resource("deployments"),
		Rests:    true,
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
				Observed: observedByOthers,
				Rest:     restingStatus,
			}
		},
	}
}

// resting is the reason of the condition Available of a canary that nobody else drives. Whoever drives Deployments puts a reason of their
// own in its place.
const resting = "CanaryAtRest"

// restingStatus is for tools that watch over Deployments: one whose generation isn't observed, or that isn't available, is a fault to them.
func restingStatus(d *appsv1.Deployment) any {
	c := newCondition(appsv1.DeploymentAvailable, corev1.ConditionTrue, resting, restingAt(d.Generation), time.Now())
	return appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Conditions: []appsv1.DeploymentCondition{c}}
}

func restingAt(generation int64) string {
	return fmt.Sprintf("It asks for nothing. Nobody else has observed generation %d.", generation)
}

// observedByOthers returns the generation that the status tells of, unless it is ours.
func observedByOthers(d *appsv1.Deployment) int64 {
	observed := d.Status.ObservedGeneration
	c := condition(d.Status.Conditions, appsv1.DeploymentAvailable)
	if c != nil && c.Reason == resting && c.Message == restingAt(observed) {
		return 0
	}
	return observed
}
