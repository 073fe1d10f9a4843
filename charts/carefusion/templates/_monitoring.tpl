{{/* carefusion.alerts wake an operator for what needs one, each with the runbook that says what to do. */}}
{{- define "carefusion.alerts" -}}
{{- $ns := .Release.Namespace -}}
- alert: CareFusionDown
  expr: 'up{namespace="{{ $ns }}",job="carefusion"} == 0'
  for: 5m
  severity: critical
  summary: 'A pod of CareFusion does not answer.'
- alert: CareFusionErrors
  expr: 'sum(rate(carefusion_http_requests_total{namespace="{{ $ns }}",code=~"5.."}[5m])) / sum(rate(carefusion_http_requests_total{namespace="{{ $ns }}"}[5m])) > 0.02'
  for: 5m
  severity: critical
  summary: 'More than 2 % of the requests fail.'
- alert: CareFusionSlow
  expr: 'histogram_quantile(0.95, sum by (le) (rate(carefusion_http_request_duration_seconds_bucket{namespace="{{ $ns }}"}[5m]))) > 1'
  for: 10m
  severity: warning
  summary: 'One request of twenty takes more than a second.'
- alert: CareFusionConnectionsShort
  expr: 'sum(rate(carefusion_db_connection_waits_total{namespace="{{ $ns }}"}[5m])) > 10'
  for: 10m
  severity: warning
  summary: 'Requests wait for database connections.'
- alert: CareFusionCertificateAging
  expr: 'certmanager_certificate_expiration_timestamp_seconds{namespace="{{ $ns }}"} - time() < 5 * 86400'
  for: 1h
  severity: critical
  summary: 'The certificate {{ "{{ $labels.name }}" }} ends within five days and was not renewed.'
{{- end }}

{{- define "carefusion.dashboard" -}}
{{- $ns := .Release.Namespace -}}
title: CareFusion
uid: carefusion
schemaVersion: 39
timezone: browser
refresh: 30s
time: {from: now-6h, to: now}
panels:
  {{- range $i, $p := list
    (dict "title" "Requests per second by answer" "unit" "reqps" "expr" (printf "sum by (code) (rate(carefusion_http_requests_total{namespace=%q}[5m]))" $ns))
    (dict "title" "p95 of requests" "unit" "s" "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(carefusion_http_request_duration_seconds_bucket{namespace=%q}[5m])))" $ns))
    (dict "title" "Waits for a database connection" "unit" "ops" "expr" (printf "sum(rate(carefusion_db_connection_waits_total{namespace=%q}[5m]))" $ns))
    (dict "title" "Memory" "unit" "bytes" "expr" (printf "process_resident_memory_bytes{namespace=%q,job=\"carefusion\"}" $ns)) }}
  - id: {{ add $i 1 }}
    type: timeseries
    title: {{ $p.title | quote }}
    gridPos: {h: 8, w: 12, x: {{ mul (mod $i 2) 12 }}, y: {{ mul (div $i 2) 8 }}}
    fieldConfig: {defaults: {unit: {{ $p.unit }}}, overrides: []}
    targets: [{refId: A, expr: {{ $p.expr | quote }}, legendFormat: __auto}]
  {{- end }}
{{- end }}
