package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const operator = "monitoring.coreos.com/v1"

func TestRenderModes(t *testing.T) {
	for _, kind := range []string{"serviceMonitor", "podMonitor", "prometheusRule"} {
		for _, tt := range []struct {
			mode            string
			known, rendered bool
			refused         string
		}{
			{"alwaysRender", true, true, ""}, {"alwaysRender", false, true, ""},
			{"skipIfMissing", true, true, ""}, {"skipIfMissing", false, false, ""},
			{"failIfMissing", true, true, ""}, {"failIfMissing", false, false, kind + ".renderMode: the cluster doesn't know " + operator},
		} {
			values := kind + ": {enabled: true, renderMode: " + tt.mode + "}\n"
			if kind == "podMonitor" {
				values = strings.Replace(values, "}", ", authorization: {credentials: {name: a, key: b}}}", 1)
			}
			var args []string
			if tt.known {
				args = []string{"--api-versions", operator}
			}
			text, err := Template(t, "helm", withSamples(t), values, args...)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("%s%v: %v, want %q", values, args, err, tt.refused)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(text, "apiVersion: "+operator); got != tt.rendered {
				t.Errorf("%s%v: rendered %v, want %v", values, args, got, tt.rendered)
			}
		}
	}
}

// withSamples returns a copy of the chart with a dashboard and alerts more.
func withSamples(t *testing.T) string {
	t.Helper()
	chart := t.TempDir()
	if err := os.CopyFS(chart, os.DirFS(Path(t))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"dashboards/sample.json": `{"title": "{{ not a template }}"}` + "\n",
		"alerts/sample.yaml": "groups:\n- name: sample\n  interval: 30s\n  rules:\n" +
			"  - {alert: One, expr: up == 0, annotations: {summary: '{{ $labels.pod }} is down'}}\n  - {alert: Two, expr: up == 1}\n" +
			"- name: lonely\n  rules: [{alert: Three, expr: up}]\n",
	} {
		path := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return chart
}

func TestDashboards(t *testing.T) {
	for _, object := range RenderAt(t, withSamples(t), "dashboards: {enabled: true, namespace: grafana}") {
		if object.GetName() != "wheelhouse-sample" {
			continue
		}
		text, _, _ := unstructured.NestedString(object.Object, "data", "sample.json")
		if text != `{"title": "{{ not a template }}"}` {
			t.Errorf("the dashboard is %q", text)
		}
		if object.GetNamespace() != "grafana" || object.GetLabels()["grafana_dashboard"] != "1" || object.GetAnnotations()["grafana_folder"] != "Wheelhouse" {
			t.Errorf("the sidecar doesn't find the dashboard: %v %v", object.GetLabels(), object.GetAnnotations())
		}
		return
	}
	t.Error("there is no ConfigMap for the dashboard")
}

func TestAlerts(t *testing.T) {
	for values, want := range map[string][]string{
		"":                      {"One", "Two", "Three"},
		"disabled: [One,Three]": {"Two"},
	} {
		rule := Find(t, RenderAt(t, withSamples(t), "prometheusRule: {enabled: true, labels: {release: p}, "+values+"}"), "PrometheusRule")
		groups, _, _ := unstructured.NestedSlice(rule.Object, "spec", "groups")
		var names []string
		for _, group := range groups {
			for _, r := range group.(map[string]any)["rules"].([]any) {
				names = append(names, r.(map[string]any)["alert"].(string))
			}
		}
		for _, name := range []string{"One", "Two", "Three"} {
			if slices.Contains(names, name) != slices.Contains(want, name) {
				t.Errorf("%q: the alerts are %q, want %q among others", values, names, want)
			}
		}
		if rule.GetLabels()["release"] != "p" {
			t.Errorf("no Prometheus selects the rule: %v", rule.GetLabels())
		}
	}
}

func TestServiceMonitorFindsTheService(t *testing.T) {
	objects := Render(t, "serviceMonitor: {enabled: true, namespace: monitoring}")
	monitor, service := Find(t, objects, "ServiceMonitor"), Find(t, objects, "Service")
	selector, _, _ := unstructured.NestedStringMap(monitor.Object, "spec", "selector", "matchLabels")
	for key, value := range selector {
		if service.GetLabels()[key] != value {
			t.Errorf("the Service has %s=%q, want %q", key, service.GetLabels()[key], value)
		}
	}
	namespaces, _, _ := unstructured.NestedStringSlice(monitor.Object, "spec", "namespaceSelector", "matchNames")
	if !slices.Equal(namespaces, []string{service.GetNamespace()}) || monitor.GetNamespace() != "monitoring" {
		t.Errorf("it looks for services in %q", namespaces)
	}
}
