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
{{- end -}}
