{{- define "kibble.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}
{{- define "kibble.labels" -}}
app.kubernetes.io/name: kibble
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "kibble.image" -}}
{{- if .Values.image.digest -}}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}
{{- end }}
{{- define "kibble.haproxyImage" -}}
{{- if .Values.haproxy.digest -}}{{ .Values.haproxy.image }}@{{ .Values.haproxy.digest }}
{{- else -}}{{ .Values.haproxy.image }}{{- end -}}
{{- end }}
{{- define "kibble.enginesSecret" -}}{{ .Values.engines.existingSecret | default (printf "%s-engines" (include "kibble.name" .)) }}{{- end }}
{{- define "kibble.keySecret" -}}{{ .Values.signingKey.existingSecret | default (printf "%s-signing-key" (include "kibble.name" .)) }}{{- end }}
{{- define "kibble.publicKeys" -}}{{ .Values.publicKeys.existingSecret | default (printf "%s-public-keys" (include "kibble.name" .)) }}{{- end }}
{{/* The secret with the key that a service calls itself by; no other pod has it. */}}
{{- define "kibble.ownKey" -}}{{ .root.Values.serviceKeys.existingSecrets | default (printf "%s-key-" (include "kibble.name" .root)) }}{{ .name }}{{- end }}
{{/* The settings of one service: its own over the defaults. */}}
{{- define "kibble.service" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .name)) | toYaml }}
{{- end }}
{{- define "kibble.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "kibble.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
{{- define "kibble.env" -}}
- {name: KIBBLE_ENV, value: {{ .Values.env | quote }}}
- {name: KIBBLE_LOG_LEVEL, value: {{ .Values.logLevel | quote }}}
- {name: KIBBLE_NAMESPACE, value: {{ .Values.engines.namespace | quote }}}
- {name: KIBBLE_SERVICE_URL, value: "http://{{ include "kibble.name" . }}-{service}:8000"}
- {name: KIBBLE_SHOP_URL, value: {{ .Values.shopUrl | quote }}}
- {name: KIBBLE_TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }}}
- name: KIBBLE_ALLOWED_HOSTS
  value: "{{ .Values.ingress.host }}{{ range $name, $_ := .Values.services }},{{ include "kibble.name" $ }}-{{ $name }}{{ end }}"
{{- if .Values.tracing.url }}
- {name: KIBBLE_OTLP_URL, value: {{ .Values.tracing.url | quote }}}
- {name: KIBBLE_TRACE_SHARE, value: {{ .Values.tracing.share | quote }}}
{{- end }}
{{- range $name, $value := .Values.extraEnv }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
{{/* Its own key, everybody's public ones, and for Customer alone the key that people's tokens are signed with. */}}
{{- define "kibble.keyMounts" -}}
- {name: own-key, mountPath: /data/service-keys, readOnly: true}
- {name: public-keys, mountPath: /data/public-keys, readOnly: true}
{{- if eq .name "customer" }}
- {name: signing-key, mountPath: /data/signing-key.json, subPath: signing-key.json, readOnly: true}
{{- end }}
{{- end }}
{{- define "kibble.keyVolumes" -}}
- name: own-key
  secret: {secretName: {{ include "kibble.ownKey" . }}, defaultMode: 0440, items: [{key: service-key.json, path: {{ .name }}.json}]}
- {name: public-keys, secret: {secretName: {{ include "kibble.publicKeys" .root }}, defaultMode: 0440}}
{{- if eq .name "customer" }}
- {name: signing-key, secret: {secretName: {{ include "kibble.keySecret" .root }}, defaultMode: 0440}}
{{- end }}
{{- end }}
