{{- define "exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
52 characters, so that a pod's name, with what controllers add to it, remains a valid label; and a name that a Service
may have: no dots, a letter first.
*/}}
{{- define "exporter.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- $name = .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- $name = .Release.Name }}
{{- else }}
{{- $name = printf "%s-%s" .Release.Name $name }}
{{- end }}
{{- regexReplaceAll "^[0-9]" (replace "." "-" $name) "exporter-${0}" | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "exporter.selector" -}}
app.kubernetes.io/name: {{ include "exporter.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: exporter
{{- end }}

{{/* Labels of an object; called with the root and what it has of its own. Whatever is nearer to the object wins. */}}
{{- define "exporter.labels" -}}
{{- $ := first . }}
{{- $labels := dict
      "helm.sh/chart" (printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
      "app.kubernetes.io/name" (include "exporter.name" $)
      "app.kubernetes.io/instance" $.Release.Name
      "app.kubernetes.io/version" $.Chart.AppVersion
      "app.kubernetes.io/managed-by" $.Release.Service
      "app.kubernetes.io/part-of" "matrix-federation-exporter" }}
{{- include "exporter.merged" (concat (list $labels $.Values.commonLabels) (rest .)) }}
{{- end }}

{{/* One mapping of several; of a key that is there twice the last one holds. */}}
{{- define "exporter.merged" -}}
{{- $merged := dict }}
{{- range $mapping := . }}
{{- range $key, $value := $mapping }}
{{- $_ := set $merged $key $value }}
{{- end }}
{{- end }}
{{- toYaml $merged }}
{{- end }}

{{- define "exporter.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "exporter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "exporter.image" -}}
{{- include "exporter.imageOf" (list . .Values.image) }}
{{- end }}

{{/* Called with the root and one of the images of the values. */}}
{{- define "exporter.imageOf" -}}
{{- $ := index . 0 }}{{ $image := index . 1 }}
{{- with default $image.registry $.Values.global.imageRegistry }}{{ . }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}
{{- else }}:{{ default $.Chart.AppVersion $image.tag }}
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

{{/*
The web configuration that `web.config` or `web.tlsSecret` asks for; empty for none. A certificate that the configuration
names itself goes before that of the Secret, and so does its key, since they belong together.
*/}}
{{- define "exporter.webConfig" -}}
{{- $web := deepCopy .Values.web.config }}
{{- $tls := default dict $web.tls_server_config }}
{{- if and .Values.web.tlsSecret (not .Values.web.existingSecret) (not (or $tls.cert $tls.cert_file $tls.key $tls.key_file)) }}
{{- $_ := set $web "tls_server_config" (merge (dict
      "cert_file" "/etc/matrix-federation-exporter/tls/tls.crt"
      "key_file" "/etc/matrix-federation-exporter/tls/tls.key") $tls) }}
{{- end }}
{{- if $web }}{{ toYaml $web }}{{ end }}
{{- end }}

{{- define "exporter.webSecret" -}}
{{- if .Values.web.existingSecret }}{{ .Values.web.existingSecret }}
{{- else if include "exporter.webConfig" . }}{{ include "exporter.fullname" . }}-web
{{- end }}
{{- end }}

{{- define "exporter.scheme" -}}
{{- ternary "https" "http" (hasKey (include "exporter.webConfig" . | fromYaml) "tls_server_config") }}
{{- end }}

{{/* Below it everything is served. */}}
{{- define "exporter.routePrefix" -}}
{{- if .Values.web.routePrefix }}{{ .Values.web.routePrefix | trimSuffix "/" }}
{{- else if .Values.web.externalUrl }}{{ (urlParse .Values.web.externalUrl).path | trimSuffix "/" }}
{{- end }}
{{- end }}

{{- define "exporter.metricsPath" -}}
{{- include "exporter.routePrefix" . }}{{ .Values.web.telemetryPath }}
{{- end }}
