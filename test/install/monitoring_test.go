package install

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/6ead2ce0/wheelhouse/test/chart"
)

// monitoring is what the Prometheus operator goes by, as the API server has it.
type monitoring struct {
	t          *testing.T
	ns         string
	token      string
	monitor    serviceMonitor
	service    *corev1.Service
	deployment *appsv1.Deployment
}

// serviceMonitor is what the chart says in one. A field that isn't known here is an error: the test would pass it over.
type serviceMonitor struct {
	NamespaceSelector struct{ MatchNames []string }
	Selector          metav1.LabelSelector
	Endpoints         []struct {
		Port, Path, Scheme, Interval string
		BearerTokenFile              string
		TLSConfig                    struct{ InsecureSkipVerify bool }
	}
}

func newMonitoring(t *testing.T, client kubernetes.Interface, ns string) monitoring {
	t.Helper()
	m := monitoring{t: t, ns: ns, token: tokenOf(t, client, ns, scraper)}
	m.read("servicemonitor", &m.monitor)
	services, err := client.CoreV1().Services(ns).List(t.Context(), metav1.ListOptions{
		LabelSelector: labels.Set(m.monitor.Selector.MatchLabels).String(),
	})
	if err != nil || len(services.Items) != 1 {
		t.Fatalf("the ServiceMonitor selects %d Services, want 1; %v", len(services.Items), err)
	}
	m.service = &services.Items[0]
	if m.deployment, err = client.AppsV1().Deployments(ns).Get(t.Context(), chart.Release, metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	m.check()
	return m
}

// read decodes the spec of the release's object of a kind that only the operator knows.
func (m monitoring) read(kind string, spec any) {
	m.t.Helper()
	object := struct{ Spec json.RawMessage }{}
	text := shared.Kubectl(m.t, "-n", m.ns, "get", kind, chart.Release, "-o", "yaml")
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		m.t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(object.Spec, spec); err != nil {
		m.t.Fatalf("read %s %s: %v", kind, chart.Release, err)
	}
}

// check follows the names from the monitor to the port of the pods.
func (m monitoring) check() {
	m.t.Helper()
	if !slices.Equal(m.monitor.NamespaceSelector.MatchNames, []string{m.ns}) || len(m.monitor.Endpoints) != 1 {
		m.t.Fatalf("the ServiceMonitor is %+v", m.monitor)
	}
	if !labels.SelectorFromSet(m.service.Spec.Selector).Matches(labels.Set(m.deployment.Spec.Template.Labels)) {
		m.t.Errorf("the Service selects %v, the pods have %v", m.service.Spec.Selector, m.deployment.Spec.Template.Labels)
	}
	port := m.monitor.Endpoints[0].Port
	i := slices.IndexFunc(m.service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == port })
	if i < 0 {
		m.t.Fatalf("the Service has no port %s", port)
	}
	target := m.service.Spec.Ports[i].TargetPort.StrVal
	if !slices.ContainsFunc(m.deployment.Spec.Template.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == target }) {
		m.t.Errorf("the container has no port %s", target)
	}
}

// config is what the operator makes of it, with the replicas' own addresses in place of those of pods.
func (m monitoring) config(replicas []replica) string {
	m.t.Helper()
	endpoint := m.monitor.Endpoints[0]
	var targets []any
	for _, r := range replicas {
		targets = append(targets, map[string]any{"targets": []string{r.address}, "labels": map[string]string{
			"job": m.service.Name, "service": m.service.Name, "namespace": m.ns, "endpoint": endpoint.Port, "container": "wheelhouse", "pod": "at-" + r.address,
		}})
	}
	text, err := yaml.Marshal(map[string]any{
		"global":     map[string]any{"evaluation_interval": "1s"},
		"rule_files": []string{m.rules()},
		"scrape_configs": []any{map[string]any{
			"job_name": "serviceMonitor/" + m.ns + "/" + chart.Release + "/0", "scheme": endpoint.Scheme, "metrics_path": endpoint.Path,
			"scrape_interval": endpoint.Interval, "scrape_timeout": endpoint.Interval, "static_configs": targets,
			"tls_config":    map[string]any{"insecure_skip_verify": endpoint.TLSConfig.InsecureSkipVerify},
			"authorization": map[string]any{"credentials": m.token},
		}},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

// rules writes the file that the operator makes of the PrometheusRule.
func (m monitoring) rules() string {
	m.t.Helper()
	var spec any
	m.read("prometheusrule", &spec)
	text, err := yaml.Marshal(spec)
	if err != nil {
		m.t.Fatal(err)
	}
	path := filepath.Join(m.t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}
