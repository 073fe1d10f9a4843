{{/*
fleet.check refuses what the guardrails forbid. The values schema says the same, but --skip-schema-validation turns that off; this
cannot be turned off. .root is the chart's scope, .delivery its name in the guardrails.
*/}}
{{- define "fleet.check" -}}
{{- $rails := include "fleet.guardrails" .root | fromYaml -}}
{{- $v := .root.Values -}}
{{- $own := index $rails.environment_separation .delivery -}}
{{- range $key, $want := $rails.required_security_settings -}}
{{- $have := index ($v.guardrails | default dict) $key -}}
{{- if ne (toString $have) (toString $want) }}{{ fail (printf "guardrails.%s must be %v; it is %v. This is a security setting of the platform, not a choice of a release" $key $want $have) }}{{ end -}}
{{- end -}}
{{- if ne .root.Release.Namespace $own.namespace }}{{ fail (printf "this chart belongs into the namespace %q; it was given %q (helm --namespace)" $own.namespace .root.Release.Namespace) }}{{ end -}}
{{- if not (has $v.environment $rails.environments) }}{{ fail (printf "environment must be one of %s" (join ", " $rails.environments)) }}{{ end -}}
{{- if ne $v.vault.mount $own.secrets }}{{ fail (printf "vault.mount must be %q: a delivery reads no other's secrets" $own.secrets) }}{{ end -}}
{{- if ne $v.trustDomain $own.trust_domain }}{{ fail (printf "trustDomain must be %q: it is the identity of this delivery" $own.trust_domain) }}{{ end -}}
{{- if ne $v.certificates.issuer.kind "Issuer" }}{{ fail "certificates.issuer.kind must be Issuer: a ClusterIssuer would sign for every namespace" }}{{ end -}}
{{- include "fleet.checkServices" . -}}
{{- include "fleet.checkAddresses" . -}}
{{- include "fleet.checkRemoved" . -}}
{{- end }}

{{- define "fleet.checkServices" -}}
{{- $v := .root.Values -}}
{{- $known := include "fleet.delivered" . | fromJsonArray -}}
{{- range $name, $svc := $v.services -}}
{{- if not (has $name $known) }}{{ fail (printf "services.%s: no such service in this chart; it has %s" $name (join ", " $known)) }}{{ end -}}
{{- end -}}
{{- range $name := $known -}}
{{- $svc := index $v.services $name | default dict -}}
{{- $image := $svc.image | default dict -}}
{{- if and (eq $v.environment "prod") (not (regexMatch "^sha256:[0-9a-f]{64}$" ($image.digest | default ""))) }}{{ fail (printf "services.%s.image.digest: prod takes images by digest only (sha256:…)" $name) }}{{ end -}}
{{- if and (eq $v.environment "prod") (lt (int (ternary $svc.autoscaling.minReplicas $svc.replicas $svc.autoscaling.enabled)) 2) }}{{ fail (printf "services.%s: prod needs at least 2 replicas" $name) }}{{ end -}}
{{- range $key, $value := $svc.settings -}}
{{- if or (not (regexMatch "^FLEET_[A-Z0-9_]+$" $key)) (regexMatch "(KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL|KEK)" $key) }}{{ fail (printf "services.%s.settings.%s: only plain FLEET_ variables; a secret comes as a file from Vault" $name $key) }}{{ end -}}
{{- if regexMatch "^FLEET_(TLS_|TRUST_DOMAIN$|PEERS$)" $key }}{{ fail (printf "services.%s.settings.%s: who a service is and whom it meets follows from the guardrails" $name $key) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What is named must be reachable, and only over TLS. */}}
{{- define "fleet.checkAddresses" -}}
{{- $v := .root.Values -}}
{{- range $what := list "postgres" "nats" "vault" -}}
{{- if not (index $v $what).peers }}{{ fail (printf "%s.peers: name where it runs (namespace and pod labels, or a CIDR); without it the network policies refuse the connection" $what) }}{{ end -}}
{{- end -}}
{{- if not (hasPrefix "tls://" $v.nats.url) }}{{ fail "nats.url must be a tls:// address" }}{{ end -}}
{{- if not (hasPrefix "https://" $v.vault.address) }}{{ fail "vault.address must be an https:// address" }}{{ end -}}
{{- if hasKey $v "oidc" }}{{ if not (hasPrefix "https://" $v.oidc.issuer) }}{{ fail "oidc.issuer must be an https:// address" }}{{ end }}{{ end -}}
{{- range $what, $peers := dict "postgres" $v.postgres.peers "nats" $v.nats.peers "vault" $v.vault.peers -}}
{{- range $peers -}}
{{- if has (.cidr | default "") (list "0.0.0.0/0" "::/0") }}{{ fail (printf "%s.peers: %s is the whole internet" $what .cidr) }}{{ end -}}
{{- end -}}
{{- end -}}
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
