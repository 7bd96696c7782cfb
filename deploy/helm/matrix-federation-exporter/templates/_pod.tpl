{{/* The pod, the same in the Deployment and in the StatefulSet. */}}
{{- define "exporter.podTemplate" -}}
metadata:
  labels:
    {{- $selector := include "exporter.selector" . | fromYaml }}
    {{- include "exporter.merged" (list .Values.commonLabels .Values.podLabels $selector) | nindent 4 }}
  {{- $restartFor := include "exporter.restartFor" . }}
  {{- if or $restartFor .Values.podAnnotations }}
  annotations:
    {{- with $restartFor }}
    matrix-federation-exporter/restart-for: {{ . | quote }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
spec:
  serviceAccountName: {{ include "exporter.serviceAccount" . | quote }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "exporter.podSecurity" . | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: exporter
      image: {{ include "exporter.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        {{- include "exporter.args" . | nindent 8 }}
      {{- with .Values.extraEnv }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: 10448
        - name: health
          containerPort: 10449
      livenessProbe:
        {{- $liveness := dict "httpGet" (dict "path" "/-/healthy" "port" "health") "periodSeconds" 10 "failureThreshold" 6 }}
        {{- include "exporter.probe" (list $liveness .Values.livenessProbe) | nindent 8 }}
      readinessProbe:
        {{- $readiness := dict "httpGet" (dict "path" "/-/ready" "port" "health") "periodSeconds" 5 }}
        {{- include "exporter.probe" (list $readiness .Values.readinessProbe) | nindent 8 }}
      securityContext:
        {{- include "exporter.security" . | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- include "exporter.volumeMounts" . | nindent 8 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "exporter.volumes" . | nindent 4 }}
  {{- include "exporter.nodes" . | nindent 2 }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    {{- $own := dict "labelSelector" (dict "matchLabels" (include "exporter.selector" $ | fromYaml)) }}
    - {{- toYaml (hasKey . "labelSelector" | ternary dict $own | merge (deepCopy .)) | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* What of a pod decides who may start it and where: of the exporter's pods, and of that of `helm test`. */}}
{{- define "exporter.podSecurity" -}}
{{- $default := dict
      "runAsNonRoot" true "runAsUser" 65532 "runAsGroup" 65532 "fsGroup" 65532
      "fsGroupChangePolicy" "OnRootMismatch" "seccompProfile" (dict "type" "RuntimeDefault") }}
{{- toYaml (mergeOverwrite $default .Values.podSecurityContext) }}
{{- end }}

{{- define "exporter.security" -}}
{{- $default := dict
      "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true
      "capabilities" (dict "drop" (list "ALL")) }}
{{- toYaml (mergeOverwrite $default .Values.securityContext) }}
{{- end }}

{{- define "exporter.nodes" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end }}

{{/* What of the values a running exporter would not take: where it changes, the pod is a new one. */}}
{{- define "exporter.restartFor" -}}
{{- $web := include "exporter.webConfig" . | fromYaml }}
{{- $what := list }}
{{- with dig "probe" "threads" 0 .Values.config }}{{ $what = append $what (printf "threads=%d" (int .)) }}{{ end }}
{{- if $web.tls_server_config }}{{ $what = append $what "tls" }}{{ end }}
{{- if $web.basic_auth_users }}{{ $what = append $what "users" }}{{ end }}
{{- join " " $what }}
{{- end }}

{{/* Called with the default and what is written over it; a probe has one handler only. */}}
{{- define "exporter.probe" -}}
{{- $default := index . 0 }}{{ $given := index . 1 }}
{{- if or (hasKey $given "tcpSocket") (hasKey $given "exec") (hasKey $given "grpc") }}
{{- $default = omit $default "httpGet" }}
{{- end }}
{{- toYaml (mergeOverwrite $default $given) }}
{{- end }}

{{- define "exporter.args" -}}
- --config.file=/etc/matrix-federation-exporter/config/{{ ternary .Values.existingConfig.key "config.yaml" (eq (include "exporter.hasExistingConfig" .) "true") }}
- --web.listen-address=:10448
- --web.health-listen-address=:10449
{{- if include "exporter.webSecret" . }}
- --web.config.file=/etc/matrix-federation-exporter/web/web-config.yaml
{{- end }}
{{- with .Values.web.externalUrl }}
- {{ printf "--web.external-url=%s" . | quote }}
{{- end }}
{{- with .Values.web.routePrefix }}
- --web.route-prefix={{ . }}
{{- end }}
- --web.telemetry-path={{ .Values.web.telemetryPath }}
- --web.enable-lifecycle={{ .Values.web.enableLifecycle }}
- --state.file=/var/lib/matrix-federation-exporter/state
{{- if gt (int .Values.shards) 1 }}
- --shard=auto
- --shards={{ int .Values.shards }}
{{- end }}
- --log.level={{ .Values.log.level }}
- --log.format={{ .Values.log.format }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Whole directories, no single files: only those follow a changed ConfigMap or Secret. */}}
{{- define "exporter.volumeMounts" -}}
- name: config
  mountPath: /etc/matrix-federation-exporter/config
  readOnly: true
{{- range .Values.homeserverLists.configMaps }}
- name: {{ include "exporter.listVolume" (list "cm" .) }}
  mountPath: /etc/matrix-federation-exporter/homeservers/configmap-{{ . }}
  readOnly: true
{{- end }}
{{- range .Values.homeserverLists.secrets }}
- name: {{ include "exporter.listVolume" (list "secret" .) }}
  mountPath: /etc/matrix-federation-exporter/homeservers/secret-{{ . }}
  readOnly: true
{{- end }}
{{- if .Values.caBundle.configMap }}
- name: ca
  mountPath: /etc/matrix-federation-exporter/ca
  readOnly: true
{{- end }}
{{- if include "exporter.webSecret" . }}
- name: web
  mountPath: /etc/matrix-federation-exporter/web
  readOnly: true
{{- end }}
{{- if .Values.web.tlsSecret }}
- name: tls
  mountPath: /etc/matrix-federation-exporter/tls
  readOnly: true
{{- end }}
- name: state
  mountPath: /var/lib/matrix-federation-exporter
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "exporter.volumes" -}}
- name: config
  {{- if .Values.existingConfig.secret }}
  secret:
    secretName: {{ .Values.existingConfig.secret | quote }}
  {{- else }}
  configMap:
    name: {{ default (include "exporter.fullname" .) .Values.existingConfig.configMap | quote }}
  {{- end }}
{{- range .Values.homeserverLists.configMaps }}
- name: {{ include "exporter.listVolume" (list "cm" .) }}
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- range .Values.homeserverLists.secrets }}
- name: {{ include "exporter.listVolume" (list "secret" .) }}
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .Values.caBundle.configMap }}
- name: ca
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- with include "exporter.webSecret" . }}
- name: web
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .Values.web.tlsSecret }}
- name: tls
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- if not .Values.persistence.enabled }}
- name: state
  emptyDir: {}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Names of volumes are shorter than those of what they hold, and have no dots. */}}
{{- define "exporter.listVolume" -}}
{{- $kind := index . 0 }}{{ $name := index . 1 -}}
list-{{ $kind }}-{{ sha256sum $name | trunc 10 }}
{{- end }}
