// Package alerts tests the chart's alert rules: that each fires when it should and only then, by the scenarios in this folder, and that
// each leads to a page that helps.
package alerts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	rules    = "../../charts/wheelhouse/alerts"
	runbooks = "../../docs/runbooks"
	// published is where the runbooks are read.
	published = "https://github.com/6ead2ce0/wheelhouse/blob/main/docs/runbooks/"
)

// alert is a rule of Prometheus.
type alert struct {
	Alert               string
	Expr                string
	Labels, Annotations map[string]string
}

// all returns the chart's alerts.
func all(t *testing.T) []alert {
	t.Helper()
	var list []alert
	for _, path := range in(t, rules, "*.yaml") {
		var file struct{ Groups []struct{ Rules []alert } }
		read(t, path, &file)
		for _, group := range file.Groups {
			list = append(list, group.Rules...)
		}
	}
	return list
}

func in(t *testing.T, folder, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s in %s: %v", pattern, folder, err)
	}
	return paths
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text(t, path)), into); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestRulesAreValid(t *testing.T) {
	if output, err := cluster.Promtool(t, "", append([]string{"check", "rules"}, in(t, rules, "*.yaml")...)...); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestScenarios(t *testing.T) {
	for _, path := range in(t, ".", "*.yaml") {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if output, err := cluster.Promtool(t, "", "test", "rules", path); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// Each alert fires in a scenario.
func TestEachAlertFires(t *testing.T) {
	var scenarios string
	for _, path := range in(t, ".", "*.yaml") {
		scenarios += text(t, path)
	}
	for _, a := range all(t) {
		if !strings.Contains(scenarios, `labels: '{alertname="`+a.Alert+`"`) {
			t.Errorf("no scenario expects %s to fire", a.Alert)
		}
	}
}

func TestAlertsSayWhatTheyMean(t *testing.T) {
	label := regexp.MustCompile(`\$labels\.(\w+)`)
	for _, a := range all(t) {
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s has no summary or no description", a.Alert)
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s has the severity %q", a.Alert, a.Labels["severity"])
		}
		if strings.Contains(a.Annotations["summary"], "{{") {
			t.Errorf("the summary of %s is no name for all that fires at once: %s", a.Alert, a.Annotations["summary"])
		}
		for _, match := range label.FindAllStringSubmatch(a.Annotations["description"], -1) {
			if !regexp.MustCompile(`by \([^)]*\b`+match[1]+`\b`).MatchString(a.Expr) && strings.Contains(a.Expr, " by (") {
				t.Errorf("the description of %s speaks of the label %s, which the expression takes away", a.Alert, match[1])
			}
		}
	}
}

// Each alert has a runbook, and each runbook an alert.
func TestRunbooks(t *testing.T) {
	want := []string{"README.md"}
	for _, a := range all(t) {
		page := a.Alert + ".md"
		want = append(want, page)
		if a.Annotations["runbook_url"] != published+page {
			t.Errorf("%s leads to %q, want %q", a.Alert, a.Annotations["runbook_url"], published+page)
		}
		content := text(t, filepath.Join(runbooks, page))
		for _, part := range []string{"# " + a.Alert + "\n", "\n## Look\n", "\n## Do\n", a.Annotations["summary"]} {
			if !strings.Contains(content, part) {
				t.Errorf("the runbook of %s has no %q", a.Alert, part)
			}
		}
		if !strings.Contains(text(t, filepath.Join(runbooks, "README.md")), "("+page+")") {
			t.Errorf("the list of runbooks has no %s", page)
		}
	}
	for _, path := range in(t, runbooks, "*") {
		if !slices.Contains(want, filepath.Base(path)) {
			t.Errorf("%s is about no alert", path)
		}
	}
}

// Whoever is woken by an alert has no time for links that lead nowhere.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):#]+)(?:#[^)]*)?\)`) // within the repository
	for _, path := range append(in(t, runbooks, "*.md"), "../../docs/monitoring.md") {
		for _, match := range link.FindAllStringSubmatch(text(t, path), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), match[1])); err != nil {
				t.Errorf("%s leads nowhere: %v", path, err)
			}
		}
	}
}
