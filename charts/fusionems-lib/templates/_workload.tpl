{{/* fleet.deployment runs a service. Replicas are left out where something else decides them, or each upgrade would set them back. */}}
{{- define "fleet.deployment" -}}
{{- $scope := dict "root" .root "account" .name "secrets" .topology.secrets -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  {{- if not .svc.autoscaling.enabled }}
  replicas: {{ .svc.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "fleet.labels" . | nindent 8 }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ .name }}
        {{- if eq .root.Values.vault.provider "injector" }}
        {{- include "fleet.vaultAnnotations" $scope | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ .name }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      securityContext: {{- include "fleet.podSecurity" . | nindent 8 }}
      topologySpreadConstraints: {{- include "fleet.spread" . | nindent 8 }}
      {{- with .svc.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .svc.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .svc.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      containers:
        - {{- include "fleet.container" . | nindent 10 }}
      volumes: {{- include "fleet.volumes" . | nindent 8 }}
{{- end }}

{{- define "fleet.container" -}}
name: {{ .name }}
image: {{ include "fleet.image" . }}
imagePullPolicy: {{ include "fleet.pullPolicy" . }}
args: [serve]
ports:
  - {name: main, containerPort: {{ include "fleet.port.main" . }}, protocol: TCP}
  - {name: admin, containerPort: {{ include "fleet.port.admin" . }}, protocol: TCP}
env: {{- include "fleet.environment" . | nindent 2 }}
startupProbe:
  httpGet: {path: /healthz, port: admin, scheme: HTTPS}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /readyz, port: admin, scheme: HTTPS}
  periodSeconds: 5
  timeoutSeconds: 3
livenessProbe:
  httpGet: {path: /healthz, port: admin, scheme: HTTPS}
  periodSeconds: 15
  timeoutSeconds: 3
  failureThreshold: 4
{{- /* Endpoints are withdrawn while the process still answers; without the pause calls would meet a closed port. */}}
lifecycle:
  preStop:
    sleep: {seconds: 5}
resources: {{- toYaml .svc.resources | nindent 2 }}
securityContext: {{- include "fleet.containerSecurity" . | nindent 2 }}
volumeMounts: {{- include "fleet.mounts" . | nindent 2 }}
{{- end }}

{{- define "fleet.mounts" -}}
- {name: tls, mountPath: /tls, readOnly: true}
- {name: trust, mountPath: /trust, readOnly: true}
{{- if eq .name "gateway" }}
- {name: edge, mountPath: /edge, readOnly: true}
{{- end }}
{{ include "fleet.secretMounts" (dict "root" .root) }}
{{- end }}

{{- define "fleet.volumes" -}}
- name: tls
  secret: {secretName: {{ .name }}-tls, defaultMode: 0440}
- name: trust
  configMap:
    name: {{ .root.Values.trustBundle.configMap }}
    defaultMode: 0444
    items: {{- include "fleet.trustItems" . | nindent 6 }}
{{- if eq .name "gateway" }}
- name: edge
  secret: {secretName: {{ .root.Values.gateway.edgeCertificate.secretName }}, defaultMode: 0440}
{{- end }}
{{ include "fleet.secretVolumes" (dict "root" .root "account" .name) }}
{{- end }}

{{- define "fleet.spread" -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
{{- end }}

{{/* fleet.service is headless inside the fleet, since a connection of gRPC sticks to one pod behind a virtual address. */}}
{{- define "fleet.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
  {{- if and (eq .name "gateway") .root.Values.gateway.service.annotations }}
  annotations: {{- toYaml .root.Values.gateway.service.annotations | nindent 4 }}
  {{- end }}
spec:
  {{- if eq .name "gateway" }}
  type: {{ .root.Values.gateway.service.type }}
  {{- else }}
  clusterIP: None
  {{- end }}
  selector: {{- include "fleet.selector" . | nindent 4 }}
  ports:
    - {name: main, port: {{ include "fleet.port.main" . }}, targetPort: main, protocol: TCP}
    {{- if ne .name "gateway" }}
    - {name: admin, port: {{ include "fleet.port.admin" . }}, targetPort: admin, protocol: TCP}
    {{- else }}
---
{{- /* Health and metrics of the gateway have a Service of their own: a load balancer of the other one would open them too. */}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}-admin
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector: {{- include "fleet.selector" . | nindent 4 }}
  ports:
    - {name: admin, port: {{ include "fleet.port.admin" . }}, targetPort: admin, protocol: TCP}
    {{- end }}
{{- end }}
