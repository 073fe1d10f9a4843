{{/* fleet.dashboard is picked up by Grafana's sidecar. */}}
{{- define "fleet.dashboard" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .delivery }}-dashboard
  labels:
    {{- include "fleet.labels" (dict "root" .root "name" .delivery) | nindent 4 }}
    grafana_dashboard: "1"
data:
  {{ .delivery }}.json: |
    {{- include "fleet.dashboardModel" . | fromYaml | toPrettyJson | nindent 4 }}
{{- end }}

{{- define "fleet.dashboardModel" -}}
{{- $ns := .root.Release.Namespace -}}
{{- $panels := list -}}
{{- if has "gateway" (include "fleet.delivered" . | fromJsonArray) -}}
{{- $panels = list
    (dict "title" "Answers of the gateway by status" "unit" "reqps" "expr" (printf "sum by (status) (rate(gateway_request_duration_seconds_count{namespace=%q}[5m]))" $ns))
    (dict "title" "p95 of the gateway" "unit" "s" "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(gateway_request_duration_seconds_bucket{namespace=%q}[5m])))" $ns)) -}}
{{- end -}}
{{- $panels = concat $panels (list
    (dict "title" "Calls per second" "unit" "reqps" "expr" (printf "sum by (job) (rate(fleet_rpc_duration_seconds_count{namespace=%q}[5m]))" $ns))
    (dict "title" "p95 of calls" "unit" "s" "expr" (printf "histogram_quantile(0.95, sum by (job, le) (rate(fleet_rpc_duration_seconds_bucket{namespace=%q}[5m])))" $ns))
    (dict "title" "Failing calls by code" "unit" "reqps" "expr" (printf "sum by (job, code) (rate(fleet_rpc_duration_seconds_count{namespace=%q,code!=\"OK\"}[5m]))" $ns))
    (dict "title" "Oldest waiting event" "unit" "s" "expr" (printf "max by (job) (fleet_outbox_oldest_seconds{namespace=%q})" $ns))
    (dict "title" "Applied events" "unit" "ops" "expr" (printf "sum by (job) (rate(fleet_inbox_applied_total{namespace=%q}[5m]))" $ns))
    (dict "title" "Events given up, by reason" "unit" "short" "expr" (printf "sum by (job, reason) (fleet_inbox_dead_total{namespace=%q})" $ns))
    (dict "title" "Waits for a database connection" "unit" "ops" "expr" (printf "sum by (job) (rate(fleet_db_connection_waits_total{namespace=%q}[5m]))" $ns))) -}}
title: {{ printf "Fleet: %s" .delivery | quote }}
uid: {{ printf "fleet-%s" .delivery }}
schemaVersion: 39
timezone: browser
refresh: 30s
time: {from: now-6h, to: now}
panels:
  {{- range $i, $p := $panels }}
  - id: {{ add $i 1 }}
    type: timeseries
    title: {{ $p.title | quote }}
    gridPos: {h: 8, w: 12, x: {{ mul (mod $i 2) 12 }}, y: {{ mul (div $i 2) 8 }}}
    fieldConfig: {defaults: {unit: {{ $p.unit }}}, overrides: []}
    targets: [{refId: A, expr: {{ $p.expr | quote }}, legendFormat: __auto}]
  {{- end }}
{{- end }}
