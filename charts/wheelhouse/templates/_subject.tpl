{{- define "wheelhouse.subjects" -}}
- kind: ServiceAccount
  name: {{ include "wheelhouse.serviceAccountName" . }}
  namespace: {{ include "wheelhouse.namespace" . }}
{{- end -}}

{{- define "wheelhouse.roleRef" -}}
apiGroup: rbac.authorization.k8s.io
kind: {{ .kind }}
name: {{ .name }}
{{- end -}}
