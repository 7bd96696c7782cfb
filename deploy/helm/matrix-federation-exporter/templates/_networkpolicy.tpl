{{/*
Where homeservers may be: every address but those that are never contacted. Called with the root and the values of
egress; empty when nothing is open.
*/}}
{{- define "exporter.homeservers" -}}
{{- $ := index . 0 }}{{ $egress := index . 1 }}
{{- range $cidr, $given := dict "0.0.0.0/0" $egress.except "::/0" $egress.exceptIpv6 }}
{{- $except := $given }}
{{- if kindIs "invalid" $given }}
{{- $except = (include "exporter.denied" (list $ (contains ":" $cidr)) | fromYaml).ranges }}
{{- end }}
{{- if not (has $cidr $except) }}
- ipBlock:
    cidr: {{ $cidr }}
    {{- with $except }}
    except:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The ranges of one IP version that the configuration denies; called with the root and whether it is IPv6. */}}
{{- define "exporter.denied" -}}
{{- $ := index . 0 }}{{ $isIpv6 := index . 1 }}
{{- $ranges := list }}
{{- range dig "network" "deny" (list "private") $.Values.config }}
{{- $ranges = concat $ranges (eq . "private" | ternary (include "exporter.privateRanges" $ | fromYaml).ranges (list .)) }}
{{- end }}
{{- $denied := list }}
{{- range $ranges }}
{{- if eq $isIpv6 (contains ":" .) }}
{{- $denied = append $denied (include "exporter.range" (contains "/" . | ternary . (printf "%s/%s" . ($isIpv6 | ternary "128" "32")))) }}
{{- end }}
{{- end }}
{{- toYaml (dict "ranges" (without (uniq $denied) "")) }}
{{- end }}

{{/*
A range as Kubernetes writes it: without bits beyond the prefix, as far as it is of IPv4. Empty for addresses of IPv4
written as ones of IPv6: on the network there are none.
*/}}
{{- define "exporter.range" -}}
{{- $address := splitList "/" . | first }}
{{- $prefix := splitList "/" . | last | atoi }}
{{- if contains ":" . }}
{{- if eq $prefix 0 }}::/0
{{- else if not (regexMatch "(?i)^(0*:){2,5}0*ffff:" $address) }}{{ . }}
{{- end }}
{{- else }}
{{- $octets := list }}
{{- range $i, $octet := splitList "." $address }}
{{- $step := index (list 256 128 64 32 16 8 4 2 1) (sub $prefix (mul 8 $i) | max 0 | min 8 | int) }}
{{- $octets = append $octets (sub (atoi $octet) (mod (atoi $octet) $step)) }}
{{- end }}
{{- join "." $octets }}/{{ $prefix }}
{{- end }}
{{- end }}

{{/* What the exporter means by "private". */}}
{{- define "exporter.privateRanges" -}}
ranges:
  - 0.0.0.0/8
  - 10.0.0.0/8
  - 100.64.0.0/10
  - 127.0.0.0/8
  - 169.254.0.0/16
  - 172.16.0.0/12
  - 192.0.0.0/24
  - 192.88.99.0/24
  - 192.168.0.0/16
  - 198.18.0.0/15
  - 224.0.0.0/4
  - 240.0.0.0/4
  - "::/128"
  - "::1/128"
  - 100::/64
  - 100:0:0:1::/64
  - 64:ff9b:1::/48
  - 2001::/23
  - 5f00::/16
  - fc00::/7
  - fe80::/10
  - fec0::/10
  - ff00::/8
{{- end }}
