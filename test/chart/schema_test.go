package chart

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestGoodValues(t *testing.T) {
	for _, values := range []string{
		"",
		"enabled: true", // for the condition of a chart above
		"global: {anything: {of: others}}",
		"x-labels: &labels {a: b}\npodLabels: *labels\ncommonLabels: *labels",
		"_anchors: [&r {cpu: 1}]\nresources: {requests: *r}",
		".hidden: &n 3\nreplicas: *n",
		"imagePullSecrets: [name, {name: object}]",
		"image: {digest: sha256:" + strings.Repeat("0a", 32) + "}",
		"image: {registry: localhost:5000, repository: a/b-c/d}",
		"podDisruptionBudget: {minAvailable: 1}",
		"podDisruptionBudget: {maxUnavailable: 50%}",
		"resources: {limits: null}",
		"resources: null",
		"podSecurityContext: {runAsUser: null}", // OpenShift chooses one
		"kubeAPI: {qps: -1}",
		"kubeAPI: {qps: 2.5}",
		"leaderElection: {leaseDuration: 1m30s, renewDeadline: 1m}",
		"ports: {status: 0}",
		"replicas: 0",
		"controllerShutdownTimeout: 1m\nterminationGracePeriodSeconds: 75",
		"strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}",
		"strategy: {type: Recreate}",
		"prometheusRule: {disabled: [WheelhouseDown]}",
		"extraArgs: [--concurrent-replicaset-syncs=9]",
	} {
		if _, err := Template(t, "helm", Path(t), values); err != nil {
			t.Errorf("%q is refused: %v", values, err)
		}
	}
}

// A mistake ends in a sentence that names the value.
func TestBadValues(t *testing.T) {
	for _, tt := range []struct{ values, names string }{
		{"replicaCount: 3", "replicaCount"},
		{"image: {repo: a}", "repo"},
		{"serviceMonitor: {enable: true}", "enable"},
		{"podDisruptionBudget: {minAvailabe: 1}", "minAvailabe"},
		{"livenessProbe: {httpGet: {path: /}}", "httpGet"},
		{"strategy: {rollingUpdate: {surge: 1}}", "surge"},
		{"resources: {request: {}}", "request"},
		{"extraControllers: [{name: a, rule: []}]", "rule"},
		{"rbac: {extraRules: [{apiGroup: [a], verbs: [get]}]}", "apiGroup"},
		{"replicas: two", "replicas"},
		{"replicas: -1", "replicas"},
		{"controllers: podsync", "controllers"},
		{"controllers: []", "controllers"},
		{"controllers: [Podsync]", "controllers"},
		{"controllers: [podsync, podsync]", "controllers"},
		{"hostNetwork: \"yes\"", "hostNetwork"},
		{"image: {digest: latest}", "digest"},
		{"image: {repository: host:5000/a:tag@b}", "repository"},
		{"image: {pullPolicy: always}", "pullPolicy"},
		{"leaderElection: {scope: pod}", "scope"},
		{"leaderElection: {leaseDuration: 15}", "leaseDuration"},
		{"logging: {format: yaml}", "format"},
		{"logging: {verbosity: debug}", "verbosity"},
		{"ports: {secure: 0}", "secure"},
		{"ports: {secure: 65536}", "secure"},
		{"extraArgs: [concurrent-replicaset-syncs=1]", "extraArgs"},
		{"extraArgs: {a: b}", "extraArgs"},
		{"podLabels: {a: 1}", "podLabels"},
		{"nodeSelector: {a: true}", "nodeSelector"},
		{"serviceMonitor: {interval: often}", "interval"},
		{"serviceMonitor: {renderMode: never}", "renderMode"},
		{"fullnameOverride: A_b", "fullnameOverride"},
		{"terminationGracePeriodSeconds: 0", "terminationGracePeriodSeconds"},
		{"tls: {minVersion: TLS13}", "minVersion"},
		{"kubeAPI: {burst: 0}", "burst"},
		{"kubeAPI: {qps: 0}", "qps"},
		{"fullnameOverride: 1a", "fullnameOverride"},
		{"namespaceOverride: a.b", "namespaceOverride"},
		{"rivalCheck: off", "rivalCheck"}, // which is false in YAML
	} {
		_, err := Template(t, "helm", Path(t), tt.values)
		if err == nil {
			t.Errorf("%q is not refused", tt.values)
		} else if !strings.Contains(err.Error(), tt.names) {
			t.Errorf("%q: %q doesn't name %s", tt.values, err, tt.names)
		}
	}
}

// Values that don't fit together are no matter of a schema, and refused with a reason all the same.
func TestValuesThatDoNotFitTogether(t *testing.T) {
	for _, tt := range []struct{ values, want string }{
		{"leaderElection: {enabled: false}", "can't be false with more than one replica"},
		{"replicas: 1\nleaderElection: {enabled: false}\nfence: {enabled: true}", "needs leaderElection.enabled"},
		{"podMonitor: {enabled: true}", "podMonitor.authorization: must be given"},
		{"leaderElection: {leaseDuration: 5s}", "leaderElection.leaseDuration: 5s must be longer than renewDeadline, 10s"},
		{"leaderElection: {leaseDuration: 2m, renewDeadline: 1m60s}", "leaderElection.leaseDuration: 2m must be longer"},
		{"leaderElection: {retryPeriod: 9s}", "leaderElection.renewDeadline: 10s must be longer than 1.2 times retryPeriod, 9s"},
		{"terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 5 must be 15 more than controllerShutdownTimeout, 10s"},
		{"controllerShutdownTimeout: 16s", "terminationGracePeriodSeconds: 30 must be 15 more than controllerShutdownTimeout, 16s"},
		{"ports: {secure: 10281}", "ports.status: must differ from ports.secure"},
		{"strategy: {rollingUpdate: {maxSurge: 0}}", "strategy.rollingUpdate: maxSurge and maxUnavailable can't both be 0"},
		{"podDisruptionBudget: {minAvailable: 2}", "podDisruptionBudget.minAvailable: 2 must be less than replicas, 2"},
		{"serviceMonitor: {enabled: true}\nservice: {enabled: false}", "serviceMonitor.enabled: needs service.enabled"},
		{"prometheusRule: {disabled: [WheelhouseDwon]}", `prometheusRule.disabled: "WheelhouseDwon" is no alert`},
		{"extraArgs: [--leader-elect-resource-name=foo]", "extraArgs: --leader-elect-resource-name: set the value leaderElection.resourceName"},
		{"extraArgs: [--controllers=podsync]", "extraArgs: --controllers: set the value controllers"},
	} {
		_, err := Template(t, "helm", Path(t), tt.values)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.values, err, tt.want)
		}
	}
}

// schema is as much of a JSON schema as the tests look at.
type schema struct {
	Type                 any               `json:"type"`
	Ref                  string            `json:"$ref"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties any               `json:"additionalProperties"`
}

func TestSchemaKnowsEachValueAndNoOther(t *testing.T) {
	var values map[string]any
	var known schema
	for name, into := range map[string]any{"values.yaml": &values, "values.schema.json": &known} {
		text, err := os.ReadFile(filepath.Join(Path(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".json" {
			err = json.Unmarshal(text, into)
		} else {
			err = yaml.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatalf("decode %s: %v", name, err)
		}
	}
	delete(known.Properties, "enabled") // is only for charts above
	compareKeys(t, "", values, known)
}

// compareKeys compares the keys of maps that the schema lists. Free maps, such as labels, are the user's.
func compareKeys(t *testing.T, path string, values map[string]any, known schema) {
	t.Helper()
	if known.Properties == nil {
		return
	}
	if known.AdditionalProperties != false && path != ".global" {
		t.Errorf("the schema takes unknown keys in %q", path)
	}
	for key, value := range values {
		property, ok := known.Properties[key]
		if !ok {
			t.Errorf("the schema doesn't know %s.%s", path, key)
		}
		if nested, isMap := value.(map[string]any); isMap {
			compareKeys(t, path+"."+key, nested, property)
		}
	}
	for key := range known.Properties {
		if _, ok := values[key]; !ok && !isOpen(path) {
			t.Errorf("values.yaml doesn't show %s.%s", path, key)
		}
	}
}

// isOpen reports whether values.yaml leaves out what Kubernetes' own documentation lists.
func isOpen(path string) bool {
	return path == ".affinity" || path == ".dnsConfig" || path == ".resources"
}
