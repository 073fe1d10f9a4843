{{/*
fleet.topology says what each service is: its delivery, whom it calls, and what it stands on. It is not a value: an edge that an
operator could add is not a boundary. A test holds "calls" against the callers in the protos.
*/}}
{{- define "fleet.topology" -}}
gateway:
  delivery: fusionems
  calls: [agency, audit, billing, clinical, compliance, qa, reporting]
  uses: [nats, redis, oidc, otlp]
  secrets: [principal-signing-key, redis-url, session-key, oidc-client-secret]
audit:
  delivery: fusionems
  calls: []
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key, checkpoint-key]
agency:
  delivery: fusionems
  calls: [audit, compliance]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key]
clinical:
  delivery: fusionems
  calls: [agency, audit]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key, kek]
qa:
  delivery: fusionems
  calls: [audit, clinical]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key]
reporting:
  delivery: fusionems
  calls: [audit]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key]
compliance:
  delivery: fusionems
  calls: [audit]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key]
billing:
  delivery: billing
  calls: [audit]
  uses: [postgres, nats, otlp]
  secrets: [database-url, page-token-key]
{{- end }}

{{/* Ports of every pod: gRPC (HTTPS at the gateway), and health with metrics. */}}
{{- define "fleet.port.main" -}}8443{{- end }}
{{- define "fleet.port.admin" -}}9443{{- end }}

