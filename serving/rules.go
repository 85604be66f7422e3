package serving

import rbacv1 "k8s.io/api/rbac/v1"

// ClusterRules returns what serving needs in the cluster: to ask whose a token is, and who may do what.
func (o Options) ClusterRules() []rbacv1.PolicyRule {
	if o.Port == 0 {
		return nil
	}
	return []rbacv1.PolicyRule{
		{APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"tokenreviews"}, Verbs: []string{"create"}},
		{APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}, Verbs: []string{"create"}},
	}
}

// LookupRules returns the namespace of the cluster's authorities, and what reading them needs there.
func (o Options) LookupRules() (namespace string, rules []rbacv1.PolicyRule) {
	if o.Port == 0 || o.SkipLookup {
		return lookupNamespace, nil
	}
	return lookupNamespace, []rbacv1.PolicyRule{{
		APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{lookupName}, Verbs: []string{"get"},
	}}
}
