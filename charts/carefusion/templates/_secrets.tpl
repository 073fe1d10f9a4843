{{/*
Secrets arrive as files in /vault/secrets, by one of two providers; both read the same paths of the delivery's own mount:
  telehealth-vault/data/<environment>/<account>/<secret>, field "value".
*/}}
{{- define "carefusion.secretPath" -}}
{{ .root.Values.vault.mount }}/data/{{ .root.Values.environment }}/{{ .account }}/{{ .secret }}
{{- end }}

{{/* carefusion.vaultAnnotations make the Vault agent write the files. .once is for a Job, which would not end beside a sidecar. */}}
{{- define "carefusion.vaultAnnotations" -}}
vault.hashicorp.com/agent-inject: "true"
vault.hashicorp.com/auth-path: {{ printf "auth/%s" .root.Values.vault.authMount | quote }}
vault.hashicorp.com/role: {{ printf "telehealth-%s" .account | quote }}
vault.hashicorp.com/service: {{ .root.Values.vault.address | quote }}
vault.hashicorp.com/agent-service-account-token-volume-name: vault-token
vault.hashicorp.com/agent-run-as-user: "65532"
vault.hashicorp.com/agent-run-as-group: "65532"
vault.hashicorp.com/agent-set-security-context: "true"
{{- if .once }}
vault.hashicorp.com/agent-pre-populate-only: "true"
{{- end }}
{{- range $secret := .secrets }}
{{- $path := include "carefusion.secretPath" (dict "root" $.root "account" $.account "secret" $secret) }}
vault.hashicorp.com/agent-inject-secret-{{ $secret }}: {{ $path | quote }}
vault.hashicorp.com/agent-inject-template-{{ $secret }}: {{ printf "{{- with secret \"%s\" -}}{{ .Data.data.value }}{{- end -}}" $path | quote }}
{{- end }}
{{- end }}

{{/* carefusion.externalSecret copies the same paths into a Secret that is mounted as files; it is never read as a variable. */}}
{{- define "carefusion.externalSecret" -}}
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {{ .account }}-files
  labels: {{- include "carefusion.labels" (dict "root" .root "name" .account) | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: SecretStore, name: {{ .root.Values.vault.secretStore }}}
  target:
    name: {{ .account }}-files
    creationPolicy: Owner
    deletionPolicy: Retain
  data:
    {{- range .secrets }}
    - secretKey: {{ . }}
      remoteRef:
        key: {{ printf "%s/%s/%s" $.root.Values.environment $.account . }}
        property: value
    {{- end }}
{{- end }}

{{- define "carefusion.secretVolume" -}}
{{- if eq .root.Values.vault.provider "externalSecrets" -}}
- name: secrets
  secret: {secretName: {{ .account }}-files, defaultMode: 0440}
{{- else -}}
- name: vault-token
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 600}
{{- end }}
{{- end }}

{{- define "carefusion.secretMount" -}}
{{- if eq .Values.vault.provider "externalSecrets" }}
- {name: secrets, mountPath: /vault/secrets, readOnly: true}
{{- end }}
{{- end }}
