package greeter

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

const name = "greeter"

// Descriptor describes the controller to its host.
func Descriptor() controllers.Descriptor {
	options := DefaultOptions()
	return controllers.Descriptor{
		Name: name,
		Doc:  "Greets ConfigMaps that are labelled " + Label + ", in an annotation.",
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{corev1.GroupName}, Resources: []string{"configmaps"}, Verbs: []string{"list", "watch", "patch"}},
		},
		AddFlags: options.AddFlags,
		New:      func(env controllers.Env) (controllers.Controller, error) { return New(env, options) },
	}
}
