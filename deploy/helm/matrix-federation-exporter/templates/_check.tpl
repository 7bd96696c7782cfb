{{/* What cannot be right is said at once, not by a pod that does not start. */}}
{{- define "exporter.checkValues" -}}
{{- include "exporter.checkConfig" . }}
{{- include "exporter.checkLabels" . }}
{{- include "exporter.checkFlags" . }}
{{- include "exporter.checkMonitors" . }}
{{- include "exporter.checkStrategy" . }}
{{- if and (eq .Values.dnsPolicy "None") (not .Values.dnsConfig.nameservers) }}
{{- fail "dnsPolicy: with None, dnsConfig.nameservers has to name who is asked" }}
{{- end }}
{{- end }}

{{- define "exporter.checkConfig" -}}
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
{{- $seen := dict }}
{{- range .Values.homeservers }}
{{- $name := kindIs "string" . | ternary . (get (kindIs "string" . | ternary dict .) "server_name") }}
{{- if hasKey $seen $name }}
{{- fail (printf "homeservers: %s is named twice" $name) }}
{{- end }}
{{- $_ := set $seen $name true }}
{{- end }}
{{- if and .Values.caBundle.configMap (dig "tls" "ca_file" "" .Values.config) }}
{{- fail "give caBundle or config.tls.ca_file, not both" }}
{{- end }}
{{- if and .Values.web.config .Values.web.existingSecret }}
{{- fail "web: give config or existingSecret, not both" }}
{{- end }}
{{- with (include "exporter.webConfig" . | fromYaml).tls_server_config }}
{{- if not (or .cert .cert_file) }}
{{- fail "web.config.tls_server_config: there is no certificate: set web.tlsSecret, or cert_file and key_file, or cert and key" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "exporter.checkLabels" -}}
{{- $given := dict "commonLabels" .Values.commonLabels "podLabels" .Values.podLabels "service.labels" .Values.service.labels }}
{{- range $value, $labels := $given }}
{{- range $label, $_ := include "exporter.selector" $ | fromYaml }}
{{- if hasKey $labels $label }}
{{- fail (printf "%s: %s is what Services and monitors select by; nameOverride changes app.kubernetes.io/name" $value $label) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A flag is in extraArgs only where nothing else of the chart has to know of it. */}}
{{- define "exporter.checkFlags" -}}
{{- $values := dict
      "--config.file" "value existingConfig" "--web.listen-address" "chart" "--web.health-listen-address" "chart"
      "--web.config.file" "value web.existingSecret" "--web.external-url" "value web.externalUrl"
      "--web.route-prefix" "value web.routePrefix" "--web.telemetry-path" "value web.telemetryPath"
      "--web.enable-lifecycle" "value web.enableLifecycle" "--state.file" "chart" "--shard" "chart"
      "--shards" "value shards" "--log.level" "value log.level" "--log.format" "value log.format" }}
{{- range .Values.extraArgs }}
{{- $flag := splitList "=" . | first }}
{{- with get $values $flag }}
{{- fail (printf "extraArgs: %s is set by the %s" $flag .) }}
{{- end }}
{{- if or (hasPrefix "--print-" $flag) (has $flag (list "--config.check" "--help" "--version")) }}
{{- fail (printf "extraArgs: with %s the exporter says something and ends" $flag) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "exporter.checkMonitors" -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{- fail "serviceMonitor and podMonitor: enable one of them, or everything is scraped twice" }}
{{- end }}
{{- range $name, $monitor := dict "serviceMonitor" .Values.serviceMonitor "podMonitor" .Values.podMonitor }}
{{- if and $monitor.enabled $.Values.web.existingSecret (not $monitor.scheme) }}
{{- fail (printf "%s.scheme: say http or https: whether web.existingSecret turns TLS on, the chart cannot see" $name) }}
{{- end }}
{{- if gt (include "exporter.milliseconds" $monitor.scrapeTimeout | int64) (include "exporter.milliseconds" $monitor.interval | int64) }}
{{- fail (printf "%s.scrapeTimeout: %s is longer than the interval, %s" $name $monitor.scrapeTimeout $monitor.interval) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Of a duration as Prometheus writes it, 0 when it is empty. */}}
{{- define "exporter.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+[a-z]+" (default "" .) -1 }}
{{- $sum = add $sum (mul (regexFind "[0-9]+" . | atoi) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $sum }}
{{- end }}

{{/* What only the other kind of workload knows. */}}
{{- define "exporter.checkStrategy" -}}
{{- $strategy := .Values.updateStrategy }}
{{- $isSet := eq (include "exporter.isStatefulSet" .) "true" }}
{{- $other := "a Deployment, and several exporters, or one with persistence, are a StatefulSet: leave updateStrategy empty, or give one of a StatefulSet" }}
{{- if not $isSet }}
{{- $other = "a StatefulSet, and one exporter without persistence is a Deployment: leave updateStrategy empty, or give a strategy of a Deployment" }}
{{- end }}
{{- $type := $isSet | ternary "Recreate" "OnDelete" }}
{{- if eq (default "" $strategy.type) $type }}
{{- fail (printf "updateStrategy.type: %s is of %s" $type $other) }}
{{- end }}
{{- $key := $isSet | ternary "maxSurge" "partition" }}
{{- if hasKey (default dict $strategy.rollingUpdate) $key }}
{{- fail (printf "updateStrategy.rollingUpdate.%s is of %s" $key $other) }}
{{- end }}
{{- if and $strategy.rollingUpdate (ne (default "RollingUpdate" $strategy.type) "RollingUpdate") }}
{{- fail (printf "updateStrategy.rollingUpdate: there is none with the type %s" $strategy.type) }}
{{- end }}
{{- end }}
