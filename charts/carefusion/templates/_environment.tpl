{{/* carefusion.uses are the values whose peers the service connects to. */}}
{{- define "carefusion.uses" -}}
- postgres
- oidc
{{- if .Values.nats.url }}
- nats
{{- end }}
{{- if .Values.livekit.apiUrl }}
- livekit
{{- end }}
{{- if .Values.mail.from }}
- mail
{{- end }}
{{- if .Values.otlp.endpoint }}
- otlp
{{- end }}
{{- if eq .Values.vault.provider "injector" }}
- vault
{{- end }}
{{- end }}

{{/* carefusion.secrets are the names of its secrets below its path. */}}
{{- define "carefusion.secrets" -}}
- database-url
- data-key
{{- if and .Values.page.publicUrl .Values.page.clientSecret }}
- oidc-client-secret
{{- end }}
{{- if and .Values.nats.url .Values.nats.credentials }}
- nats-creds
{{- end }}
{{- if .Values.livekit.apiUrl }}
- livekit-key
{{- if .Values.livekit.turn }}
- turn-secret
{{- end }}
{{- end }}
{{- if .Values.mail.from }}
- smtp-url
{{- end }}
{{- end }}

{{/* carefusion.environment is the environment of the service; every secret in it is the path of a file. */}}
{{- define "carefusion.environment" -}}
{{- $v := .Values -}}
{{- $settings := dict
  "LISTEN_ADDR" ":8443"
  "ADMIN_ADDR" ":9443"
  "TLS_CERT_FILE" "/tls/tls.crt"
  "TLS_KEY_FILE" "/tls/tls.key"
  "DATABASE_URL_FILE" "/vault/secrets/database-url"
  "DATA_KEY_FILE" "/vault/secrets/data-key"
  "ISSUER" $v.oidc.issuer
  "AUDIENCE" $v.oidc.audience -}}
{{- if $v.oidc.caKey }}{{ $_ := set $settings "ISSUER_CA_FILE" (printf "/trust/%s" $v.oidc.caKey) }}{{ end -}}
{{- with $v.page }}{{ if .publicUrl -}}
{{- $_ := set $settings "PUBLIC_URL" .publicUrl -}}
{{- $_ := set $settings "CLIENT_ID" .clientId -}}
{{- if .clientSecret }}{{ $_ := set $settings "CLIENT_SECRET_FILE" "/vault/secrets/oidc-client-secret" }}{{ end -}}
{{- end }}{{ end -}}
{{- with $v.nats }}{{ if .url -}}
{{- $_ := set $settings "NATS_URL" .url -}}
{{- if .credentials }}{{ $_ := set $settings "NATS_CREDS_FILE" "/vault/secrets/nats-creds" }}{{ end -}}
{{- if .caKey }}{{ $_ := set $settings "NATS_CA_FILE" (printf "/trust/%s" .caKey) }}{{ end -}}
{{- end }}{{ end -}}
{{- with $v.mail }}{{ if .from -}}
{{- $_ := set $settings "SMTP_URL_FILE" "/vault/secrets/smtp-url" -}}
{{- $_ := set $settings "SMTP_FROM" .from -}}
{{- if .caKey }}{{ $_ := set $settings "SMTP_CA_FILE" (printf "/trust/%s" .caKey) }}{{ end -}}
{{- end }}{{ end -}}
{{- if $v.otlp.endpoint }}{{ $_ := set $settings "OTLP_ENDPOINT" $v.otlp.endpoint }}{{ end -}}
{{- with $v.livekit }}{{ if .apiUrl -}}
{{- $_ := set $settings "LIVEKIT_API_URL" .apiUrl -}}
{{- $_ := set $settings "LIVEKIT_URL" .url -}}
{{- $_ := set $settings "LIVEKIT_KEY_FILE" "/vault/secrets/livekit-key" -}}
{{- $_ := set $settings "LIVEKIT_PROXY" (toString .proxy) -}}
{{- if .hooks }}{{ $_ := set $settings "LIVEKIT_HOOK_ADDR" ":8444" }}{{ end -}}
{{- if .caKey }}{{ $_ := set $settings "LIVEKIT_CA_FILE" (printf "/trust/%s" .caKey) }}{{ end -}}
{{- if .iceServers }}{{ $_ := set $settings "ICE_SERVERS" (join "," .iceServers) }}{{ end -}}
{{- if .turn }}{{ $_ := set $settings "TURN_SECRET_FILE" "/vault/secrets/turn-secret" }}{{ end -}}
{{- end }}{{ end -}}
{{- /* Only pods of the edge connect, so an address is all people behind one of them; it limits each of them, and the caller's own limit holds here. */ -}}
{{- $_ := set $settings "RATE_PER_ADDRESS" "2000" -}}
{{- /* A number of a values file is a float here, and would be written as 2e+06. */ -}}
{{- range $key, $value := $v.settings }}{{ $_ := set $settings $key (ternary (toString (int64 $value)) (toString $value) (and (kindIs "float64" $value) (eq (toString (floor $value)) (toString $value)))) }}{{ end -}}
{{- range $key := keys $settings | sortAlpha }}
- {name: CAREFUSION_{{ $key }}, value: {{ index $settings $key | quote }}}
{{- end }}
{{- end }}

{{/* carefusion.hooks is "true" where LiveKit may call in. */}}
{{- define "carefusion.hooks" -}}
{{- if and .Values.livekit.apiUrl .Values.livekit.hooks }}true{{ end -}}
{{- end }}
