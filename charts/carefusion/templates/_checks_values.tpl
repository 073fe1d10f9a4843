{{/* carefusion.checkShape says readably what would otherwise end in the middle of a template: a section that was set to null, or to text. */}}
{{- define "carefusion.checkShape" -}}
{{- $v := .Values -}}
{{- range $section := list "guardrails" "image" "autoscaling" "edge" "postgres" "oidc" "page" "nats" "livekit" "mail" "otlp" "vault" "certificates" "trustBundle" "dns" "migrations" "monitoring" "selfTest" -}}
{{- if not (kindIs "map" (index $v $section)) }}{{ fail (printf "%s: it has keys of its own, see values.yaml; it may not be null, a list or text" $section) }}{{ end -}}
{{- end -}}
{{- range $section := list "autoscaling.keda" "certificates.issuer" -}}
{{- $path := splitList "." $section -}}
{{- if not (kindIs "map" (index (index $v (first $path)) (last $path))) }}{{ fail (printf "%s: it has keys of its own, see values.yaml; it may not be null, a list or text" $section) }}{{ end -}}
{{- end -}}
{{- range $section := keys $v | sortAlpha -}}
{{- if not (or (has $section (list "global" "settings")) (hasPrefix "x-" $section)) }}{{ include "carefusion.checkText" (dict "at" $section "value" (index $v $section)) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* carefusion.checkText refuses text that could end the line or the bracket that it is written into. Settings are written with quotes. */}}
{{- define "carefusion.checkText" -}}
{{- if kindIs "map" .value -}}
{{- range $key, $below := .value }}{{ include "carefusion.checkText" (dict "at" (printf "%s.%s" $.at $key) "value" $below) }}{{ end -}}
{{- else if kindIs "slice" .value -}}
{{- range $i, $below := .value }}{{ include "carefusion.checkText" (dict "at" (printf "%s.%d" $.at $i) "value" $below) }}{{ end -}}
{{- else if kindIs "string" .value -}}
{{- if regexMatch "[\\x00-\\x1f\\x7f{}]" .value }}{{ fail (printf "%s: line breaks, control characters and braces are not taken: a value is no YAML" .at) }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "carefusion.checkReplicas" -}}
{{- $v := .Values -}}
{{- $a := $v.autoscaling -}}
{{- $fewest := int (ternary $a.minReplicas $v.replicas (eq (toString $a.enabled) "true")) -}}
{{- if lt $fewest 1 }}{{ fail "replicas: at least 1" }}{{ end -}}
{{- if and (eq $v.environment "prod") (lt $fewest 2) }}{{ fail "replicas: prod needs at least 2" }}{{ end -}}
{{- if and $a.enabled (lt (int $a.maxReplicas) $fewest) }}{{ fail (printf "autoscaling: maxReplicas (%v) is below minReplicas (%v)" $a.maxReplicas $a.minReplicas) }}{{ end -}}
{{- if and $a.keda.enabled (not $a.enabled) }}{{ fail "autoscaling.keda: it scales nothing without autoscaling.enabled" }}{{ end -}}
{{- range $a.keda.schedules -}}
{{- if gt (int .replicas) (int $a.maxReplicas) }}{{ fail (printf "autoscaling.keda.schedules: %v replicas are above maxReplicas (%v)" .replicas $a.maxReplicas) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* carefusion.minutes of a duration such as 720h or 1h30m; 0 for anything else. */}}
{{- define "carefusion.minutes" -}}
{{- $text := toString . -}}
{{- if and $text (regexMatch "^([0-9]+h)?([0-9]+m)?$" $text) -}}
{{- $hours := regexFind "^[0-9]+h" $text | trimSuffix "h" | int -}}
{{- $minutes := regexFind "[0-9]+m$" $text | trimSuffix "m" | int -}}
{{- add (mul $hours 60) $minutes -}}
{{- else -}}0{{- end -}}
{{- end }}

{{/* carefusion.checkNetwork refuses what is no network, and what is most of the internet: two halves are the whole. */}}
{{- define "carefusion.checkNetwork" -}}
{{- $parts := splitList "/" (toString .cidr) -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])" -}}
{{- $four := regexMatch (printf "^(%s[.]){3}%s$" $octet $octet) (first $parts) -}}
{{- $six := regexMatch "^[0-9a-fA-F:]*:[0-9a-fA-F:]*$" (first $parts) -}}
{{- if not (and (eq (len $parts) 2) (or $four $six) (regexMatch "^(0|[1-9][0-9]{0,2})$" (last $parts))) }}{{ fail (printf "%s: %s is no network; write e.g. 10.30.0.0/28" .at (toString .cidr)) }}{{ end -}}
{{- if gt (int (last $parts)) (ternary 32 128 $four) }}{{ fail (printf "%s: %s is no network: its prefix is too long" .at .cidr) }}{{ end -}}
{{- if lt (int (last $parts)) 8 }}{{ fail (printf "%s: %s is most of the internet; networks of /8 and smaller are taken" .at .cidr) }}{{ end -}}
{{- end }}
