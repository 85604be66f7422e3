package replicaset

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const (
	name  = "replicaset"
	alias = "replicaset-controller"
)

// Descriptor describes the controller to its host.
func Descriptor() controllers.Descriptor {
	options := DefaultOptions()
	return controllers.Descriptor{
		Name:     name,
		Aliases:  []string{alias},
		Doc:      "Keeps as many pods alive as each ReplicaSet asks for. Replaces kube-controller-manager's loop of that name.",
		Rules:    rules(),
		Canary:   newCanary(),
		Pods:     podFields(),
		AddFlags: options.AddFlags,
		New:      func(env controllers.Env) (controllers.Controller, error) { return New(env, options) },
	}
}

// rules are the least that the controller needs. "update" on the finalizers is what the API server asks of whoever blocks the
// deletion of an owner, as our controllerRefs do.
func rules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"replicasets"}, Verbs: []string{"get", "list", "watch"}},
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"replicasets/finalizers"}, Verbs: []string{"update"}},
		{APIGroups: []string{appsv1.GroupName}, Resources: []string{"replicasets/status"}, Verbs: []string{"patch"}},
		{APIGroups: []string{corev1.GroupName}, Resources: []string{"pods"}, Verbs: []string{"create", "delete", "get", "list", "patch", "watch"}},
		{APIGroups: []string{corev1.GroupName}, Resources: []string{"events"}, Verbs: []string{"create", "patch"}},
	}
}

// podFields are what claims, status and storms go by, and the order of deletion.
func podFields() controllers.PodFields {
	return controllers.PodFields{
		"metadata.annotations[" + corev1.PodDeletionCost + "]",
		"metadata.creationTimestamp",
		"metadata.deletionTimestamp",
		"metadata.labels",
		"spec.initContainers.name",
		"spec.initContainers.restartPolicy",
		"spec.nodeName",
		"status.conditions[Ready].lastTransitionTime",
		"status.conditions[Ready].status",
		"status.containerStatuses.restartCount",
		"status.initContainerStatuses.name",
		"status.initContainerStatuses.restartCount",
		"status.phase",
		"status.startTime",
	}
}
