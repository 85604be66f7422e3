{{- define "wheelhouse.image" -}}
{{- $parts := list (.Values.global).imageRegistry .Values.image.registry .Values.image.repository | compact -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" (join "/" $parts) .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" (join "/" $parts) (.Values.image.tag | default .Chart.AppVersion | replace "+" "_") -}}
{{- end -}}
{{- end -}}

{{/* Pull secrets may be names or objects with a name. */}}
{{- define "wheelhouse.imagePullSecrets" -}}
{{- $secrets := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) .Values.imagePullSecrets -}}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) -}}
{{- end -}}
{{- if $secrets -}}
imagePullSecrets:
  {{- toYaml (uniq $secrets) | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Where leases and canaries are, and what leases are for. */}}
{{- define "wheelhouse.leaseArgs" -}}
- --leader-elect-scope={{ .Values.leaderElection.scope }}
- --leader-elect-resource-name={{ include "wheelhouse.leaseName" . }}
- --leader-elect-resource-namespace={{ include "wheelhouse.namespace" . }}
{{- end -}}

{{- define "wheelhouse.args" -}}
- --controllers={{ join "," .Values.controllers }}
- --leader-elect={{ .Values.leaderElection.enabled }}
- --rival-check={{ .Values.rivalCheck }}
{{- if or .Values.leaderElection.enabled (eq .Values.rivalCheck "canary") }}
{{ include "wheelhouse.leaseArgs" . }}
{{- end }}
{{- with .Values.leaderElection }}
{{- if .enabled }}
- --leader-elect-lease-duration={{ .leaseDuration }}
- --leader-elect-renew-deadline={{ .renewDeadline }}
- --leader-elect-retry-period={{ .retryPeriod }}
{{- end }}
{{- end }}
- --kube-api-qps={{ .Values.kubeAPI.qps }}
- --kube-api-burst={{ .Values.kubeAPI.burst }}
- --secure-port={{ .Values.ports.secure }}
- --status-port={{ .Values.ports.status }}
- --tls-min-version={{ .Values.tls.minVersion }}
{{- if .Values.tls.secretName }}
- --tls-cert-file=/etc/wheelhouse/tls/tls.crt
- --tls-private-key-file=/etc/wheelhouse/tls/tls.key
{{- end }}
{{- if not .Values.tls.clusterAuthorities }}
- --authentication-skip-lookup=true
{{- end }}
- --controller-shutdown-timeout={{ .Values.controllerShutdownTimeout }}
- --logging-format={{ .Values.logging.format }}
- --v={{ .Values.logging.verbosity }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "wheelhouse.probe" -}}
{{- $where := dict "httpGet" (dict "path" .path "port" "https" "scheme" "HTTPS") -}}
{{- toYaml (merge $where .probe) -}}
{{- end -}}

{{/* A constraint without a selector gets one: of this release's pods, those of each revision by themselves. */}}
{{- define "wheelhouse.topologySpreadConstraints" -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $constraint := deepCopy . -}}
{{- if not .labelSelector -}}
{{- $_ := set $constraint "labelSelector" (dict "matchLabels" (include "wheelhouse.selectorLabels" $ | fromYaml)) -}}
{{- $_ := set $constraint "matchLabelKeys" (.matchLabelKeys | default (list "pod-template-hash")) -}}
{{- end -}}
{{- $constraints = append $constraints $constraint -}}
{{- end -}}
{{- toYaml $constraints -}}
{{- end -}}
