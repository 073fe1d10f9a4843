{{/* fleet.identity is the account of a service and its certificate: one name, one SPIFFE id, nothing mounted that it does not need. */}}
{{- define "fleet.identity" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  secretName: {{ .name }}-tls
  secretTemplate:
    labels: {{- include "fleet.selector" . | nindent 6 }}
  duration: {{ .root.Values.certificates.duration }}
  renewBefore: {{ .root.Values.certificates.renewBefore }}
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  usages: [digital signature, server auth, client auth]
  uris: [{{ printf "spiffe://%s/%s" .root.Values.trustDomain .name | quote }}]
  dnsNames: [{{ .name }}, {{ printf "%s.%s.svc" .name .root.Release.Namespace }}]
  issuerRef:
    group: cert-manager.io
    kind: Issuer
    name: {{ .root.Values.certificates.issuer.name }}
{{- end }}

{{/*
fleet.foreign lists the identities of other trust domains that a service meets: the other ends of its permitted crossings, and the NATS
servers where their certificate is of another trust domain. The same list is what the services are told, so a crossing is stated once.
*/}}
{{- define "fleet.foreign" -}}
{{- $rails := include "fleet.guardrails" .root | fromYaml -}}
{{- $own := index $rails.environment_separation .delivery -}}
{{- $me := printf "%s/%s" $own.namespace .name -}}
{{- $ids := list -}}
{{- range $crossing := $rails.permitted_crossings -}}
{{- $peer := "" -}}
{{- if eq $crossing.from $me }}{{ $peer = $crossing.to }}{{ else if eq $crossing.to $me }}{{ $peer = $crossing.from }}{{ end -}}
{{- if $peer -}}
{{- $parts := splitList "/" $peer -}}
{{- range $name, $other := $rails.environment_separation -}}
{{- if eq $other.namespace (first $parts) }}{{ $ids = append $ids (printf "spiffe://%s/%s" $other.trust_domain (last $parts)) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (has "nats" .topology.uses) (ne .root.Values.nats.trustDomain $own.trust_domain) }}{{ $ids = append $ids (printf "spiffe://%s/nats" .root.Values.nats.trustDomain) }}{{ end -}}
{{- $ids | sortAlpha | uniq | toJson -}}
{{- end }}

{{- define "fleet.domainOf" -}}
{{- regexReplaceAll "^spiffe://([^/]+)/.*$" . "${1}" -}}
{{- end }}

{{/* fleet.federated is FLEET_TLS_FEDERATED: who of elsewhere may be met, and which file of the trust bundle speaks for them. */}}
{{- define "fleet.federated" -}}
{{- $entries := list -}}
{{- range $id := include "fleet.foreign" . | fromJsonArray }}{{ $entries = append $entries (printf "%s=/trust/%s.crt" $id (include "fleet.domainOf" $id)) }}{{ end -}}
{{- join "," $entries -}}
{{- end }}

{{/*
fleet.trustItems are the keys of the trust bundle that a service gets. Each is named, so that one that is missing keeps the pod from
starting instead of the first call from working.
*/}}
{{- define "fleet.trustItems" -}}
- {key: ca.crt, path: ca.crt}
{{- if ne .name "gateway" }}
- {key: principal-keys.json, path: principal-keys.json}
{{- end }}
{{- $domains := list -}}
{{- range $id := include "fleet.foreign" . | fromJsonArray }}{{ $domains = append $domains (include "fleet.domainOf" $id) }}{{ end -}}
{{- range $domain := uniq $domains }}
- {key: {{ $domain }}.crt, path: {{ $domain }}.crt}
{{- end }}
{{- end }}
