package controllertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// call is what a rule allows or doesn't.
type call struct {
	group, resource, verb string // the resource with its subresource: "pods/status"
	name                  string // of the object; "" where a rule can't name it
}

// callOf returns what an API server would have asked about the action.
func callOf(action clienttesting.Action) call {
	c := call{group: action.GetResource().Group, resource: action.GetResource().Resource, verb: action.GetVerb()}
	if sub := action.GetSubresource(); sub != "" {
		c.resource += "/" + sub
	}
	if c.verb == "delete-collection" { // as client-go's fakes call it
		c.verb = "deletecollection"
	}
	if named, ok := action.(interface{ GetName() string }); ok && c.verb != "create" {
		c.name = named.GetName()
	}
	return c
}

func (c call) String() string {
	text := c.verb + " " + c.resource
	if c.group != "" {
		resource, sub, isSub := strings.Cut(c.resource, "/")
		text = c.verb + " " + resource + "." + c.group
		if isSub {
			text += "/" + sub
		}
	}
	return text
}

func isWrite(verb string) bool {
	return !slices.Contains([]string{"get", "list", "watch"}, verb)
}

// callsOf returns the calls that the API server got, and how often.
func callsOf(api *fake.Clientset) map[call]int {
	counts := map[call]int{}
	for _, action := range api.Actions() {
		counts[callOf(action)]++
	}
	return counts
}

// describe returns "3 update pods, 1 create events".
func describe(calls map[call]int) string {
	counts := map[string]int{}
	for c, n := range calls {
		counts[c.String()] += n
	}
	var parts []string
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", counts[text], text))
	}
	return strings.Join(parts, ", ")
}

func rulesCoverCalls(c candidate, r *report) {
	tr, ok := c.build(r)
	if !ok {
		return
	}
	tr.start(r)
	defer tr.end()
	for _, how := range []ending{byDrain, byLoss} {
		tr.term(how)
		if err := tr.recreate(); err != nil {
			r.breach("%v", err)
			return
		}
	}
	rules, calls := c.descriptor().Rules, callsOf(tr.API)
	if missing := uncovered(rules, calls); len(missing) > 0 {
		r.breach("Rules don't allow what the controller does. Add to them:\n%s", asRules(missing))
	}
	if len(c.objects) > 0 {
		for _, text := range unused(rules, calls) {
			r.note("Rules allow to %s, which no call made use of", text)
		}
	}
}

func uncovered(rules []rbacv1.PolicyRule, calls map[call]int) []call {
	var missing []call
	for c := range calls {
		if !slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool { return allows(rule, c) }) {
			missing = append(missing, c)
		}
	}
	return missing
}

// allows reports whether the rule does. Rules have no wildcards.
func allows(rule rbacv1.PolicyRule, c call) bool {
	return slices.Contains(rule.APIGroups, c.group) && slices.Contains(rule.Resources, c.resource) &&
		slices.Contains(rule.Verbs, c.verb) &&
		(len(rule.ResourceNames) == 0 || c.name != "" && slices.Contains(rule.ResourceNames, c.name))
}

// asRules returns the least rules that allow the calls, as YAML that fits a ClusterRole.
func asRules(calls []call) string {
	verbs := map[call][]string{}
	for _, c := range calls {
		target := call{group: c.group, resource: c.resource}
		verbs[target] = append(verbs[target], c.verb)
	}
	var rules []string
	for target, list := range verbs {
		slices.Sort(list)
		rules = append(rules, fmt.Sprintf("- apiGroups: [%q]\n  resources: [%q]\n  verbs: [%s]\n",
			target.group, target.resource, quoted(slices.Compact(list))))
	}
	slices.Sort(rules)
	return strings.Join(rules, "")
}

func quoted(words []string) string {
	return `"` + strings.Join(words, `", "`) + `"`
}

// unused returns what the rules allow and no call did.
func unused(rules []rbacv1.PolicyRule, calls map[call]int) []string {
	done := map[call]bool{}
	for c := range calls {
		c.name = ""
		done[c] = true
	}
	var texts []string
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					if c := (call{group: group, resource: resource, verb: verb}); !done[c] {
						texts = append(texts, c.String())
					}
				}
			}
		}
	}
	return texts
}
