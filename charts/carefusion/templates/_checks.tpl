{{/*
carefusion.check refuses what the guardrails forbid. The values schema says the same, but --skip-schema-validation turns that off; this
cannot be turned off.
*/}}
{{- define "carefusion.check" -}}
{{- $rails := include "carefusion.guardrails" . | fromYaml -}}
{{- $own := $rails.environment_separation.carefusion -}}
{{- $v := .Values -}}
{{- include "carefusion.checkRemoved" . -}}
{{- include "carefusion.checkShape" . -}}
{{- range $key, $want := $rails.required_security_settings -}}
{{- $have := index ($v.guardrails | default dict) $key -}}
{{- if ne (toString $have) (toString $want) }}{{ fail (printf "guardrails.%s must be %v; it is %v. This is a security setting of the platform, not a choice of a release" $key $want $have) }}{{ end -}}
{{- end -}}
{{- if ne .Release.Namespace $own.namespace }}{{ fail (printf "this chart belongs into the namespace %q; it was given %q (helm --namespace)" $own.namespace .Release.Namespace) }}{{ end -}}
{{- if not (has $v.environment $rails.environments) }}{{ fail (printf "environment must be one of %s" (join ", " $rails.environments)) }}{{ end -}}
{{- if ne $v.vault.mount $own.secrets }}{{ fail (printf "vault.mount must be %q: a delivery reads no other's secrets" $own.secrets) }}{{ end -}}
{{- if ne $v.vault.authMount $own.vault_auth }}{{ fail (printf "vault.authMount must be %q: a delivery signs in nowhere that another does" $own.vault_auth) }}{{ end -}}
{{- if not (has $v.vault.provider (list "injector" "externalSecrets")) }}{{ fail "vault.provider must be injector or externalSecrets: without either no secret reaches a pod" }}{{ end -}}
{{- if not (has $v.migrations.mode (list "hook" "job" "external")) }}{{ fail "migrations.mode must be hook, job or external" }}{{ end -}}
{{- if ne $v.trustDomain $own.trust_domain }}{{ fail (printf "trustDomain must be %q: it is the identity of this delivery" $own.trust_domain) }}{{ end -}}
{{- if ne $v.edge.namespace $own.edge }}{{ fail (printf "edge.namespace must be %q: browsers come in by telehealth's own edge only" $own.edge) }}{{ end -}}
{{- if not $v.edge.podLabels }}{{ fail "edge.podLabels: name the pods of the ingress controller; without labels every pod of its namespace could connect" }}{{ end -}}
{{- if ne $v.certificates.issuer.kind "Issuer" }}{{ fail "certificates.issuer.kind must be Issuer: a ClusterIssuer would sign for every namespace" }}{{ end -}}
{{- if hasKey $v "extraObjects" }}{{ fail "extraObjects: this chart takes none. What is not in its templates was not proved to be isolated" }}{{ end -}}
{{- if le (include "carefusion.minutes" $v.certificates.duration | int) (include "carefusion.minutes" $v.certificates.renewBefore | int) }}{{ fail (printf "certificates.renewBefore (%v) must be shorter than certificates.duration (%v), both in hours and minutes, e.g. 720h" $v.certificates.renewBefore $v.certificates.duration) }}{{ end -}}
{{- include "carefusion.checkImage" . -}}
{{- include "carefusion.checkReplicas" . -}}
{{- include "carefusion.checkSettings" . -}}
{{- include "carefusion.checkAddresses" . -}}
{{- end }}

{{- define "carefusion.checkImage" -}}
{{- $v := .Values -}}
{{- $image := $v.image -}}
{{- if and $image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $image.digest)) }}{{ fail (printf "image.digest: %q is not sha256: and 64 hexadecimal digits" $image.digest) }}{{ end -}}
{{- if and (eq $v.environment "prod") (not $image.digest) }}{{ fail "image.digest: prod takes the image by digest only (sha256:…)" }}{{ end -}}
{{- if not (regexMatch "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$" (toString ($image.tag | default ""))) }}{{ fail (printf "image.tag: %q is not a tag" $image.tag) }}{{ end -}}
{{- end }}

{{/* The rest of the binary's settings is set by the chart itself, is a secret, or is for local mode. */}}
{{- define "carefusion.plainSettings" -}}
[TRACE_RATIO, REMINDER_LEAD, CHECK_IN_LEAD, ROOM_TOKEN_TTL, RATE_PER_ADDRESS, RATE_PER_SUBJECT, SHUTDOWN_TIMEOUT, ACR]
{{- end }}
{{- define "carefusion.checkSettings" -}}
{{- $plain := include "carefusion.plainSettings" . | fromYamlArray -}}
{{- range $key, $value := .Values.settings -}}
{{- if not (has $key $plain) }}{{ fail (printf "settings.%s: not a plain setting; there are %s. A secret comes as a file from Vault" (toString $key) (join ", " $plain)) }}{{ end -}}
{{- if not (or (kindIs "string" $value) (kindIs "bool" $value) (kindIs "float64" $value) (kindIs "int64" $value) (kindIs "int" $value)) }}{{ fail (printf "settings.%s: text, a number, true or false" $key) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* What is named must be reachable, and only over TLS. */}}
{{- define "carefusion.checkAddresses" -}}
{{- $v := .Values -}}
{{- $own := printf "%s-" (include "carefusion.own" . | fromYaml).namespace -}}
{{- if and $v.monitoring.enabled (not (hasPrefix $own $v.monitoring.namespace)) }}{{ fail (printf "monitoring.namespace must begin with %s: a Prometheus that the fleet uses would be a bridge" $own) }}{{ end -}}
{{- $used := uniq (append (include "carefusion.uses" . | fromYamlArray) "vault") -}}
{{- if and $v.page.publicUrl (not (regexMatch "^https://[^/@ ]+$" $v.page.publicUrl)) }}{{ fail "page.publicUrl must be an https:// origin, without a path" }}{{ end -}}
{{- if and $v.otlp.endpoint (not (regexMatch "^https://[^/@ ]+" $v.otlp.endpoint)) }}{{ fail "otlp.endpoint must be an https:// address" }}{{ end -}}
{{- if and $v.nats.url (not (regexMatch "^tls://[^/@, ]+(,tls://[^/@, ]+)*$" $v.nats.url)) }}{{ fail "nats.url must be a tls:// address, or several with commas; no name and no password, they are in nats-creds from Vault" }}{{ end -}}
{{- if $v.livekit.apiUrl -}}
{{- if not (regexMatch "^https://[^/@ ]+" $v.livekit.apiUrl) }}{{ fail "livekit.apiUrl must be an https:// address" }}{{ end -}}
{{- if not (hasPrefix "wss://" $v.livekit.url) }}{{ fail "livekit.url must be a wss:// address" }}{{ end -}}
{{- end -}}
{{- range $what := $used -}}
{{- if not (index $v $what).peers }}{{ fail (printf "%s.peers: name where it runs (namespace and pod labels, or a CIDR); without it the network policies refuse the connection" $what) }}{{ end -}}
{{- end -}}
{{- range $what := $used -}}
{{- range (index $v $what).peers -}}
{{- if not (and (kindIs "map" .) (or .cidr (and .namespace .podLabels))) }}{{ fail (printf "%s.peers: each needs a cidr, or a namespace with podLabels" $what) }}{{ end -}}
{{- if .cidr }}{{ include "carefusion.checkNetwork" (dict "at" (printf "%s.peers" $what) "cidr" .cidr) }}{{ end -}}
{{- if and .namespace (not (hasPrefix $own .namespace)) }}{{ fail (printf "%s.peers: the namespace %s does not begin with %s; what telehealth uses is in namespaces of its own" $what .namespace $own) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if not (regexMatch "^https://[^/@ ]+" (toString $v.oidc.issuer)) }}{{ fail "oidc.issuer must be an https:// address" }}{{ end -}}
{{- if not (regexMatch "^https://[^/@ ]+" (toString $v.vault.address)) }}{{ fail "vault.address must be an https:// address" }}{{ end -}}
{{- range $what := list "oidc" "nats" "livekit" "mail" -}}
{{- if and (index $v $what).caKey (not $v.trustBundle.configMap) }}{{ fail (printf "%s.caKey: name the ConfigMap that holds it in trustBundle.configMap" $what) }}{{ end -}}
{{- end -}}
{{- range $v.livekit.iceServers -}}
{{- if not (regexMatch "^(stun|stuns|turn|turns):[A-Za-z0-9.-]+" .) }}{{ fail (printf "livekit.iceServers: %q is not a stun: or turn: address" .) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* carefusion.removed lists values that are not taken, and what to do instead. UPGRADING.md says the same at length. */}}
{{- define "carefusion.removed" -}}
imageRegistry: "use image.registry"
replicaCount: "use replicas"
existingSecret: "secrets come as files from Vault; see vault in the README"
database: "use postgres.peers; the connection itself is a file from Vault"
ingress: "the edge is an ingress controller of its own in telehealth-edge; see edge in the README"
{{- end }}
{{- define "carefusion.checkRemoved" -}}
{{- range $key, $advice := include "carefusion.removed" . | fromYaml -}}
{{- if hasKey $.Values $key }}{{ fail (printf "%s is not a value: %s" $key $advice) }}{{ end -}}
{{- end -}}
{{- end }}
