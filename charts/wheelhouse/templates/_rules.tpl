{{/* The rules of the controllers that run, each resource once. */}}
{{- define "wheelhouse.controllerRules" -}}
{{- $known := include "wheelhouse.knownControllers" . | fromJson -}}
{{- $rules := list -}}
{{- range include "wheelhouse.controllers" . | fromJsonArray -}}
{{- $rules = concat $rules (get $known .).rules -}}
{{- end -}}
{{- $rules = concat $rules (list
  (dict "apiGroups" (list "authentication.k8s.io") "resources" (list "tokenreviews") "verbs" (list "create"))
  (dict "apiGroups" (list "authorization.k8s.io") "resources" (list "subjectaccessreviews") "verbs" (list "create"))) -}}
{{- include "wheelhouse.joinedRules" (concat $rules .Values.rbac.extraRules) -}}
{{- end -}}

{{/* Joins the verbs of rules about the same resource and names. Rules about paths stay as they are. */}}
{{- define "wheelhouse.joinedRules" -}}
{{- $targets := dict -}}
{{- $paths := list -}}
{{- range $rule := . -}}
{{- if $rule.nonResourceURLs -}}{{- $paths = append $paths $rule -}}{{- end -}}
{{- range $group := $rule.apiGroups -}}
{{- range $resource := $rule.resources -}}
{{- $names := sortAlpha ($rule.resourceNames | default list) -}}
{{- $key := printf "%s/%s/%s" $group $resource (join "," $names) -}}
{{- $target := get $targets $key | default (dict "apiGroups" (list $group) "resources" (list $resource) "verbs" list) -}}
{{- if $names -}}{{- $_ := set $target "resourceNames" $names -}}{{- end -}}
{{- $_ := set $target "verbs" (concat $target.verbs $rule.verbs | uniq | sortAlpha) -}}
{{- $_ := set $targets $key $target -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $joined := list -}}
{{- range keys $targets | sortAlpha -}}{{- $joined = append $joined (get $targets .) -}}{{- end -}}
{{- toYaml (concat $joined $paths) -}}
{{- end -}}

{{/* What leader election needs in the namespace of the leases. RBAC can't tie "create" to a name. */}}
{{- define "wheelhouse.leaseRules" -}}
{{- $name := include "wheelhouse.leaseName" . -}}
{{- $names := list $name -}}
{{- $byController := eq .Values.leaderElection.scope "controller" -}}
{{- if $byController -}}
{{- $names = list -}}
{{- range include "wheelhouse.controllers" . | fromJsonArray -}}{{- $names = append $names (printf "%s-%s" $name .) -}}{{- end -}}
{{- end -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: {{ toJson $names }}
  verbs: [get, update, watch]
{{- if $byController }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ $name }}-members]
  verbs: [patch]
{{- end }}
{{- end -}}

{{/* What is needed in the release's own namespace: leases, and the canaries of the controllers that run. */}}
{{- define "wheelhouse.ownRules" -}}
{{- if .Values.leaderElection.enabled -}}
{{- include "wheelhouse.leaseRules" . | nindent 0 }}
{{- end -}}
{{- if eq .Values.rivalCheck "canary" -}}
{{- include "wheelhouse.canaryRules" . -}}
{{- end -}}
{{- end -}}

{{/* What is needed of the objects that tell whether somebody else does a controller's work. RBAC can't tie "create" to a name. */}}
{{- define "wheelhouse.canaryRules" -}}
{{- $known := include "wheelhouse.knownControllers" . | fromJson -}}
{{- range $controller := include "wheelhouse.controllers" . | fromJsonArray -}}
{{- $name := include "wheelhouse.canaryName" (dict "root" $ "controller" $controller) -}}
{{- with (get $known $controller).canary }}
- apiGroups: [{{ .group | quote }}]
  resources: [{{ .resource }}]
  verbs: [create]
- apiGroups: [{{ .group | quote }}]
  resources: [{{ .resource }}]
  resourceNames: [{{ $name }}]
  verbs: [get, patch]
{{- if .rests }}
- apiGroups: [{{ .group | quote }}]
  resources: [{{ .resource }}/status]
  resourceNames: [{{ $name }}]
  verbs: [patch]
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A canary is called by the lease that guards its controller. Takes the root and the controller. */}}
{{- define "wheelhouse.canaryName" -}}
{{- $guard := include "wheelhouse.leaseName" .root -}}
{{- if not .root.Values.leaderElection.enabled -}}
{{- $guard = printf "%s-unelected" $guard -}}
{{- else if eq .root.Values.leaderElection.scope "controller" -}}
{{- $guard = printf "%s-%s" $guard .controller -}}
{{- end -}}
{{- printf "%s-canary-%s" $guard .controller -}}
{{- end -}}
