{{/* Whether to render an object of the Prometheus operator: "true" or "". Takes the root, the value's name and its settings. */}}
{{- define "wheelhouse.monitoring" -}}
{{- $known := .root.Capabilities.APIVersions.Has "monitoring.coreos.com/v1" -}}
{{- if .settings.enabled -}}
{{- if and (eq .settings.renderMode "failIfMissing") (not $known) -}}
{{- fail (printf "%s.renderMode: the cluster doesn't know monitoring.coreos.com/v1: install the Prometheus operator's definitions first" .name) -}}
{{- end -}}
{{- if or $known (eq .settings.renderMode "alwaysRender") (eq .settings.renderMode "failIfMissing") -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Metadata of an object that may be in another namespace, with labels and annotations of its own. */}}
{{- define "wheelhouse.optionalMetadata" -}}
name: {{ .name | default (include "wheelhouse.fullname" .root) }}
namespace: {{ .settings.namespace | default (include "wheelhouse.namespace" .root) }}
labels:
  {{- merge (deepCopy .settings.labels) (include "wheelhouse.labels" .root | fromYaml) | toYaml | nindent 2 }}
{{- with .settings.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What an endpoint of a ServiceMonitor and of a PodMonitor have in common. */}}
{{- define "wheelhouse.scrape" -}}
path: /metrics
scheme: https
{{- range $field := list "interval" "scrapeTimeout" }}
{{- with get $ $field }}
{{ $field }}: {{ . }}
{{- end }}
{{- end }}
{{- range $field := list "authorization" "tlsConfig" "relabelings" "metricRelabelings" }}
{{- with get $ $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The groups of rules in alerts/, without those that are disabled, as YAML. The files are Prometheus' own, not templates. */}}
{{- define "wheelhouse.ruleGroups" -}}
{{- $groups := list -}}
{{- range $path, $_ := .Files.Glob "alerts/*.yaml" -}}
{{- range $group := ($.Files.Get $path | fromYaml).groups -}}
{{- $rules := list -}}
{{- range $rule := $group.rules -}}
{{- if not (has ($rule.alert | default "") $.Values.prometheusRule.disabled) -}}{{- $rules = append $rules $rule -}}{{- end -}}
{{- end -}}
{{- if $rules -}}{{- $groups = append $groups (merge (dict "rules" $rules) $group) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with $groups -}}{{- toYaml . -}}{{- end -}}
{{- end -}}
