package deployment

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// createCurrent creates the ReplicaSet of the Deployment's template, unless that was denied a short while ago.
func (r *rollout) createCurrent(size int64) decision {
	if wait := r.denied.Sub(r.now); wait > 0 {
		return decision{lookAgain: wait}
	}
	return decision{create: r.newSet(size)}
}

// newSet returns the ReplicaSet of the Deployment's template. Its name follows from the template: whoever creates it twice, after a
// reply was lost or beside another leader, meets the first one.
func (r *rollout) newSet(size int64) *appsv1.ReplicaSet {
	d, hash := r.deployment, templateHash(&r.deployment.Spec.Template, r.deployment.Status.CollisionCount)
	template := d.Spec.Template.DeepCopy()
	template.Labels = cloneWith(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey, hash)
	selector := d.Spec.Selector.DeepCopy()
	selector.MatchLabels = cloneWith(selector.MatchLabels, appsv1.DefaultDeploymentUniqueLabelKey, hash)
	annotations := shared(d.Annotations)
	annotations[revisionAnnotation] = strconv.FormatInt(r.nextRevision(), 10)
	r.sizeAnnotations(annotations)
	replicas := saturate32(size)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       d.Namespace,
			Name:            setName(d.Name, hash),
			Labels:          template.Labels,
			Annotations:     annotations,
			OwnerReferences: []metav1.OwnerReference{controllerRef(d)},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas:        &replicas,
			MinReadySeconds: d.Spec.MinReadySeconds,
			Selector:        selector,
			Template:        *template,
		},
	}
}

// setName returns the name of a Deployment's ReplicaSet. Of a long name of the Deployment the end is left out.
func setName(deployment, hash string) string {
	most := validation.DNS1123SubdomainMaxLength - len("-") - len(hash)
	return deployment[:min(len(deployment), most)] + "-" + hash
}
