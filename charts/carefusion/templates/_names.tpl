{{/* carefusion.selector never changes over the life of a release: a Deployment's selector is immutable. .name is the part. */}}
{{- define "carefusion.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "carefusion.labels" -}}
{{ include "carefusion.selector" . }}
app.kubernetes.io/part-of: carefusion
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
carefusion.com/environment: {{ .root.Values.environment }}
{{- end }}

{{/* carefusion.image is registry/carefusion/carefusion@digest. A tag beside a digest is for people; the digest decides. */}}
{{- define "carefusion.image" -}}
{{- $image := .Values.image -}}
{{- $registry := required "image.registry: name the registry that holds the image, e.g. registry.example.org" $image.registry -}}
{{- $ref := printf "%s/%s/carefusion" $registry (include "carefusion.own" . | fromYaml).images -}}
{{- if $image.tag }}{{ $ref = printf "%s:%s" $ref $image.tag }}{{ end -}}
{{- if $image.digest }}{{ $ref = printf "%s@%s" $ref $image.digest }}{{ end -}}
{{- if not (or $image.tag $image.digest) }}{{ fail "image: a digest is needed (a tag will do outside prod); `make images` writes digests.yaml" }}{{ end -}}
{{- $ref -}}
{{- end }}

{{/* A tag may have moved since the node pulled it; a digest cannot, and then a registry that is away stops no pod. */}}
{{- define "carefusion.pullPolicy" -}}
{{ ternary "IfNotPresent" "Always" (ne (.Values.image.digest | default "") "") }}
{{- end }}

{{/* carefusion.guardrails is the part of charts/guardrails.yaml that is about this delivery; `make charts` writes it. */}}
{{- define "carefusion.guardrails" -}}
{{- .Files.Get "guardrails.yaml" | required "the chart has no guardrails.yaml: build it with make charts" -}}
{{- end }}
{{- define "carefusion.own" -}}
{{- toYaml (include "carefusion.guardrails" . | fromYaml).environment_separation.carefusion -}}
{{- end }}

{{/* The restricted profile of the Pod Security Standards, for every pod. */}}
{{- define "carefusion.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "carefusion.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "carefusion.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
