{{/*
Secrets arrive as files in /vault/secrets, by one of two providers; both read the same paths of the delivery's own mount:
  <mount>/data/<environment>/<service>/<secret>, field "value".
*/}}
{{- define "fleet.secretPath" -}}
{{ .root.Values.vault.mount }}/data/{{ .root.Values.environment }}/{{ .account }}/{{ .secret }}
{{- end }}

{{/* fleet.vaultAnnotations make the Vault agent write the files. .account is whose files, .secrets their names, .once for a Job. */}}
{{- define "fleet.vaultAnnotations" -}}
vault.hashicorp.com/agent-inject: "true"
vault.hashicorp.com/auth-path: {{ printf "auth/%s" .root.Values.vault.authMount | quote }}
vault.hashicorp.com/role: {{ printf "%s-%s" .root.Release.Namespace .account | quote }}
vault.hashicorp.com/service: {{ .root.Values.vault.address | quote }}
vault.hashicorp.com/agent-service-account-token-volume-name: vault-token
vault.hashicorp.com/agent-run-as-user: "65532"
vault.hashicorp.com/agent-run-as-group: "65532"
vault.hashicorp.com/agent-set-security-context: "true"
{{- if .once }}
vault.hashicorp.com/agent-pre-populate-only: "true"
{{- end }}
{{- range $secret := .secrets }}
vault.hashicorp.com/agent-inject-secret-{{ $secret }}: {{ include "fleet.secretPath" (dict "root" $.root "account" $.account "secret" $secret) | quote }}
vault.hashicorp.com/agent-inject-template-{{ $secret }}: {{ printf "{{- with secret \"%s\" -}}{{ .Data.data.value }}{{- end -}}" (include "fleet.secretPath" (dict "root" $.root "account" $.account "secret" $secret)) | quote }}
{{- end }}
{{- end }}

{{/* fleet.externalSecret copies the same paths into a Secret that is mounted as files; it is never read as a variable. */}}
{{- define "fleet.externalSecret" -}}
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {{ .account }}-files
  labels: {{- include "fleet.labels" (dict "root" .root "name" .account) | nindent 4 }}
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

{{/* fleet.secretVolumes and fleet.secretMounts are what a pod needs for the provider in use. */}}
{{- define "fleet.secretVolumes" -}}
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
{{- define "fleet.secretMounts" -}}
{{- if eq .root.Values.vault.provider "externalSecrets" -}}
- {name: secrets, mountPath: /vault/secrets, readOnly: true}
{{- end }}
{{- end }}
