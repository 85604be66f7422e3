{{- define "wheelhouse.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 46 | trimSuffix "-" -}}
{{- end -}}

{{/* A pod's name is this and 17 characters. It has to fit into a host's name, 63, of which replicas make their identity. */}}
{{- define "wheelhouse.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if not (contains $name .Release.Name) -}}
{{- $name = printf "%s-%s" .Release.Name $name -}}
{{- else -}}
{{- $name = .Release.Name -}}
{{- end -}}
{{- $name | trunc 46 | trimSuffix "-" -}}
{{- end -}}

{{- define "wheelhouse.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Names what belongs to no namespace, or to a foreign one: releases of one name in two namespaces don't collide. */}}
{{- define "wheelhouse.clusterName" -}}
{{- $namespace := include "wheelhouse.namespace" . -}}
{{- $fullname := include "wheelhouse.fullname" . -}}
{{- if eq $namespace $fullname -}}
{{- $fullname -}}
{{- else -}}
{{- printf "%s-%s" $namespace $fullname -}}
{{- end -}}
{{- end -}}

{{- define "wheelhouse.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "wheelhouse.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "wheelhouse.leaseName" -}}
{{- default (include "wheelhouse.fullname" .) .Values.leaderElection.resourceName -}}
{{- end -}}

{{/* Selectors can't be changed: nothing here depends on a version. */}}
{{- define "wheelhouse.selectorLabels" -}}
app.kubernetes.io/name: {{ include "wheelhouse.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: manager
{{- end -}}

{{/* The common labels come first, so that nobody can take an object out of its own selector. */}}
{{- define "wheelhouse.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_")
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "wheelhouse" -}}
{{- toYaml (merge (include "wheelhouse.selectorLabels" . | fromYaml) $own .Values.commonLabels) -}}
{{- end -}}

{{/* Labels of the pods: without versions, whose change alone must not replace them. */}}
{{- define "wheelhouse.podLabels" -}}
{{- $own := dict "app.kubernetes.io/part-of" "wheelhouse" -}}
{{- toYaml (merge (include "wheelhouse.selectorLabels" . | fromYaml) $own .Values.podLabels .Values.commonLabels) -}}
{{- end -}}

{{/* Metadata of an object with the release's name in the release's namespace. */}}
{{- define "wheelhouse.metadata" -}}
name: {{ include "wheelhouse.fullname" . }}
namespace: {{ include "wheelhouse.namespace" . }}
labels:
  {{- include "wheelhouse.labels" . | nindent 2 }}
{{- end -}}

{{- define "wheelhouse.clusterMetadata" -}}
name: {{ include "wheelhouse.clusterName" . }}
labels:
  {{- include "wheelhouse.labels" . | nindent 2 }}
{{- end -}}
