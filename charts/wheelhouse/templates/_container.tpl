{{- define "wheelhouse.container" -}}
- name: wheelhouse
  image: {{ include "wheelhouse.image" . | quote }}
  {{- with .Values.image.pullPolicy }}
  imagePullPolicy: {{ . }}
  {{- end }}
  args:
    {{- include "wheelhouse.args" . | nindent 4 }}
  env:
    - name: POD_NAME
      valueFrom:
        fieldRef:
          apiVersion: v1
          fieldPath: metadata.name
    - name: POD_NAMESPACE
      valueFrom:
        fieldRef:
          apiVersion: v1
          fieldPath: metadata.namespace
    {{- with .Values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.extraEnvFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: https
      containerPort: {{ .Values.ports.secure }}
      protocol: TCP
  livenessProbe:
    {{- include "wheelhouse.probe" (dict "path" "/livez" "probe" .Values.livenessProbe) | nindent 4 }}
  readinessProbe:
    {{- include "wheelhouse.probe" (dict "path" "/readyz" "probe" .Values.readinessProbe) | nindent 4 }}
  {{- with .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  # What ends the process is the last that the log has; a pod's status shows it.
  terminationMessagePolicy: FallbackToLogsOnError
  {{- if or .Values.tls.secretName .Values.extraVolumeMounts }}
  volumeMounts:
    {{- if .Values.tls.secretName }}
    - name: tls
      mountPath: /etc/wheelhouse/tls
      readOnly: true
    {{- end }}
    {{- with .Values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end -}}
