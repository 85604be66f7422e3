package app

import (
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// compact returns rules that allow just what the given ones do, each resource once, sorted; resources for which the same is
// allowed share a rule.
func compact(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	verbs := map[target]map[string]bool{}
	for _, rule := range rules {
		for _, t := range targets(rule) {
			if verbs[t] == nil {
				verbs[t] = map[string]bool{}
			}
			for _, verb := range rule.Verbs {
				verbs[t][verb] = true
			}
		}
	}
	return join(verbs)
}

// target is what a rule is about: one resource of one group, or some objects of it.
type target struct {
	group, resource string
	names           string // joined by commas, which no name holds; "" for all
}

func targets(rule rbacv1.PolicyRule) []target {
	names := strings.Join(slices.Compact(slices.Sorted(slices.Values(rule.ResourceNames))), ",")
	var list []target
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			list = append(list, target{group: group, resource: resource, names: names})
		}
	}
	return list
}

func join(verbs map[target]map[string]bool) []rbacv1.PolicyRule {
	sorted := slices.SortedFunc(maps.Keys(verbs), func(a, b target) int {
		return strings.Compare(a.group+"/"+a.resource+"/"+a.names, b.group+"/"+b.resource+"/"+b.names)
	})
	var rules []rbacv1.PolicyRule
	for _, t := range sorted {
		rule := rbacv1.PolicyRule{
			APIGroups: []string{t.group}, Resources: []string{t.resource},
			Verbs: slices.Sorted(maps.Keys(verbs[t])),
		}
		if t.names != "" {
			rule.ResourceNames = strings.Split(t.names, ",")
		}
		rules = mergeInto(rules, rule)
	}
	return rules
}

// mergeInto appends the rule, or adds its resource to a rule that differs in nothing else.
func mergeInto(rules []rbacv1.PolicyRule, rule rbacv1.PolicyRule) []rbacv1.PolicyRule {
	for i, other := range rules {
		if slices.Equal(other.APIGroups, rule.APIGroups) && slices.Equal(other.Verbs, rule.Verbs) &&
			len(rule.ResourceNames) == 0 && len(other.ResourceNames) == 0 {
			rules[i].Resources = append(rules[i].Resources, rule.Resources...)
			return rules
		}
	}
	return append(rules, rule)
}
