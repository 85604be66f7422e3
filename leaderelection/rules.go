package leaderelection

import rbacv1 "k8s.io/api/rbac/v1"

// Rules returns what the elections of the options need, in the namespace of the leases, for a process with these controllers. RBAC
// can't tie "create" to a name (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources).
func (o Options) Rules(controllers ...string) []rbacv1.PolicyRule {
	leases := func(names []string, verbs ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{"coordination.k8s.io"}, Resources: []string{"leases"}, Verbs: verbs, ResourceNames: names}
	}
	if o.Scope != ScopeController {
		return []rbacv1.PolicyRule{leases(nil, "create"), leases([]string{o.Name}, "get", "update", "watch")}
	}
	var names []string
	for _, controller := range controllers {
		names = append(names, o.For(controller).Name)
	}
	return []rbacv1.PolicyRule{
		leases(nil, "create"),
		leases(names, "get", "update", "watch"),
		leases([]string{members(o.Name)}, "patch"),
	}
}
