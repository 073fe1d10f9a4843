{{- define "fleet.checkServices" -}}
{{- $v := .root.Values -}}
{{- $known := include "fleet.delivered" . | fromJsonArray -}}
{{- range $name, $svc := $v.services -}}
{{- if not (has $name $known) }}{{ fail (printf "services.%s: no such service in this chart; it has %s" $name (join ", " $known)) }}{{ end -}}
{{- end -}}
{{- range $name := $known -}}
{{- $svc := index $v.services $name -}}
{{- if not (and (kindIs "map" $svc) (kindIs "map" $svc.image) (kindIs "map" $svc.autoscaling) (kindIs "map" $svc.autoscaling.queue)) }}{{ fail (printf "services.%s: it has keys of its own (image, autoscaling, autoscaling.queue), see values.yaml; none may be null, a list or text" $name) }}{{ end -}}
{{- if and (eq $v.environment "prod") (not $svc.image.digest) }}{{ fail (printf "services.%s.image.digest: prod takes images by digest only (sha256:…)" $name) }}{{ end -}}
{{- if and $svc.image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $svc.image.digest)) }}{{ fail (printf "services.%s.image.digest: %q is not sha256: and 64 hexadecimal digits" $name $svc.image.digest) }}{{ end -}}
{{- if not (regexMatch "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$" (toString ($svc.image.tag | default ""))) }}{{ fail (printf "services.%s.image.tag: %q is not a tag" $name $svc.image.tag) }}{{ end -}}
{{- include "fleet.checkReplicas" (dict "environment" $v.environment "at" (printf "services.%s" $name) "svc" $svc "topology" (include "fleet.topology" $ | fromYaml)) -}}
{{- range $key, $value := $svc.settings -}}
{{- if or (not (regexMatch "^FLEET_[A-Z0-9_]+$" (toString $key))) (regexMatch "(KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL|KEK)" $key) }}{{ fail (printf "services.%s.settings.%v: only plain FLEET_ variables; a secret comes as a file from Vault" $name $key) }}{{ end -}}
{{- if regexMatch (include "fleet.ownSettings" $) $key }}{{ fail (printf "services.%s.settings.%s: the chart sets it, from the guardrails or from a value of its own (nats.url, otlp.endpoint, oidc, gateway)" $name $key) }}{{ end -}}
{{- if not (or (kindIs "string" $value) (kindIs "bool" $value) (kindIs "float64" $value) (kindIs "int64" $value) (kindIs "int" $value)) }}{{ fail (printf "services.%s.settings.%s: text, a number, true or false" $name $key) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
fleet.ownSettings are the variables that follow from other values, whose checks a setting would go around: who a service is, whom it meets and
where. The values schema has the same expression, and a test holds both against what is rendered.
*/}}
{{- define "fleet.ownSettings" -}}
^FLEET_(TLS_|TRUST_DOMAIN$|PEERS$|LISTEN_ADDR$|ADMIN_ADDR$|NATS_URL$|OTLP_ENDPOINT$|OIDC_ISSUER$|OIDC_AUDIENCE$|OIDC_CLIENT_ID$|PUBLIC_URL$|EDGE_|TRUSTED_PROXIES$)
{{- end }}

{{- define "fleet.checkReplicas" -}}
{{- $a := .svc.autoscaling -}}
{{- $fewest := int (ternary $a.minReplicas .svc.replicas (eq (toString $a.enabled) "true")) -}}
{{- if lt $fewest 1 }}{{ fail (printf "%s: at least 1 replica" .at) }}{{ end -}}
{{- if and (eq .environment "prod") (lt $fewest 2) }}{{ fail (printf "%s: prod needs at least 2 replicas" .at) }}{{ end -}}
{{- if and $a.enabled (lt (int $a.maxReplicas) $fewest) }}{{ fail (printf "%s.autoscaling: maxReplicas (%v) is below minReplicas (%v)" .at $a.maxReplicas $a.minReplicas) }}{{ end -}}
{{- if $a.queue.enabled -}}
{{- if not $a.enabled }}{{ fail (printf "%s.autoscaling.queue: it scales nothing without autoscaling.enabled" .at) }}{{ end -}}
{{- if not (regexMatch "^[A-Za-z0-9.-]+:[0-9]+$" (toString $a.queue.monitoringEndpoint)) }}{{ fail (printf "%s.autoscaling.queue.monitoringEndpoint: host:port of the monitoring of NATS, without a scheme; it is asked over HTTPS" .at) }}{{ end -}}
{{- if not $a.queue.streams }}{{ fail (printf "%s.autoscaling.queue.streams: name at least one stream and consumer" .at) }}{{ end -}}
{{- range $a.queue.streams -}}
{{- if not (hasKey $.topology (toString .consumer)) }}{{ fail (printf "%s.autoscaling.queue.streams: no consumer is named %q; a consumer has the name of its service" $.at (toString .consumer)) }}{{ end -}}
{{- if not (or (eq (toString .stream) "GOVERNANCE") (and (eq (toString .stream) (upper (toString .stream))) (hasKey $.topology (lower (toString .stream))))) }}{{ fail (printf "%s.autoscaling.queue.streams: no stream is named %q; a stream has the name of the service that publishes, in capitals, or GOVERNANCE" $.at (toString .stream)) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}
