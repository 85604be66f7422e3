package leaderelection

import rbacv1 "k8s.io/api/rbac/v1"

// Rules returns what contending for the named Lease needs, in its namespace. RBAC can't tie "create" to a name
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
func Rules(lease string) []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"create"}},
		{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: []string{"get", "update", "watch"}, ResourceNames: []string{lease}},
	}
}
