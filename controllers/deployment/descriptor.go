package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const (
	name  = "deployment"
	alias = "deployment-controller"
)

// Descriptor describes the controller to its host.
func Descriptor() controllers.Descriptor {
	options := DefaultOptions()
	return controllers.Descriptor{
		Name:     name,
		Aliases:  []string{alias},
		Doc:      "Rolls out what each Deployment asks for, by ReplicaSets. Replaces kube-controller-manager's loop of that name.",
		Rules:    rules(),
		Canary:   newCanary(),
		Pods:     podFields(),
		AddFlags: options.AddFlags,
		New:      func(env controllers.Env) (controllers.Controller, error) { return New(env, options) },
	}
}

// rules are the least that the controller needs. "update" on the finalizers is what the API server asks of whoever blocks the
// deletion of an owner, as our controllerRefs do. "patch" on deployments is for the annotation that asks for a rollback.
func rules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"deployments"}, Verbs: []string{"get", "list", "patch", "watch"}},
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"deployments/finalizers"}, Verbs: []string{"update"}},
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"deployments/status"}, Verbs: []string{"patch"}},
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"replicasets"}, Verbs: []string{"create", "delete", "get", "list", "patch", "watch"}},
		{APIGroups: []string{corev1.GroupName}, Resources: []string{"pods"}, Verbs: []string{"list", "watch"}},
		{APIGroups: []string{corev1.GroupName}, Resources: []string{"events"}, Verbs: []string{"create", "patch"}},
	}
}

// podFields are what pods are counted by.
func podFields() controllers.PodFields {
	return controllers.PodFields{
		"metadata.deletionTimestamp",
		"metadata.labels",
		"status.conditions[Ready].lastTransitionTime",
		"status.conditions[Ready].status",
		"status.phase",
	}
}
