{{/*
fleet.check refuses what the guardrails forbid. The values schema says the same, but --skip-schema-validation turns that off; this
cannot be turned off. .root is the chart's scope, .delivery its name in the guardrails.
*/}}
{{- define "fleet.check" -}}
{{- include "fleet.checkRemoved" . -}}
{{- include "fleet.checkShape" . -}}
{{- $rails := include "fleet.guardrails" .root | fromYaml -}}
{{- $v := .root.Values -}}
{{- $own := index $rails.environment_separation .delivery -}}
{{- range $key, $want := $rails.required_security_settings -}}
{{- $have := index $v.guardrails $key -}}
{{- if ne (toString $have) (toString $want) }}{{ fail (printf "guardrails.%s must be %v; it is %v. This is a security setting of the platform, not a choice of a release" $key $want $have) }}{{ end -}}
{{- end -}}
{{- if ne .root.Release.Namespace $own.namespace }}{{ fail (printf "this chart belongs into the namespace %q; it was given %q (helm --namespace)" $own.namespace .root.Release.Namespace) }}{{ end -}}
{{- if not (has $v.environment $rails.environments) }}{{ fail (printf "environment must be one of %s" (join ", " $rails.environments)) }}{{ end -}}
{{- if ne $v.vault.mount $own.secrets }}{{ fail (printf "vault.mount must be %q: a delivery reads no other's secrets" $own.secrets) }}{{ end -}}
{{- if not (has $v.vault.provider (list "injector" "externalSecrets")) }}{{ fail "vault.provider must be injector or externalSecrets: without either no secret reaches a pod" }}{{ end -}}
{{- range $delivery, $d := $rails.environment_separation -}}
{{- if and (ne $delivery $.delivery) (eq $v.vault.authMount ($d.vault_auth | default "")) }}{{ fail (printf "vault.authMount: %s signs in at %q; a delivery signs in nowhere that another does" $delivery $v.vault.authMount) }}{{ end -}}
{{- end -}}
{{- if ne $v.trustDomain $own.trust_domain }}{{ fail (printf "trustDomain must be %q: it is the identity of this delivery" $own.trust_domain) }}{{ end -}}
{{- if ne $v.certificates.issuer.kind "Issuer" }}{{ fail "certificates.issuer.kind must be Issuer: a ClusterIssuer would sign for every namespace" }}{{ end -}}
{{- if le (include "fleet.minutes" $v.certificates.duration | int) (include "fleet.minutes" $v.certificates.renewBefore | int) }}{{ fail (printf "certificates.renewBefore (%v) must be shorter than certificates.duration (%v), both in hours and minutes, e.g. 720h" $v.certificates.renewBefore $v.certificates.duration) }}{{ end -}}
{{- if not (has $v.migrations.mode (list "hook" "job" "external")) }}{{ fail "migrations.mode must be hook, job or external" }}{{ end -}}
{{- include "fleet.checkServices" . -}}
{{- include "fleet.checkAddresses" . -}}
{{- include "fleet.checkPeers" . -}}
{{- end }}

{{/* fleet.checkShape says readably what would otherwise end in the middle of a template: a section that was set to null, or to text. */}}
{{- define "fleet.checkShape" -}}
{{- $v := .root.Values -}}
{{- $sections := list "guardrails" "image" "services" "postgres" "nats" "otlp" "vault" "certificates" "trustBundle" "dns" "migrations" "monitoring" -}}
{{- if has "gateway" (include "fleet.delivered" . | fromJsonArray) }}{{ $sections = concat $sections (list "gateway" "redis" "oidc") }}{{ end -}}
{{- range $section := $sections -}}
{{- if not (kindIs "map" (index $v $section)) }}{{ fail (printf "%s: it has keys of its own, see values.yaml; it may not be null, a list or text" $section) }}{{ end -}}
{{- include "fleet.checkText" (dict "at" $section "value" (index $v $section)) -}}
{{- end -}}
{{- if not (kindIs "map" $v.certificates.issuer) }}{{ fail "certificates.issuer: name the Issuer of this namespace" }}{{ end -}}
{{- if not $v.trustBundle.configMap }}{{ fail "trustBundle.configMap: name the ConfigMap with the authorities" }}{{ end -}}
{{- end }}

{{/* fleet.checkText refuses text that could end the line or the bracket that it is written into. What is written with quotes may hold anything. */}}
{{- define "fleet.checkText" -}}
{{- if kindIs "map" .value -}}
{{- range $key, $below := .value -}}
{{- if not (has $key (list "settings" "annotations")) }}{{ include "fleet.checkText" (dict "at" (printf "%s.%s" $.at $key) "value" $below) }}{{ end -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $i, $below := .value }}{{ include "fleet.checkText" (dict "at" (printf "%s.%d" $.at $i) "value" $below) }}{{ end -}}
{{- else if kindIs "string" .value -}}
{{- if regexMatch "[\\x00-\\x1f\\x7f{}]" .value }}{{ fail (printf "%s: line breaks, control characters and braces are not taken: a value is no YAML" .at) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* fleet.minutes of a duration such as 720h or 1h30m; 0 for anything else. */}}
{{- define "fleet.minutes" -}}
{{- $text := toString . -}}
{{- if and $text (regexMatch "^([0-9]+h)?([0-9]+m)?$" $text) -}}
{{- $hours := regexFind "^[0-9]+h" $text | trimSuffix "h" | int -}}
{{- $minutes := regexFind "[0-9]+m$" $text | trimSuffix "m" | int -}}
{{- add (mul $hours 60) $minutes -}}
{{- else -}}0{{- end -}}
{{- end }}

{{/* fleet.removed lists values that earlier versions had: key, and what to do instead. UPGRADING.md says the same at length. */}}
{{- define "fleet.removed" -}}
{{- /* dotted key: advice */ -}}
database: "use postgres.peers; the connection itself is a file from Vault"
imageRegistry: "use image.registry"
replicaCount: "use services.<name>.replicas"
existingSecret: "secrets come as files from Vault; see vault in the README"
{{- end }}
{{- define "fleet.checkRemoved" -}}
{{- range $key, $advice := include "fleet.removed" . | fromYaml -}}
{{- if hasKey $.root.Values $key }}{{ fail (printf "%s is not a value any more: %s" $key $advice) }}{{ end -}}
{{- end -}}
{{- end }}
