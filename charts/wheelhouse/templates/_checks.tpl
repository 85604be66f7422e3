{{/* What no schema can say: values that don't fit together. */}}
{{- define "wheelhouse.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) -}}
{{- fail "leaderElection.enabled: can't be false with more than one replica: all of them would work at once" -}}
{{- end -}}
{{- if and .Values.fence.enabled (not .Values.leaderElection.enabled) -}}
{{- fail "fence.enabled: needs leaderElection.enabled: the fence lets through who holds the lease" -}}
{{- end -}}
{{- if and .Values.podMonitor.enabled (not .Values.podMonitor.authorization) -}}
{{- fail "podMonitor.authorization: must be given: a PodMonitor can't name a file with Prometheus' token" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.service.enabled) -}}
{{- fail "serviceMonitor.enabled: needs service.enabled: it finds replicas by the Service; podMonitor does without" -}}
{{- end -}}
{{- if and .Values.ports.status (eq (int .Values.ports.status) (int .Values.ports.secure)) -}}
{{- fail "ports.status: must differ from ports.secure" -}}
{{- end -}}
{{- include "wheelhouse.checkTimes" . -}}
{{- include "wheelhouse.checkReplacement" . -}}
{{- include "wheelhouse.checkNames" . -}}
{{- end -}}

{{- define "wheelhouse.checkTimes" -}}
{{- with .Values.leaderElection -}}
{{- if .enabled -}}
{{- $lease := include "wheelhouse.milliseconds" .leaseDuration | int64 -}}
{{- $renew := include "wheelhouse.milliseconds" .renewDeadline | int64 -}}
{{- $retry := include "wheelhouse.milliseconds" .retryPeriod | int64 -}}
{{- if le $lease $renew -}}
{{- fail (printf "leaderElection.leaseDuration: %s must be longer than renewDeadline, %s" .leaseDuration .renewDeadline) -}}
{{- end -}}
{{- if le (mul $renew 5) (mul $retry 6) -}}
{{- fail (printf "leaderElection.renewDeadline: %s must be longer than 1.2 times retryPeriod, %s" .renewDeadline .retryPeriod) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $drain := include "wheelhouse.milliseconds" .Values.controllerShutdownTimeout | int64 -}}
{{- if lt (mul (int64 .Values.terminationGracePeriodSeconds) 1000) (add $drain 15000) -}}
{{- fail (printf "terminationGracePeriodSeconds: %v must be 15 more than controllerShutdownTimeout, %s, at least" .Values.terminationGracePeriodSeconds .Values.controllerShutdownTimeout) -}}
{{- end -}}
{{- end -}}

{{/* A duration such as 1m30s in milliseconds. */}}
{{- define "wheelhouse.milliseconds" -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|[smh])" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (get (dict "ms" 1.0 "s" 1000.0 "m" 60000.0 "h" 3600000.0) $unit)) -}}
{{- end -}}
{{- printf "%.0f" $sum -}}
{{- end -}}

{{/* What would keep pods from being replaced, or nodes from being drained, for ever. */}}
{{- define "wheelhouse.checkReplacement" -}}
{{- with .Values.strategy -}}
{{- if eq .type "RollingUpdate" -}}
{{- $none := list "0" "0%" -}}
{{- if and (has (toString .rollingUpdate.maxSurge) $none) (has (toString .rollingUpdate.maxUnavailable) $none) -}}
{{- fail "strategy.rollingUpdate: maxSurge and maxUnavailable can't both be 0" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $least := toString .Values.podDisruptionBudget.minAvailable -}}
{{- if and .Values.podDisruptionBudget.enabled (gt (int .Values.replicas) 1) (regexMatch "^[0-9]+$" $least) (ge (int $least) (int .Values.replicas)) -}}
{{- fail (printf "podDisruptionBudget.minAvailable: %s must be less than replicas, %v: else no node could be drained" $least .Values.replicas) -}}
{{- end -}}
{{- end -}}

{{/* Names of alerts, and flags on which roles depend, which have values of their own. */}}
{{- define "wheelhouse.checkNames" -}}
{{- $alerts := list -}}
{{- range $path, $_ := .Files.Glob "alerts/*.yaml" -}}
{{- range ($.Files.Get $path | fromYaml).groups -}}
{{- range .rules -}}{{- $alerts = append $alerts .alert -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range .Values.prometheusRule.disabled -}}
{{- if not (has . $alerts) -}}
{{- fail (printf "prometheusRule.disabled: %q is no alert of this chart" .) -}}
{{- end -}}
{{- end -}}
{{- $values := dict "controllers" "controllers" "rival-check" "rivalCheck" "leader-elect" "leaderElection.enabled" "leader-elect-scope" "leaderElection.scope"
  "leader-elect-resource-name" "leaderElection.resourceName" "leader-elect-resource-namespace" "namespaceOverride" -}}
{{- range .Values.extraArgs -}}
{{- $flag := regexReplaceAll "=.*$" . "" | trimPrefix "--" -}}
{{- if hasKey $values $flag -}}
{{- fail (printf "extraArgs: --%s: set the value %s, on which the roles depend" $flag (get $values $flag)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
