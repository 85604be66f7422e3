package app

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
)

// permissions returns a line for each thing that the rules allow, sorted: "update apps replicasets/status NAME".
func permissions(rules []rbacv1.PolicyRule) []string {
	var all []string
	for _, rule := range rules {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{"of any name"}
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					for _, verb := range rule.Verbs {
						all = append(all, fmt.Sprintf("%s %q %s %s", verb, group, resource, name))
					}
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// some returns a few of the words, in any order, some of them twice.
func some(random *rand.Rand, least int, words ...string) []string {
	var list []string
	for range least + random.IntN(3) {
		list = append(list, words[random.IntN(len(words))])
	}
	return list
}

func randomRules(random *rand.Rand) []rbacv1.PolicyRule {
	rules := make([]rbacv1.PolicyRule, random.IntN(8))
	for i := range rules {
		rules[i] = rbacv1.PolicyRule{
			APIGroups: some(random, 1, "", "apps"),
			Resources: some(random, 1, "pods", "pods/status", "status", "replicasets"),
			Verbs:     some(random, 1, "get", "list", "watch", "update"),
		}
		if random.IntN(3) == 0 {
			rules[i].ResourceNames = some(random, 0, "a", "b", "status")
		}
	}
	return rules
}

func TestCompactAllowsTheSame(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 0))
		rules := randomRules(random)
		compacted := compact(rules)
		if diff := gocmp.Diff(permissions(rules), permissions(compacted)); diff != "" {
			t.Fatalf("seed %d: what %v allow, and what they allow when compacted (-want +got)\n%s", seed, rules, diff)
		}
		if diff := gocmp.Diff(compacted, compact(compacted)); diff != "" {
			t.Fatalf("seed %d: compacted twice (-want +got)\n%s", seed, diff)
		}
		random.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		if diff := gocmp.Diff(compacted, compact(rules)); diff != "" {
			t.Fatalf("seed %d: compacted in another order (-want +got)\n%s", seed, diff)
		}
	}
}

func TestCompactHasEachResourceOnceAndSorted(t *testing.T) {
	for seed := range uint64(1000) {
		rules := compact(randomRules(rand.New(rand.NewPCG(seed, 0))))
		seen := map[target]bool{}
		for _, rule := range rules {
			for _, one := range targets(rule) {
				if seen[one] {
					t.Fatalf("seed %d: %v is in two rules: %v", seed, one, rules)
				}
				seen[one] = true
			}
			if !slices.IsSorted(rule.Verbs) || !slices.IsSorted(rule.Resources) {
				t.Fatalf("seed %d: a rule is not sorted: %v", seed, rule)
			}
		}
		if !slices.IsSortedFunc(rules, func(a, b rbacv1.PolicyRule) int {
			return cmp.Or(cmp.Compare(a.APIGroups[0], b.APIGroups[0]), cmp.Compare(a.Resources[0], b.Resources[0]))
		}) {
			t.Fatalf("seed %d: the rules are not sorted: %v", seed, rules)
		}
	}
}
