{{/* fleet.environment is the environment of a service; every secret in it is the path of a file. */}}
{{- define "fleet.environment" -}}
{{- $v := .root.Values -}}
{{- $settings := dict
  "FLEET_LISTEN_ADDR" (printf ":%s" (include "fleet.port.main" .))
  "FLEET_ADMIN_ADDR" (printf ":%s" (include "fleet.port.admin" .))
  "FLEET_TLS_CERT_FILE" "/tls/tls.crt"
  "FLEET_TLS_KEY_FILE" "/tls/tls.key"
  "FLEET_TLS_CA_FILE" "/trust/ca.crt"
  "FLEET_TRUST_DOMAIN" $v.trustDomain
  "FLEET_NATS_URL" $v.nats.url
  "FLEET_LOG_LEVEL" $v.logLevel -}}
{{- with include "fleet.federated" . }}{{ $_ := set $settings "FLEET_TLS_FEDERATED" . }}{{ end -}}
{{- if .topology.calls }}{{ $_ := set $settings "FLEET_PEERS" (include "fleet.peers" .) }}{{ end -}}
{{- if $v.otlp.endpoint }}{{ $_ := set $settings "FLEET_OTLP_ENDPOINT" $v.otlp.endpoint }}{{ end -}}
{{- range $secret := .topology.secrets -}}
{{- $_ := set $settings (index (include "fleet.secretVariables" $ | fromYaml) $secret) (printf "/vault/secrets/%s" $secret) -}}
{{- end -}}
{{- if eq .name "gateway" -}}
{{- $_ := set $settings "FLEET_OIDC_ISSUER" $v.oidc.issuer -}}
{{- $_ := set $settings "FLEET_OIDC_AUDIENCE" $v.oidc.audience -}}
{{- $_ := set $settings "FLEET_OIDC_CLIENT_ID" $v.oidc.clientId -}}
{{- $_ := set $settings "FLEET_PUBLIC_URL" $v.gateway.publicUrl -}}
{{- $_ := set $settings "FLEET_EDGE_CERT_FILE" "/edge/tls.crt" -}}
{{- $_ := set $settings "FLEET_EDGE_KEY_FILE" "/edge/tls.key" -}}
{{- if $v.gateway.trustedProxies }}{{ $_ := set $settings "FLEET_TRUSTED_PROXIES" (join "," $v.gateway.trustedProxies) }}{{ end -}}
{{- else -}}
{{- $_ := set $settings "FLEET_PRINCIPAL_KEYS_FILE" "/trust/principal-keys.json" -}}
{{- end -}}
{{- /* A number of a values file is a float here, and would be written as 2.097152e+07. */ -}}
{{- range $key, $value := .svc.settings }}{{ $_ := set $settings $key (ternary (toString (int64 $value)) (toString $value) (and (kindIs "float64" $value) (eq (toString (floor $value)) (toString $value)))) }}{{ end -}}
{{- range $key := keys $settings | sortAlpha }}
- {name: {{ $key }}, value: {{ index $settings $key | quote }}}
{{- end }}
{{- end }}

{{/* fleet.secretVariables is the variable that names each secret's file. */}}
{{- define "fleet.secretVariables" -}}
database-url: FLEET_DATABASE_URL_FILE
page-token-key: FLEET_PAGE_TOKEN_KEY_FILE
checkpoint-key: FLEET_CHECKPOINT_KEY_FILE
kek: FLEET_KEK_FILE
principal-signing-key: FLEET_PRINCIPAL_KEY_FILE
redis-url: FLEET_REDIS_URL_FILE
session-key: FLEET_SESSION_KEY_FILE
oidc-client-secret: FLEET_OIDC_CLIENT_SECRET_FILE
{{- end }}

{{/* fleet.peers names the services it calls by their DNS name. The Services are headless: gRPC balances over the pods itself. */}}
{{- define "fleet.peers" -}}
{{- $list := list -}}
{{- $all := include "fleet.topology" . | fromYaml -}}
{{- range $name := .topology.calls -}}
{{- $ns := include "fleet.namespaceOf" (dict "root" $.root "delivery" (index $all $name).delivery) -}}
{{- $list = append $list (printf "%s=dns:///%s.%s.svc:%s" $name $name $ns (include "fleet.port.main" $)) -}}
{{- end -}}
{{- join "," $list -}}
{{- end }}

{{- define "fleet.namespaceOf" -}}
{{- (index (include "fleet.guardrails" .root | fromYaml).environment_separation .delivery).namespace -}}
{{- end }}
