{{- define "carefusion.dns" -}}
to:
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .Values.dns.namespace }}}}
    podSelector:
      matchLabels: {{- toYaml .Values.dns.podLabels | nindent 8 }}
ports:
  - {port: 53, protocol: UDP}
  - {port: 53, protocol: TCP}
{{- end }}

{{/* carefusion.rule opens one port to or from some peers. Namespaces are told by the label that the apiserver sets itself. */}}
{{- define "carefusion.rule" -}}
{{ .direction }}:
  {{- range .peers }}
  {{- if .cidr }}
  - ipBlock: {cidr: {{ .cidr }}}
  {{- else }}
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .namespace }}}}
    podSelector:
      matchLabels: {{- toYaml .podLabels | nindent 8 }}
  {{- end }}
  {{- end }}
ports:
  - {port: {{ .port }}, protocol: TCP}
{{- end }}

{{/* carefusion.to is the way to something that the values name: "postgres", "oidc", "vault". */}}
{{- define "carefusion.to" -}}
{{- $what := index .root.Values .what -}}
{{- include "carefusion.rule" (dict "direction" "to" "peers" $what.peers "port" $what.port) -}}
{{- end }}
