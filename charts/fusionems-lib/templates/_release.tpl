{{/*
fleet.release renders a delivery: for each of its services identity, Service, network policy, Deployment and what keeps it available, then
the namespace's default-deny, the migrations, monitoring, the self-test and the operator's own objects.
*/}}
{{- define "fleet.release" -}}
{{- include "fleet.check" . }}
{{- $topology := include "fleet.topology" . | fromYaml }}
{{- range $name := include "fleet.delivered" . | fromJsonArray }}
{{- $facts := index $topology $name }}
{{- $scope := dict "root" $.root "delivery" $.delivery "name" $name "account" $name "svc" (index $.root.Values.services $name) "topology" $facts "secrets" $facts.secrets }}
---
{{ include "fleet.identity" $scope }}
---
{{ include "fleet.service" $scope }}
---
{{ include "fleet.networkPolicy" $scope }}
---
{{ include "fleet.deployment" $scope }}
---
{{ include "fleet.disruption" $scope }}
---
{{ include "fleet.selftest" $scope }}
---
{{ include "fleet.autoscaling" $scope }}
{{- if eq $.root.Values.vault.provider "externalSecrets" }}
---
{{ include "fleet.externalSecret" $scope }}
{{- end }}
{{- if $.root.Values.monitoring.enabled }}
---
{{ include "fleet.serviceMonitor" $scope }}
{{- end }}
{{- end }}
---
{{ include "fleet.defaultDeny" . }}
{{- if ne .root.Values.migrations.mode "external" }}
---
{{ include "fleet.migrate" . }}
{{- end }}
{{- if .root.Values.monitoring.enabled }}
---
{{ include "fleet.alerts" . }}
---
{{ include "fleet.dashboard" . }}
{{- end }}
{{- range .root.Values.extraObjects }}
{{- $object := tpl (toYaml .) $.root | fromYaml }}
{{- include "fleet.checkObject" (dict "object" $object "namespace" $.root.Release.Namespace) }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}
