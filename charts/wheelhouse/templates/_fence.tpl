{{/* The policy of docs/fence-policy.yaml for this release; a test holds them equal. */}}
{{- define "wheelhouse.fencePolicy" -}}
failurePolicy: Fail
paramKind:
  apiVersion: coordination.k8s.io/v1
  kind: Lease
matchConstraints:
  resourceRules:
    - apiGroups: ["", "apps"]
      apiVersions: ["*"]
      operations: ["CREATE", "UPDATE", "DELETE"]
      resources: ["pods", "pods/status", "replicasets", "replicasets/status", "deployments", "deployments/status"]
matchConditions:
  - name: by-wheelhouse
    expression: request.userInfo.username == 'system:serviceaccount:{{ include "wheelhouse.namespace" . }}:{{ include "wheelhouse.serviceAccountName" . }}'
variables:
  # Tokens that are bound to a pod, as all that kubelet mounts are, carry its name.
  - name: pod
    expression: >-
      'authentication.kubernetes.io/pod-name' in request.userInfo.extra
      ? request.userInfo.extra['authentication.kubernetes.io/pod-name'][0] : ''
validations:
  # The holder is the pod's name, which has no underscore, and after one what is unique to the process.
  - expression: variables.pod != '' && has(params.spec.holderIdentity) && params.spec.holderIdentity.startsWith(variables.pod + '_')
    messageExpression: "'pod ' + variables.pod + ' does not hold the lease ' + params.metadata.name"
    reason: Forbidden
{{- end -}}

{{/* What the bindings' and leases' names end in, and which writes each is about, as JSON. Empty means all of the policy. A canary asks for
nothing: a ReplicaSet that is one is written by whoever leads the controller whose it is. */}}
{{- define "wheelhouse.fenceBindings" -}}
{{- if eq .Values.leaderElection.scope "process" -}}
{{- dict "" dict | toJson -}}
{{- else -}}
{{- $written := dict
  "deployment" (dict "apps" (list "deployments" "deployments/status" "replicasets"))
  "replicaset" (dict "" (list "pods" "pods/status") "apps" (list "replicasets/status")) -}}
{{- $bindings := dict -}}
{{- range $controller := include "wheelhouse.controllers" . | fromJsonArray -}}
{{- if hasKey $written $controller -}}
{{- $rules := list -}}
{{- range $group, $resources := get $written $controller -}}
{{- $rules = append $rules (dict "apiGroups" (list $group) "apiVersions" (list "*")
  "operations" (list "CREATE" "UPDATE" "DELETE") "resources" $resources) -}}
{{- end -}}
{{- $matched := dict "resourceRules" $rules -}}
{{- if eq $controller "deployment" -}}
{{- $_ := set $matched "objectSelector" (dict "matchExpressions" (list (dict "key" "wheelhouse.dev/canary" "operator" "DoesNotExist"))) -}}
{{- end -}}
{{- $_ := set $bindings (printf "-%s" $controller) $matched -}}
{{- end -}}
{{- end -}}
{{- toJson $bindings -}}
{{- end -}}
{{- end -}}
