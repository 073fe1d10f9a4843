{{/* What is named must be reachable, and only over TLS. */}}
{{- define "fleet.checkAddresses" -}}
{{- $v := .root.Values -}}
{{- $needed := list "postgres" "nats" "vault" -}}
{{- if hasKey $v "gateway" }}{{ $needed = concat $needed (list "redis" "oidc") }}{{ end -}}
{{- if $v.otlp.endpoint }}{{ $needed = append $needed "otlp" }}{{ end -}}
{{- range $what := $needed -}}
{{- if not (index $v $what).peers }}{{ fail (printf "%s.peers: name where it runs (namespace and pod labels, or a CIDR); without it the network policies refuse the connection" $what) }}{{ end -}}
{{- if not (regexMatch "^[1-9][0-9]{0,4}$" (toString (int (index $v $what).port))) }}{{ fail (printf "%s.port: the number of a port" $what) }}{{ end -}}
{{- end -}}
{{- if not (regexMatch "^tls://[^/@, ]+(,tls://[^/@, ]+)*$" (toString $v.nats.url)) }}{{ fail "nats.url must be a tls:// address, or several with commas; no name and no password, a server knows a service by its certificate" }}{{ end -}}
{{- if not (regexMatch "^https://[^/@ ]+" (toString $v.vault.address)) }}{{ fail "vault.address must be an https:// address" }}{{ end -}}
{{- if and $v.otlp.endpoint (not (regexMatch "^https://[^/@ ]+" $v.otlp.endpoint)) }}{{ fail "otlp.endpoint must be an https:// address" }}{{ end -}}
{{- if hasKey $v "gateway" -}}
{{- if not (regexMatch "^https://[^/@ ]+" (toString $v.oidc.issuer)) }}{{ fail "oidc.issuer must be an https:// address" }}{{ end -}}
{{- if not (regexMatch "^https://[^/@ ]+$" (toString $v.gateway.publicUrl)) }}{{ fail "gateway.publicUrl must be an https:// origin, without a path" }}{{ end -}}
{{- if not (has $v.gateway.service.type (list "ClusterIP" "LoadBalancer")) }}{{ fail "gateway.service.type must be ClusterIP or LoadBalancer" }}{{ end -}}
{{- range $v.gateway.trustedProxies }}{{ include "fleet.checkNetwork" (dict "at" "gateway.trustedProxies" "cidr" . "least" 8) }}{{ end -}}
{{- range $name := include "fleet.delivered" . | fromJsonArray -}}
{{- if eq $v.gateway.edgeCertificate.secretName (printf "%s-tls" $name) }}{{ fail (printf "gateway.edgeCertificate.secretName: %s-tls is the identity of %s inside the fleet; what browsers see is another certificate" $name $name) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
fleet.checkPeers looks at every place where a value opens the network. What belongs to another delivery is not for a value to name: the crossings
are in the guardrails. A delivery without a crossing to this one is a stranger, and so is all that carries its name.
*/}}
{{- define "fleet.checkPeers" -}}
{{- $v := .root.Values -}}
{{- $rails := include "fleet.guardrails" .root | fromYaml -}}
{{- $own := index $rails.environment_separation .delivery -}}
{{- $others := list }}{{ $strangers := list }}{{ $domains := list -}}
{{- range $delivery, $d := $rails.environment_separation -}}
{{- if ne $delivery $.delivery -}}
{{- $others = append $others $d.namespace -}}
{{- $met := false -}}
{{- range $rails.permitted_crossings -}}
{{- $ends := list (first (splitList "/" .from)) (first (splitList "/" .to)) -}}
{{- if and (has $own.namespace $ends) (has $d.namespace $ends) }}{{ $met = true }}{{ end -}}
{{- end -}}
{{- if not $met }}{{ $strangers = append $strangers (printf "%s-" $d.namespace) }}{{ $domains = append $domains $d.trust_domain }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if has $v.nats.trustDomain $domains }}{{ fail (printf "nats.trustDomain: %s is of a delivery that this one never meets" $v.nats.trustDomain) }}{{ end -}}
{{- $named := dict "dns" (list (pick $v.dns "namespace" "podLabels")) -}}
{{- if $v.monitoring.enabled }}{{ $_ := set $named "monitoring" (list (pick $v.monitoring "namespace" "podLabels")) }}{{ end -}}
{{- range $what := list "postgres" "nats" "vault" "otlp" "redis" "oidc" }}{{ with index $v $what }}{{ $_ := set $named (printf "%s.peers" $what) .peers }}{{ end }}{{ end -}}
{{- with $v.gateway }}{{ $_ := set $named "gateway.allowFrom" .allowFrom }}{{ end -}}
{{- range $at, $peers := $named -}}
{{- range $peer := $peers -}}
{{- if not (and (kindIs "map" $peer) (or $peer.cidr (and $peer.namespace $peer.podLabels))) }}{{ fail (printf "%s: each needs a cidr, or a namespace with podLabels" $at) }}{{ end -}}
{{- if $peer.cidr }}{{ include "fleet.checkNetwork" (dict "at" $at "cidr" $peer.cidr "least" (ternary 1 8 (eq $at "gateway.allowFrom"))) }}{{ end -}}
{{- $space := toString ($peer.namespace | default "") -}}
{{- if has $space $others }}{{ fail (printf "%s: the namespace %s is another delivery's; what may cross is in the guardrails and no value" $at $space) }}{{ end -}}
{{- range $strangers }}{{ if hasPrefix . $space }}{{ fail (printf "%s: the namespace %s belongs to a delivery that this one never meets" $at $space) }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* fleet.checkNetwork refuses what is no network, and what is most of the internet: two halves are the whole. */}}
{{- define "fleet.checkNetwork" -}}
{{- $parts := splitList "/" (toString .cidr) -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])" -}}
{{- $four := regexMatch (printf "^(%s[.]){3}%s$" $octet $octet) (first $parts) -}}
{{- $six := regexMatch "^[0-9a-fA-F:]*:[0-9a-fA-F:]*$" (first $parts) -}}
{{- if not (and (eq (len $parts) 2) (or $four $six) (regexMatch "^(0|[1-9][0-9]{0,2})$" (last $parts))) }}{{ fail (printf "%s: %s is no network; write e.g. 10.20.0.0/28" .at (toString .cidr)) }}{{ end -}}
{{- if gt (int (last $parts)) (ternary 32 128 $four) }}{{ fail (printf "%s: %s is no network: its prefix is too long" .at .cidr) }}{{ end -}}
{{- if lt (int (last $parts)) (int .least) }}{{ fail (printf "%s: %s is most of the internet; networks of /%d and smaller are taken" .at .cidr (int .least)) }}{{ end -}}
{{- end }}

{{/*
fleet.checkObject refuses among extraObjects what the guardrails say of the chart's own objects. Whatever else a pod may not do, the apiserver
says: the namespace has the restricted profile and the admission policies.
*/}}
{{- define "fleet.checkObject" -}}
{{- $o := .object -}}
{{- if not (and (kindIs "map" $o) $o.apiVersion $o.kind (kindIs "map" $o.metadata)) }}{{ fail "extraObjects: each is one object with apiVersion, kind and metadata" }}{{ end -}}
{{- $name := $o.metadata.name | default $o.metadata.generateName -}}
{{- $at := printf "extraObjects: %s %s" $o.kind (toString $name) -}}
{{- if not $name }}{{ fail (printf "extraObjects: a %s without a name" $o.kind) }}{{ end -}}
{{- if and $o.metadata.namespace (ne $o.metadata.namespace .namespace) }}{{ fail (printf "%s: it is for the namespace %s; a release is the namespace %s and nothing else" $at $o.metadata.namespace .namespace) }}{{ end -}}
{{- if or (hasSuffix "List" $o.kind) $o.items }}{{ fail (printf "%s: name each object by itself, so that it can be looked at" $at) }}{{ end -}}
{{- if or (has $o.kind (list "Namespace" "CustomResourceDefinition" "PersistentVolume" "PriorityClass" "StorageClass" "APIService")) (regexMatch "^Cluster.+" $o.kind) (regexMatch "(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)$" $o.kind) }}{{ fail (printf "%s: it is for the whole cluster; a release is one namespace" $at) }}{{ end -}}
{{- if eq $o.kind "Secret" }}{{ fail (printf "%s: secret_injection: a secret comes from Vault; an ExternalSecret of this namespace may make it" $at) }}{{ end -}}
{{- if eq $o.kind "NetworkPolicy" }}{{ fail (printf "%s: policies add up, so another one can only open; the chart's say who reaches whom" $at) }}{{ end -}}
{{- if regexMatch "\"host(Network|PID|IPC)\":true|\"hostPath\":" (toJson $o) }}{{ fail (printf "%s: a pod of the node's own network, processes or files is outside of every guardrail" $at) }}{{ end -}}
{{- end }}
