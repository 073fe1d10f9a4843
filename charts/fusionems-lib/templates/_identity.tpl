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
