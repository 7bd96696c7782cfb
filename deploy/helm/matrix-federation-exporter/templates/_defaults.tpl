{{/*
Begins every template. A key that is left empty is null, for which Helm takes the default away: here it is put back.
The defaults are a copy of values.yaml, which templates cannot read.
*/}}
{{- define "exporter.prepare" -}}
{{- include "exporter.fill" (list .Values (.Files.Get "files/values.yaml" | fromYaml)) }}
{{- include "exporter.checkValues" . }}
{{- end }}

{{/* Called with values and their defaults. Labels are not filled: taking one out is meant. */}}
{{- define "exporter.fill" -}}
{{- $values := index . 0 }}
{{- range $key, $default := index . 1 }}
{{- $value := index $values $key }}
{{- if kindIs "invalid" $value }}
{{- $_ := set $values $key $default }}
{{- else if and (kindIs "map" $default) (ne $key "labels") }}
{{- include "exporter.fill" (list $value $default) }}
{{- end }}
{{- end }}
{{- end }}
