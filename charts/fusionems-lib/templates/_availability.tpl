{{/* fleet.disruption keeps a service up while nodes are drained; one replica cannot be protected, so it gets no budget that blocks a drain. */}}
{{- define "fleet.disruption" -}}
{{- if gt (int (ternary .svc.autoscaling.minReplicas .svc.replicas .svc.autoscaling.enabled)) 1 -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{/* fleet.autoscaling is an HPA, or a ScaledObject of KEDA when the depth of a queue counts too: both would fight over the replicas. */}}
{{- define "fleet.autoscaling" -}}
{{- $a := .svc.autoscaling -}}
{{- if and $a.enabled (not $a.queue.enabled) -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  minReplicas: {{ $a.minReplicas }}
  maxReplicas: {{ $a.maxReplicas }}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ $a.targetCPUUtilizationPercentage }}}}
  behavior: {scaleDown: {stabilizationWindowSeconds: 300}}
{{- else if $a.enabled -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ .name }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  scaleTargetRef: {name: {{ .name }}}
  minReplicaCount: {{ $a.minReplicas }}
  maxReplicaCount: {{ $a.maxReplicas }}
  triggers:
    - type: cpu
      metricType: Utilization
      metadata: {value: {{ $a.targetCPUUtilizationPercentage | quote }}}
    {{- range $a.queue.streams }}
    - type: nats-jetstream
      metadata:
        natsServerMonitoringEndpoint: {{ $a.queue.monitoringEndpoint | quote }}
        account: {{ $a.queue.account | quote }}
        stream: {{ .stream | quote }}
        consumer: {{ .consumer | quote }}
        lagThreshold: {{ int64 $a.queue.lagThreshold | quote }}
        useHttps: "true"
    {{- end }}
{{- end }}
{{- end }}
