package leaderelection_test

import (
	"slices"
	"testing"
	"testing/synctest"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

func TestRulesCoverEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		client := server.client(way{})
		r := start(t, "a", client)
		r.term(t)
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
		for _, verb := range client.sent() {
			if !allows(leaderelection.DefaultOptions().Rules(), verb) {
				t.Errorf("the rules don't allow to %s the lease", verb)
			}
		}
	})
}

func allows(rules []rbacv1.PolicyRule, verb string) bool {
	return slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool {
		named := verb == "create" || slices.Equal(rule.ResourceNames, []string{"wheelhouse"})
		return named && slices.Contains(rule.Verbs, verb)
	})
}
