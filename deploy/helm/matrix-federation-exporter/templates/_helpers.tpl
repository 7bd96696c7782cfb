{{- define "exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 52 characters, so that a pod's name, with what controllers add to it, remains a valid label. */}}
{{- define "exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "exporter.selector" -}}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: exporter
{{- end }}

{{- define "exporter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: matrix-federation-exporter
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "exporter.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "exporter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "exporter.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry }}
{{- with $registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}
{{- else }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{/* A StatefulSet where pods must have ordinals or volumes of their own. Empty is false. */}}
{{- define "exporter.isStatefulSet" -}}
{{- if or (gt (int .Values.shards) 1) .Values.persistence.enabled }}true{{ end }}
{{- end }}

{{- define "exporter.hasExistingConfig" -}}
{{- if or .Values.existingConfig.configMap .Values.existingConfig.secret }}true{{ end }}
{{- end }}

{{/* The configuration of the exporter, from values. */}}
{{- define "exporter.config" -}}
{{- $config := deepCopy .Values.config }}
{{- if .Values.caBundle.configMap }}
{{- $tls := merge (dict "ca_file" (printf "/etc/matrix-federation-exporter/ca/%s" .Values.caBundle.key)) (dig "tls" dict $config) }}
{{- $_ := set $config "tls" $tls }}
{{- end }}
{{- if or .Values.homeserverLists.configMaps .Values.homeserverLists.secrets }}
{{- $_ := set $config "homeserver_files" (list "/etc/matrix-federation-exporter/homeservers/*/*") }}
{{- end }}
{{- $_ := set $config "homeservers" .Values.homeservers }}
{{- toYaml $config }}
{{- end }}

{{/* The web configuration that `web.config` or `web.tlsSecret` asks for; empty for none. */}}
{{- define "exporter.webConfig" -}}
{{- $web := deepCopy .Values.web.config }}
{{- if and .Values.web.tlsSecret (not .Values.web.existingSecret) (not (hasKey $web "tls_server_config")) }}
{{- $_ := set $web "tls_server_config" (dict
      "cert_file" "/etc/matrix-federation-exporter/tls/tls.crt"
      "key_file" "/etc/matrix-federation-exporter/tls/tls.key") }}
{{- end }}
{{- if $web }}{{ toYaml $web }}{{ end }}
{{- end }}

{{- define "exporter.webSecret" -}}
{{- if .Values.web.existingSecret }}{{ .Values.web.existingSecret }}
{{- else if include "exporter.webConfig" . }}{{ include "exporter.fullname" . }}-web
{{- end }}
{{- end }}

{{/* What cannot be right is said at once, not by a pod that does not start. */}}
{{- define "exporter.checkValues" -}}
{{- if and .Values.existingConfig.configMap .Values.existingConfig.secret }}
{{- fail "existingConfig: give a configMap or a secret, not both" }}
{{- end }}
{{- $lists := or .Values.homeservers .Values.homeserverLists.configMaps .Values.homeserverLists.secrets }}
{{- if include "exporter.hasExistingConfig" . }}
{{- if or $lists .Values.config .Values.caBundle.configMap }}
{{- fail "existingConfig is the whole configuration: config, homeservers, homeserverLists and caBundle must be empty with it" }}
{{- end }}
{{- else if not $lists }}
{{- fail "no homeserver is named: set homeservers, homeserverLists or existingConfig" }}
{{- end }}
{{- if and .Values.web.config .Values.web.existingSecret }}
{{- fail "web: give config or existingSecret, not both" }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{- fail "serviceMonitor and podMonitor: enable one of them, or everything is scraped twice" }}
{{- end }}
{{- end }}
