{{/* carefusion.alerts wake an operator for what needs one, each with the runbook that says what to do. */}}
{{- define "carefusion.alerts" -}}
{{- $ns := .Release.Namespace -}}
- alert: CareFusionDown
  expr: 'up{namespace="{{ $ns }}",job="carefusion"} == 0 or absent(up{namespace="{{ $ns }}",job="carefusion"})'
  for: 5m
  severity: critical
  summary: 'A pod of CareFusion does not answer.'
- alert: CareFusionErrors
  expr: 'sum(rate(carefusion_call_seconds_count{namespace="{{ $ns }}",code=~"Internal|Unknown|Unavailable|DataLoss"}[5m])) / sum(rate(carefusion_call_seconds_count{namespace="{{ $ns }}"}[5m])) > 0.02'
  for: 5m
  severity: critical
  summary: 'More than 2 % of the calls fail.'
- alert: CareFusionSlow
  expr: 'histogram_quantile(0.95, sum by (le) (rate(carefusion_call_seconds_bucket{namespace="{{ $ns }}"}[5m]))) > 1'
  for: 10m
  severity: warning
  summary: 'One call of twenty takes more than a second.'
- alert: CareFusionRoomOpen
  expr: 'max(carefusion_waiting_seconds{namespace="{{ $ns }}",kind="room_command"}) > 30'
  for: 0s
  severity: critical
  summary: 'The video server has not closed a room for half a minute: somebody may be seen who took the consent back.'
- alert: CareFusionWaiting
  expr: 'max by (kind) (carefusion_waiting_seconds{namespace="{{ $ns }}"}) > 300'
  for: 5m
  severity: critical
  summary: '{{ "{{ $labels.kind }}" }} waits for more than five minutes: rooms to close, events, or reminders.'
- alert: CareFusionNeighbourAway
  expr: 'min by (neighbour) (carefusion_connected{namespace="{{ $ns }}"}) == 0'
  for: 5m
  severity: warning
  summary: 'The {{ "{{ $labels.neighbour }}" }} does not answer.'
{{- /* The namespace of the certificate; it is called exported_namespace where cert-manager is scraped without honorLabels. */}}
- alert: CareFusionCertificateAging
  expr: '(certmanager_certificate_expiration_timestamp_seconds{namespace="{{ $ns }}"} or certmanager_certificate_expiration_timestamp_seconds{exported_namespace="{{ $ns }}"}) - time() < 5 * 86400'
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
    (dict "title" "Calls per second by outcome" "unit" "reqps" "expr" (printf "sum by (code) (rate(carefusion_call_seconds_count{namespace=%q}[5m]))" $ns))
    (dict "title" "p95 of calls" "unit" "s" "expr" (printf "histogram_quantile(0.95, sum by (le) (rate(carefusion_call_seconds_bucket{namespace=%q}[5m])))" $ns))
    (dict "title" "Slowest methods, p95" "unit" "s" "expr" (printf "topk(5, histogram_quantile(0.95, sum by (le, method) (rate(carefusion_call_seconds_bucket{namespace=%q}[5m]))))" $ns))
    (dict "title" "Waiting: events, commands to rooms, reminders" "unit" "short" "expr" (printf "max by (kind) (carefusion_waiting{namespace=%q})" $ns))
    (dict "title" "How long the oldest waits" "unit" "s" "expr" (printf "max by (kind) (carefusion_waiting_seconds{namespace=%q})" $ns))
    (dict "title" "Open streams" "unit" "short" "expr" (printf "sum(carefusion_streams{namespace=%q})" $ns))
    (dict "title" "Neighbours" "unit" "short" "expr" (printf "min by (neighbour) (carefusion_connected{namespace=%q})" $ns))
    (dict "title" "Memory" "unit" "bytes" "expr" (printf "process_resident_memory_bytes{namespace=%q,job=\"carefusion\"}" $ns)) }}
  - id: {{ add $i 1 }}
    type: timeseries
    title: {{ $p.title | quote }}
    gridPos: {h: 8, w: 12, x: {{ mul (mod $i 2) 12 }}, y: {{ mul (div $i 2) 8 }}}
    fieldConfig: {defaults: {unit: {{ $p.unit }}}, overrides: []}
    targets: [{refId: A, expr: {{ $p.expr | quote }}, legendFormat: __auto}]
  {{- end }}
{{- end }}
