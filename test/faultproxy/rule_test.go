package faultproxy

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesApplyWhenTheySay(t *testing.T) {
	const refused = http.StatusServiceUnavailable
	no := Status(refused, "no")
	tests := []struct {
		name string
		rule Rule
		want []bool // whether each of the requests in turn is refused
	}{
		{"always", Rule{Fault: no}, []bool{true, true, true, true}},
		{"the first two", Rule{Fault: no, Times: 2}, []bool{true, true, false, false}},
		{"all after the second", Rule{Fault: no, Skip: 2}, []bool{false, false, true, true}},
		{"the third", Rule{Fault: no, Skip: 2, Times: 1}, []bool{false, false, true, false}},
		{"by chance", Rule{Fault: no, Probability: 0.5, Seed: 3}, []bool{false, true, false, true}},
		{"of another verb", Rule{Match: Match{Verbs: []string{"delete"}}, Fault: no}, []bool{false, false, false, false}},
		{"of another resource", Rule{Match: Match{Resources: []string{"pods/status"}}, Fault: no}, []bool{false, false, false, false}},
		{"of another namespace", Rule{Match: Match{Namespace: "b"}, Fault: no}, []bool{false, false, false, false}},
		{"of another user", Rule{Match: Match{User: "joe"}, Fault: no}, []bool{false, false, false, false}},
		{"of this one", Rule{Match: Match{[]string{"create"}, []string{"pods"}, "a", user, "Go-http", Request.IsWrite}, Fault: no}, []bool{true, true, true, true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			rule := w.Add(test.rule)
			got := w.refusals(t, len(test.want), refused)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			applied := 0
			for _, one := range test.want {
				if one {
					applied++
				}
			}
			if rule.Applied() != applied {
				t.Errorf("the rule says that it applied to %d requests, want %d", rule.Applied(), applied)
			}
			rule.Lift()
			if diff := cmp.Diff([]bool{false}, w.refusals(t, 1, refused)); diff != "" {
				t.Errorf("refused after the rule was lifted (-want +got):\n%s", diff)
			}
		})
	}
}

func (w *world) refusals(t *testing.T, n, refused int) (list []bool) {
	t.Helper()
	for range n {
		code, _, err := w.post()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, code == refused)
	}
	return list
}

func TestTheFirstRuleThatAppliesCounts(t *testing.T) {
	w := newWorld(t)
	first := w.Add(Rule{Fault: Status(http.StatusConflict, "first"), Times: 1})
	second := w.Add(Rule{Fault: Status(http.StatusForbidden, "second")})
	var got []int
	for range 2 {
		code, _, _ := w.post()
		got = append(got, code)
	}
	if diff := cmp.Diff([]int{http.StatusConflict, http.StatusForbidden}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{2, 1}, []int{first.Matched(), second.Matched()}); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
}
