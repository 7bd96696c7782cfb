{{/*
What a ServiceMonitor's endpoint and a PodMonitor's have in common; called with the root and the values of the monitor.

`instance` must outlive a pod: alerts remember by it what was before a restart. So it is the name of the release, or
of the StatefulSet's pod, which lasts; and the label `pod` of a Deployment, which does not, is dropped.
*/}}
{{- define "exporter.endpoint" -}}
{{- $ := index . 0 }}{{ $monitor := index . 1 }}
{{- $tls := hasKey (include "exporter.webConfig" $ | fromYaml) "tls_server_config" }}
port: http
path: {{ include "exporter.routePrefix" $ }}/metrics
scheme: {{ default (ternary "https" "http" $tls) $monitor.scheme }}
interval: {{ $monitor.interval }}
{{- with $monitor.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with $monitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $monitor.basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
relabelings:
  - targetLabel: job
    replacement: {{ $.Values.monitoring.job }}
  {{- if include "exporter.isStatefulSet" $ }}
  - sourceLabels: [__meta_kubernetes_pod_name]
    targetLabel: instance
  {{- else }}
  - targetLabel: instance
    replacement: {{ include "exporter.fullname" $ }}
  - action: labeldrop
    regex: pod
  {{- end }}
  {{- with $monitor.relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $monitor.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The path of the external URL, below which everything is served. */}}
{{- define "exporter.routePrefix" -}}
{{- if .Values.web.externalUrl }}{{ (urlParse .Values.web.externalUrl).path | trimSuffix "/" }}{{ end }}
{{- end }}
