{{/* fleet.serviceMonitor lets a Prometheus operator scrape the admin port; the network policy opens it for the same value. */}}
{{- define "fleet.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name }}
  labels: {{- merge (include "fleet.labels" . | fromYaml) (.root.Values.monitoring.labels | default dict) | toYaml | nindent 4 }}
spec:
  # The alerts tell services by their name, whatever their Service is called.
  jobLabel: app.kubernetes.io/name
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
        {{- range $rule := include "fleet.alertRules" (dict "namespace" $ns "services" (include "fleet.delivered" . | fromJsonArray)) | fromYamlArray }}
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
{{- /* A pod that is there and silent has a series; a service without any pod has none, and is absent. */ -}}
- alert: FleetServiceDown
  expr: 'up{namespace="{{ .namespace }}"} == 0{{ range .services }} or absent(up{namespace="{{ $.namespace }}",job="{{ . }}"}){{ end }}'
  for: 5m
  severity: critical
  summary: 'A pod of {{ "{{ $labels.job }}" }} does not answer.'
- alert: FleetOutboxStuck
  expr: 'max by (job) (fleet_outbox_oldest_seconds{namespace="{{ .namespace }}"}) > 60'
  for: 2m
  severity: critical
  summary: 'Events of {{ "{{ $labels.job }}" }} wait for more than a minute.'
- alert: FleetDeadLetters
{{- /* The series of a reason begins with its first event, so an increase from nothing is seen by the series being new. */}}
  expr: 'sum by (job) (increase(fleet_inbox_dead_total{namespace="{{ .namespace }}"}[15m])) > 0 or sum by (job) (fleet_inbox_dead_total{namespace="{{ .namespace }}"} unless fleet_inbox_dead_total{namespace="{{ .namespace }}"} offset 15m) > 0'
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
{{- /* The namespace of the certificate; it is called exported_namespace where cert-manager is scraped without honorLabels. */}}
- alert: FleetCertificateAging
  expr: '(certmanager_certificate_expiration_timestamp_seconds{namespace="{{ .namespace }}"} or certmanager_certificate_expiration_timestamp_seconds{exported_namespace="{{ .namespace }}"}) - time() < 5 * 86400'
  for: 1h
  severity: critical
  summary: 'The certificate {{ "{{ $labels.name }}" }} ends within five days and was not renewed.'
{{- if has "gateway" .services }}
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
{{- end }}
