{{/* fleet.defaultDeny refuses every connection of every pod of the namespace; what follows allows. */}}
{{- define "fleet.defaultDeny" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  labels: {{- include "fleet.labels" (dict "root" .root "name" "default-deny") | nindent 4 }}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: dns
  labels: {{- include "fleet.labels" (dict "root" .root "name" "dns") | nindent 4 }}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - {{- include "fleet.dns" . | nindent 6 }}
{{- end }}

{{- define "fleet.dns" -}}
to:
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .root.Values.dns.namespace }}}}
    podSelector:
      matchLabels: {{- toYaml .root.Values.dns.podLabels | nindent 8 }}
ports:
  - {port: 53, protocol: UDP}
  - {port: 53, protocol: TCP}
{{- end }}

{{/* fleet.peer is one "where" of a value: namespace with pod labels, or a CIDR. Namespaces are told by the label that the apiserver sets itself. */}}
{{- define "fleet.peer" -}}
{{- if .cidr -}}
ipBlock: {cidr: {{ .cidr }}}
{{- else -}}
namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .namespace }}}}
{{- with .podLabels }}
podSelector:
  matchLabels: {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}
{{- end }}

{{- define "fleet.rule" -}}
{{ .direction }}:
  {{- range .peers }}
  - {{- include "fleet.peer" . | nindent 4 }}
  {{- end }}
ports:
  - {port: {{ .port }}, protocol: TCP}
{{- end }}

{{- define "fleet.servicePeer" -}}
namespace: {{ include "fleet.namespaceOf" . }}
podLabels: {app.kubernetes.io/name: {{ .name }}}
{{- end }}

{{/* fleet.networkPolicy opens exactly what the topology says of a service. */}}
{{- define "fleet.networkPolicy" -}}
{{- $all := include "fleet.topology" . | fromYaml -}}
{{- $v := .root.Values -}}
{{- $callers := list -}}
{{- range $caller := keys $all | sortAlpha -}}
{{- $asks := and (eq $caller $.name) (ne $caller "gateway") -}}
{{- if has $.name (index $all $caller).calls }}{{ $asks = true }}{{ $callers = append $callers (include "fleet.servicePeer" (dict "root" $.root "name" $caller "delivery" (index $all $caller).delivery) | fromYaml) }}{{ end -}}
{{- /* A service's self-test asks whom the service calls, and the service itself. */ -}}
{{- if $asks }}{{ $callers = append $callers (include "fleet.servicePeer" (dict "root" $.root "name" (include "fleet.selftestName" $caller) "delivery" (index $all $caller).delivery) | fromYaml) }}{{ end -}}
{{- end -}}
{{- if eq .name "gateway" }}{{ $callers = concat $callers $v.gateway.allowFrom }}{{ end -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- with $callers }}
    - {{- include "fleet.rule" (dict "direction" "from" "peers" . "port" (include "fleet.port.main" $)) | nindent 6 }}
    {{- end }}
    {{- if $v.monitoring.enabled }}
    - {{- include "fleet.rule" (dict "direction" "from" "peers" (list (dict "namespace" $v.monitoring.namespace "podLabels" $v.monitoring.podLabels)) "port" (include "fleet.port.admin" .)) | nindent 6 }}
    {{- end }}
  egress:
    {{- range $callee := .topology.calls }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" (list (include "fleet.servicePeer" (dict "root" $.root "name" $callee "delivery" (index $all $callee).delivery) | fromYaml)) "port" (include "fleet.port.main" $)) | nindent 6 }}
    {{- end }}
    {{- range $what := .topology.uses }}
    {{- with (index $v $what).peers }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" . "port" (index $v $what).port) | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- if eq $v.vault.provider "injector" }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" $v.vault.peers "port" $v.vault.port) | nindent 6 }}
    {{- end }}
{{- end }}
