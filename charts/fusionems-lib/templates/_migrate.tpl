{{/*
fleet.migrate brings the schemas to the version of this release before anything of it runs: one Job, a container for each service, all
at once. Its account and its policy are hooks of lower weight: on an upgrade the namespace's default-deny is there already, and a Job
without a policy of its own would wait for ever.
*/}}
{{- define "fleet.migrate" -}}
{{- $names := list -}}
{{- $secrets := list -}}
{{- range $name := include "fleet.delivered" . | fromJsonArray -}}
{{- if has "postgres" (index (include "fleet.topology" $ | fromYaml) $name).uses -}}
{{- $names = append $names $name -}}
{{- $secrets = append $secrets (printf "%s-migrator-database-url" $name) -}}
{{- end -}}
{{- end -}}
{{- $hook := eq .root.Values.migrations.mode "hook" -}}
{{- $before := dict "argocd.argoproj.io/sync-wave" "-2" -}}
{{- if $hook }}{{ $before = merge $before (dict "helm.sh/hook" "pre-install,pre-upgrade,pre-rollback" "helm.sh/hook-weight" "-20" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded") }}{{ end -}}
{{- $scope := dict "root" .root "name" "migrate" "account" "migrate" "secrets" $secrets "once" true -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: migrate
  labels: {{- include "fleet.labels" $scope | nindent 4 }}
  annotations: {{- toYaml $before | nindent 4 }}
automountServiceAccountToken: false
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: migrate
  labels: {{- include "fleet.labels" $scope | nindent 4 }}
  annotations: {{- toYaml $before | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "fleet.selector" $scope | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    - {{- include "fleet.dns" . | nindent 6 }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" .root.Values.postgres.peers "port" .root.Values.postgres.port) | nindent 6 }}
    {{- if eq .root.Values.vault.provider "injector" }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" .root.Values.vault.peers "port" .root.Values.vault.port) | nindent 6 }}
    {{- end }}
{{- if eq .root.Values.vault.provider "externalSecrets" }}
---
{{ include "fleet.externalSecret" (merge (dict "annotations" $before) $scope) }}
{{- end }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate{{ if not $hook }}-{{ .root.Release.Revision }}{{ end }}
  labels: {{- include "fleet.labels" $scope | nindent 4 }}
  annotations:
    {{- if $hook }}
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback
    helm.sh/hook-weight: "0"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    {{- else }}
    {{- /* Every revision is the first one to Argo CD, and a Job cannot be changed. */}}
    argocd.argoproj.io/sync-options: Force=true,Replace=true
    {{- end }}
    argocd.argoproj.io/sync-wave: "-1"
spec:
  backoffLimit: 3
  activeDeadlineSeconds: {{ .root.Values.migrations.timeoutSeconds }}
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels: {{- include "fleet.labels" $scope | nindent 8 }}
      {{- if eq .root.Values.vault.provider "injector" }}
      annotations: {{- include "fleet.vaultAnnotations" $scope | nindent 8 }}
      {{- end }}
    spec:
      restartPolicy: Never
      serviceAccountName: migrate
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      securityContext: {{- include "fleet.podSecurity" . | nindent 8 }}
      containers:
        {{- range $name := $names }}
        - name: {{ $name }}
          image: {{ include "fleet.image" (dict "root" $.root "delivery" $.delivery "name" $name "svc" (index $.root.Values.services $name)) }}
          imagePullPolicy: {{ include "fleet.pullPolicy" (dict "svc" (index $.root.Values.services $name)) }}
          args: [migrate]
          env:
            - {name: FLEET_MIGRATOR_DATABASE_URL_FILE, value: {{ printf "/vault/secrets/%s-migrator-database-url" $name }}}
          resources:
            requests: {cpu: 50m, memory: 64Mi, ephemeral-storage: 16Mi}
            limits: {memory: 256Mi, ephemeral-storage: 64Mi}
          securityContext: {{- include "fleet.containerSecurity" $ | nindent 12 }}
          {{- with include "fleet.secretMounts" (dict "root" $.root) }}
          volumeMounts: {{- . | nindent 12 }}
          {{- end }}
        {{- end }}
      volumes: {{- include "fleet.secretVolumes" $scope | nindent 8 }}
{{- end }}
