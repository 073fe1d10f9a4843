{{/*
fleet.selftest is what `helm test` runs for a service: its own image, certificate, account and login, beside the running pods. Its labels are
its own, or the Service would send it calls and the disruption budget would count it; so it has a policy of its own too, as narrow as
the service's and with the service itself as one more peer. The policy is there before the test is asked for: a Pod that is a hook would
start while a policy that is a hook is still being made known to the nodes.
*/}}
{{- define "fleet.selftest" -}}
{{- $test := dict "root" .root "name" (include "fleet.selftestName" .name) -}}
{{- $calls := ternary .topology.calls (append .topology.calls .name) (eq .name "gateway") -}}
{{- $asked := merge (dict "topology" (merge (dict "calls" $calls) .topology)) . -}}
{{- $secrets := dict "root" .root "account" .name "secrets" .topology.secrets "once" true -}}
{{- include "fleet.selftestPolicy" (dict "scope" . "test" $test "calls" $calls) }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ $test.name }}
  labels: {{- include "fleet.labels" $test | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
    {{- if eq .root.Values.vault.provider "injector" }}
    {{- include "fleet.vaultAnnotations" $secrets | nindent 4 }}
    {{- end }}
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 600
  serviceAccountName: {{ .name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext: {{- include "fleet.podSecurity" . | nindent 4 }}
  containers:
    - name: selftest
      image: {{ include "fleet.image" . }}
      imagePullPolicy: {{ include "fleet.pullPolicy" . }}
      args: [selftest]
      env: {{- include "fleet.environment" $asked | nindent 8 }}
      resources:
        requests: {cpu: 50m, memory: 64Mi, ephemeral-storage: 16Mi}
        limits: {memory: 256Mi, ephemeral-storage: 64Mi}
      securityContext: {{- include "fleet.containerSecurity" . | nindent 8 }}
      volumeMounts: {{- include "fleet.mounts" . | nindent 8 }}
  volumes: {{- include "fleet.volumes" . | nindent 4 }}
{{- end }}

{{- define "fleet.selftestName" -}}{{ . }}-selftest{{- end }}

{{- define "fleet.selftestPolicy" -}}
{{- $all := include "fleet.topology" . | fromYaml -}}
{{- $v := .test.root.Values -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .test.name }}
  labels: {{- include "fleet.labels" .test | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "fleet.selector" .test | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    {{- range $callee := .calls }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" (list (include "fleet.servicePeer" (dict "root" $.test.root "name" $callee "delivery" (index $all $callee).delivery) | fromYaml)) "port" (include "fleet.port.main" $)) | nindent 6 }}
    {{- end }}
    {{- range $what := .scope.topology.uses }}
    {{- with (index $v $what).peers }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" . "port" (index $v $what).port) | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- if eq $v.vault.provider "injector" }}
    - {{- include "fleet.rule" (dict "direction" "to" "peers" $v.vault.peers "port" $v.vault.port) | nindent 6 }}
    {{- end }}
{{- end }}
