{{/* fleet.serviceMonitor lets a Prometheus operator scrape the admin port; the network policy opens it for the same value. */}}
{{- define "fleet.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name }}
  labels: {{- merge (include "fleet.labels" . | fromYaml) (.root.Values.monitoring.labels | default dict) | toYaml | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
  endpoints:
    - port: admin
      path: /metrics
      scheme: https
      interval: 30s
      tlsConfig:
        serverName: {{ printf "%s.%s.svc" .name .root.Release.Namespace }}
        ca: {configMap: {name: {{ .root.Values.trustBundle.configMap }}, key: ca.crt}}
{{- end }}

{{/* fleet.alerts wake an operator for what needs one, each with the runbook that says what to do. */}}
{{- define "fleet.alerts" -}}
{{- $book := .root.Values.monitoring.runbooks -}}
{{- $ns := .root.Release.Namespace -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ .delivery }}
  labels: {{- merge (include "fleet.labels" (dict "root" .root "name" .delivery) | fromYaml) (.root.Values.monitoring.labels | default dict) | toYaml | nindent 4 }}
spec:
  groups:
    - name: {{ .delivery }}
      rules:
        {{- range $rule := include "fleet.alertRules" (dict "namespace" $ns) | fromYamlArray }}
        - alert: {{ $rule.alert }}
          expr: {{ $rule.expr | quote }}
          for: {{ $rule.for }}
          labels: {severity: {{ $rule.severity }}}
          annotations:
            summary: {{ $rule.summary | quote }}
            runbook_url: {{ printf "%s/incident.md#%s" $book (lower $rule.alert) }}
        {{- end }}
{{- end }}

{{- define "fleet.alertRules" -}}
- alert: FleetServiceDown
  expr: 'up{namespace="{{ .namespace }}"} == 0'
  for: 5m
  severity: critical
  summary: 'A pod of {{ "{{ $labels.job }}" }} does not answer.'
- alert: FleetOutboxStuck
  expr: 'max by (job) (fleet_outbox_oldest_seconds{namespace="{{ .namespace }}"}) > 60'
  for: 2m
  severity: critical
  summary: 'Events of {{ "{{ $labels.job }}" }} wait for more than a minute.'
- alert: FleetDeadLetters
  expr: 'sum by (job) (increase(fleet_inbox_dead_total{namespace="{{ .namespace }}"}[15m])) > 0'
  for: 1m
  severity: warning
  summary: '{{ "{{ $labels.job }}" }} gave up an event; it waits to be looked at.'
- alert: FleetErrors
  expr: 'sum by (job) (rate(fleet_rpc_duration_seconds_count{namespace="{{ .namespace }}",code=~"Internal|Unavailable|DataLoss|Unknown"}[5m])) / sum by (job) (rate(fleet_rpc_duration_seconds_count{namespace="{{ .namespace }}"}[5m])) > 0.02'
  for: 5m
  severity: critical
  summary: 'More than 2 % of the calls of {{ "{{ $labels.job }}" }} fail.'
- alert: FleetConnectionsShort
  expr: 'sum by (job) (rate(fleet_db_connection_waits_total{namespace="{{ .namespace }}"}[5m])) > 10'
  for: 10m
  severity: warning
  summary: 'Calls of {{ "{{ $labels.job }}" }} wait for database connections.'
- alert: FleetRefusalsLost
  expr: 'increase(gateway_audit_dropped_total{namespace="{{ .namespace }}"}[15m]) > 0'
  for: 0m
  severity: critical
  summary: 'Refusals did not reach the audit log; the access log has them.'
- alert: FleetLimitsOpen
  expr: 'increase(gateway_limiter_open_total{namespace="{{ .namespace }}"}[5m]) > 0'
  for: 5m
  severity: warning
  summary: 'Requests pass uncounted: the Redis-protocol server is away.'
{{- end }}

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
title: {{ printf "Fleet: %s" .delivery | quote }}
uid: {{ printf "fleet-%s" .delivery }}
schemaVersion: 39
timezone: browser
refresh: 30s
time: {from: now-6h, to: now}
panels:
  {{- range $i, $p := list
    (dict "title" "Calls per second" "unit" "reqps" "expr" (printf "sum by (job) (rate(fleet_rpc_duration_seconds_count{namespace=%q}[5m]))" $ns))
    (dict "title" "p95 of calls" "unit" "s" "expr" (printf "histogram_quantile(0.95, sum by (job, le) (rate(fleet_rpc_duration_seconds_bucket{namespace=%q}[5m])))" $ns))
    (dict "title" "Failing calls by code" "unit" "reqps" "expr" (printf "sum by (job, code) (rate(fleet_rpc_duration_seconds_count{namespace=%q,code!=\"OK\"}[5m]))" $ns))
    (dict "title" "Oldest waiting event" "unit" "s" "expr" (printf "max by (job) (fleet_outbox_oldest_seconds{namespace=%q})" $ns))
    (dict "title" "Applied and dead events" "unit" "ops" "expr" (printf "sum by (job) (rate(fleet_inbox_applied_total{namespace=%q}[5m])) or sum by (job) (rate(fleet_inbox_dead_total{namespace=%q}[5m]))" $ns $ns))
    (dict "title" "Waits for a database connection" "unit" "ops" "expr" (printf "sum by (job) (rate(fleet_db_connection_waits_total{namespace=%q}[5m]))" $ns)) }}
  - id: {{ add $i 1 }}
    type: timeseries
    title: {{ $p.title | quote }}
    gridPos: {h: 8, w: 12, x: {{ mul (mod $i 2) 12 }}, y: {{ mul (div $i 2) 8 }}}
    fieldConfig: {defaults: {unit: {{ $p.unit }}}, overrides: []}
    targets: [{refId: A, expr: {{ $p.expr | quote }}, legendFormat: __auto}]
  {{- end }}
{{- end }}
