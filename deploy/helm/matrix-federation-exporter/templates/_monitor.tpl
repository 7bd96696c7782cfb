{{/*
What a ServiceMonitor's endpoint and a PodMonitor's have in common; called with the root and the values of the monitor.

`instance` must outlive a pod: alerts remember by it what was before a restart. So it is the full name, or that
of the StatefulSet's pod, which lasts; and the label `pod` of a Deployment, which does not, is dropped. The namespace
stands before it, since another one may have a release of the same name.
*/}}
{{- define "exporter.endpoint" -}}
{{- $ := index . 0 }}{{ $monitor := index . 1 }}
port: http
path: {{ include "exporter.metricsPath" $ }}
scheme: {{ default (include "exporter.scheme" $) $monitor.scheme }}
interval: {{ $monitor.interval }}
honorTimestamps: {{ $monitor.honorTimestamps }}
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
  {{- if not $monitor.jobLabel }}
  - targetLabel: job
    replacement: {{ $.Values.monitoring.job | quote }}
  {{- end }}
  {{- if include "exporter.isStatefulSet" $ }}
  - sourceLabels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_name]
    separator: /
    targetLabel: instance
  {{- else }}
  - targetLabel: instance
    replacement: {{ printf "%s/%s" (include "exporter.namespace" $) (include "exporter.fullname" $) | quote }}
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

{{/* The limits of a scrape as a mapping, empty where there are none; called with the values of the monitor. */}}
{{- define "exporter.limits" -}}
{{- $limits := dict }}
{{- range $limit := list "sampleLimit" "labelLimit" "labelNameLengthLimit" "labelValueLengthLimit" }}
{{- with index $ $limit }}{{ $_ := set $limits $limit (int .) }}{{ end }}
{{- end }}
{{- with .bodySizeLimit }}{{ $_ := set $limits "bodySizeLimit" . }}{{ end }}
{{- with $limits }}{{ toYaml . }}{{ end }}
{{- end }}
