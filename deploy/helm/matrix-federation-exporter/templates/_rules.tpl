{{/* The groups of a rule file with the changes that the values ask for; called with the root and the file. */}}
{{- define "exporter.ruleGroups" -}}
{{- $ := index . 0 }}{{ $file := index . 1 }}
{{- $job := printf "job=%q" $.Values.monitoring.job }}
{{- $groups := ($.Files.Get $file | replace "job=\"matrix-federation\"" $job | fromYaml).groups }}
{{- range $group := $groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- if not (has (get $rule "alert") $.Values.prometheusRule.disabled) }}
{{- $rules = append $rules (include "exporter.rule" (list $.Values.prometheusRule $rule) | fromYaml) }}
{{- end }}
{{- end }}
{{- $_ := set $group "rules" $rules }}
{{- end }}
{{- toYaml $groups }}
{{- end }}

{{/* One rule with its changes; called with the values of prometheusRule and the rule. */}}
{{- define "exporter.rule" -}}
{{- $values := index . 0 }}{{ $rule := index . 1 }}
{{- if hasKey $rule "alert" }}
{{- $override := default dict (get $values.overrides $rule.alert) }}
{{- $annotations := $rule.annotations }}
{{- if $values.runbookBaseUrl }}
{{- $page := base $annotations.runbook_url }}
{{- $_ := set $annotations "runbook_url" (printf "%s/%s" (trimSuffix "/" $values.runbookBaseUrl) $page) }}
{{- else }}
{{- $annotations = omit $annotations "runbook_url" }}
{{- end }}
{{- $_ := set $rule "annotations" (mergeOverwrite $annotations $values.extraAlertAnnotations (default dict $override.annotations)) }}
{{- $labels := mergeOverwrite $rule.labels $values.extraAlertLabels (default dict $override.labels) }}
{{- with $override.severity }}{{ $_ := set $labels "severity" . }}{{ end }}
{{- $_ := set $rule "labels" $labels }}
{{- with $override.for }}{{ $_ := set $rule "for" . }}{{ end }}
{{- with $override.keepFiringFor }}{{ $_ := set $rule "keep_firing_for" . }}{{ end }}
{{- with $override.expr }}{{ $_ := set $rule "expr" . }}{{ end }}
{{- end }}
{{- toYaml $rule }}
{{- end }}
