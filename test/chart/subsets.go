package chart

import (
	"strings"

	"github.com/6ead2ce0/wheelhouse/controllers/builtin"
)

// Subsets returns each choice of the controllers but none, as names.
func Subsets() [][]string {
	subsets := [][]string{nil}
	for _, d := range builtin.All() {
		for _, subset := range subsets {
			subsets = append(subsets, append(append([]string{}, subset...), d.Name))
		}
	}
	return subsets[1:]
}

// Controllers returns the value that chooses the controllers.
func Controllers(names []string) string {
	return "controllers: [" + strings.Join(names, ", ") + "]\n"
}

// Part is a part of the chart that values turn on or off.
type Part struct {
	Name, Values string
	// Adds and Drops are the kinds that there are more of, and fewer, than by default.
	Adds, Drops []string
}

// Parts returns each part that can be turned on or off.
func Parts() []Part {
	return []Part{
		{"one replica", "replicas: 1", nil, []string{"PodDisruptionBudget"}},
		{"no leader election", "replicas: 1\nleaderElection: {enabled: false}", nil,
			[]string{"FlowSchema", "Pod", "PodDisruptionBudget", "Role", "RoleBinding", "ServiceAccount"}},
		{"neither leader election nor canaries", "replicas: 1\nrivalCheck: \"off\"\nleaderElection: {enabled: false}", nil,
			[]string{"FlowSchema", "Pod", "PodDisruptionBudget", "Role", "Role", "RoleBinding", "RoleBinding", "ServiceAccount"}},
		{"a lease for each controller", "leaderElection: {scope: controller}", nil, nil},
		{"no service account", "serviceAccount: {create: false, name: mine}", nil, []string{"ServiceAccount"}},
		{"no roles", "rbac: {create: false}", nil,
			[]string{"ClusterRole", "ClusterRoleBinding", "Role", "Role", "RoleBinding", "RoleBinding"}},
		{"no authorities", "tls: {clusterAuthorities: false}", nil, []string{"Role", "RoleBinding"}},
		{"a certificate", "tls: {secretName: cert}", nil, nil},
		{"a role for metrics", "metricsReader: {create: true}", []string{"ClusterRole"}, nil},
		{"a reader of metrics", "metricsReader: {create: true, subjects: [{kind: ServiceAccount, namespace: m, name: p}]}",
			[]string{"ClusterRole", "ClusterRoleBinding"}, nil},
		{"no disruption budget", "podDisruptionBudget: {enabled: false}", nil, []string{"PodDisruptionBudget"}},
		{"no service", "service: {enabled: false}", nil, []string{"Service"}},
		{"a network policy", "networkPolicy: {enabled: true, from: [{namespaceSelector: {}}], egress: [{}]}", []string{"NetworkPolicy"}, nil},
		{"no flow schema", "flowSchema: {enabled: false}", nil, []string{"FlowSchema"}},
		{"a fence", "fence: {enabled: true}", []string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}, nil},
		{"a fence for each controller", "fence: {enabled: true}\nleaderElection: {scope: controller}",
			[]string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicyBinding"}, nil},
		{"a service monitor", "serviceMonitor: {enabled: true, interval: 30s, labels: {release: p}}", []string{"ServiceMonitor"}, nil},
		{"a pod monitor", "podMonitor: {enabled: true, authorization: {credentials: {name: token, key: token}}}", []string{"PodMonitor"}, nil},
		{"no test", "helmTest: {enabled: false}", nil, []string{"Pod", "Role", "RoleBinding", "ServiceAccount"}},
		{"the node's network", "hostNetwork: true", nil, []string{"Pod", "Role", "RoleBinding", "ServiceAccount"}},
		{"everything of a pod", everythingOfAPod, nil, []string{"Pod", "Role", "RoleBinding", "ServiceAccount"}},
		{"objects of one's own", extraObjects, []string{"ConfigMap", "ConfigMap"}, nil},
	}
}

const everythingOfAPod = `
commonLabels: {team: a}
global: {imageRegistry: registry.example.com, imagePullSecrets: [one]}
image: {registry: mirror, tag: v1.2.3+build, pullPolicy: Always}
imagePullSecrets: [{name: two}]
extraArgs: [--concurrent-replicaset-syncs=20]
extraEnv: [{name: A, value: b}]
extraEnvFrom: [{configMapRef: {name: c, optional: true}}]
extraVolumes: [{name: v, emptyDir: {}}]
extraVolumeMounts: [{name: v, mountPath: /v}]
extraContainers: [{name: beside, image: other, securityContext: &restricted {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
extraInitContainers: [{name: before, image: other, securityContext: *restricted}]
podLabels: {a: b}
podAnnotations: {a: b}
deploymentAnnotations: {a: b}
nodeSelector: {kubernetes.io/os: linux}
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
tolerations: [{operator: Exists}]
priorityClassName: system-cluster-critical
runtimeClassName: r
schedulerName: s
dnsPolicy: Default
dnsConfig: {options: [{name: ndots, value: "1"}]}
strategy: {type: Recreate}
service: {type: NodePort, labels: {a: b}, annotations: {a: b}}
serviceAccount: {annotations: {a: b}, automount: true}
podDisruptionBudget: {minAvailable: 50%}
logging: {format: json, verbosity: 4}
ports: {status: 0, secure: 443}
`

const extraObjects = `
extraObjects:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {release: "{{ .Release.Name }}"}}
- |
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: {{ include "wheelhouse.fullname" . }}-two
`
