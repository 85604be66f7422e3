package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// expressions returns those of all panels and alerts, by what they belong to.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	fill := strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h")
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for i, target := range p.Targets {
				list[fmt.Sprintf("%s, %s %s", b.Title, p.Title, letter(i))] = fill.Replace(target.Expr)
			}
		}
	}
	paths, err := filepath.Glob("../../charts/wheelhouse/alerts/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("find alerts: %v", err)
	}
	for _, path := range paths {
		for name, expression := range alerts(t, path) {
			list[name] = expression
		}
	}
	return list
}

func alerts(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	list := map[string]string{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			list[rule.Alert] = rule.Expr
		}
	}
	return list
}

// metric is what docs/metrics.md says of a metric.
type metric struct {
	kind   string
	labels []string
}

// documented reads docs/metrics.md, which is made from the program. What Prometheus' library and Prometheus itself add is not there.
func documented(t *testing.T) map[string]metric {
	t.Helper()
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]metric{
		"up":                            {kind: "gauge"},
		"process_cpu_seconds_total":     {kind: "counter"},
		"process_start_time_seconds":    {kind: "gauge"},
		"process_resident_memory_bytes": {kind: "gauge"},
		"process_open_fds":              {kind: "gauge"},
		"go_goroutines":                 {kind: "gauge"},
		"go_memstats_heap_inuse_bytes":  {kind: "gauge"},
	}
	for _, match := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|").FindAllStringSubmatch(string(text), -1) {
		m := metric{kind: match[2], labels: strings.FieldsFunc(match[3], func(r rune) bool { return r == ',' || r == ' ' })}
		if m.kind != "histogram" {
			list[match[1]] = m
			continue
		}
		list[match[1]+"_bucket"] = metric{kind: "counter", labels: append(m.labels, "le")}
		list[match[1]+"_sum"] = metric{kind: "counter", labels: m.labels}
		list[match[1]+"_count"] = metric{kind: "counter", labels: m.labels}
	}
	return list
}

// ofTargets are labels that Prometheus gives to all series of a target.
func ofTargets() []string { return []string{"cluster", "namespace", "job", "instance", "pod"} }

// problems says what is wrong with an expression.
func problems(expression string, known map[string]metric) []string {
	parsed, err := parser.ParseExpr(expression)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			found = append(found, ofSelector(n, known)...)
		case *parser.Call:
			found = append(found, ofCall(n, known)...)
		case *parser.AggregateExpr:
			found = append(found, ofAggregate(n, known)...)
		}
		return nil
	})
	return found
}

// ofSelector finds metrics that nobody has, and labels that they haven't.
func ofSelector(selector *parser.VectorSelector, known map[string]metric) []string {
	m, ok := known[selector.Name]
	if !ok {
		return []string{"there is no metric " + selector.Name}
	}
	var found []string
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name != labels.MetricName && !slices.Contains(append(ofTargets(), m.labels...), matcher.Name) {
			found = append(found, fmt.Sprintf("%s has no label %s", selector.Name, matcher.Name))
		}
	}
	return found
}

// ofCall finds a rate of what can fall, and a difference of what begins anew with each process.
func ofCall(call *parser.Call, known map[string]metric) []string {
	if len(call.Args) == 0 {
		return nil
	}
	matrix, ok := call.Args[0].(*parser.MatrixSelector)
	if !ok {
		return nil
	}
	name := matrix.VectorSelector.(*parser.VectorSelector).Name
	switch call.Func.Name {
	case "rate", "irate", "increase":
		if known[name].kind != "counter" {
			return []string{fmt.Sprintf("%s of %s, which is a %s", call.Func.Name, name, known[name].kind)}
		}
	case "deriv", "delta":
		if known[name].kind != "gauge" {
			return []string{fmt.Sprintf("%s of %s, which is a %s", call.Func.Name, name, known[name].kind)}
		}
	}
	return nil
}

// ofAggregate finds labels to group by that nothing has which is grouped.
func ofAggregate(aggregate *parser.AggregateExpr, known map[string]metric) []string {
	has := ofTargets()
	parser.Inspect(aggregate.Expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			has = append(has, known[selector.Name].labels...)
		}
		return nil
	})
	var found []string
	for _, label := range aggregate.Grouping {
		if !slices.Contains(has, label) {
			found = append(found, "nothing has the label "+label+" to group by")
		}
	}
	return found
}

func TestExpressions(t *testing.T) {
	known := documented(t)
	for what, expression := range expressions(t) {
		for _, problem := range problems(expression, known) {
			t.Errorf("%s: %s\n\t%s", what, problem, expression)
		}
	}
}

func TestProblemsAreFound(t *testing.T) {
	known := documented(t)
	for expression, want := range map[string]int{
		`sum by (name) (rate(workqueue_adds_total{name="a"}[5m]))`:                       0,
		`histogram_quantile(0.9, rate(workqueue_queue_duration_seconds_bucket[5m]))`:     0,
		`up{job="a"} and on (pod) wheelhouse_controller_state{state="Running"}`:          0,
		`sum(rate(workqueue_adds_total[5m])`:                                             1,
		`workqueue_queue_duration_seconds`:                                               1,
		`workqueue_depth{controller="a"}`:                                                1,
		`rate(workqueue_depth[5m])`:                                                      1,
		`sum by (controller) (workqueue_depth)`:                                          1,
		`deriv(workqueue_adds_total[5m])`:                                                1,
		`wheelhouse_unheard_of + wheelhouse_unheard_of_either{further="a"} + up{le="1"}`: 3,
	} {
		if got := problems(expression, known); len(got) != want {
			t.Errorf("%s: %q, want %d problems", expression, got, want)
		}
	}
}

// Panels of any width and age of the data are asked for what fits them.
func TestRangesAreGrafanas(t *testing.T) {
	fixed := regexp.MustCompile(`\[\d`)
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for _, target := range p.Targets {
				if fixed.MatchString(target.Expr) {
					t.Errorf("%s, %s: a fixed range in %s", b.Title, p.Title, target.Expr)
				}
			}
		}
	}
}
