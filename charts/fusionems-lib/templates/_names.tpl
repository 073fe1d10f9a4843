{{/* fleet.labels of an object that belongs to a service; .root is the chart's scope, .name the service. */}}
{{- define "fleet.labels" -}}
{{ include "fleet.selector" . }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
fusionems.com/environment: {{ .root.Values.environment }}
{{- end }}

{{/* fleet.selector never changes over the life of a release: a Deployment's selector is immutable. */}}
{{- define "fleet.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* fleet.image is registry/family/name@digest. A tag beside a digest is for people; the digest decides. */}}
{{- define "fleet.image" -}}
{{- $image := .svc.image | default dict -}}
{{- $family := (index (include "fleet.guardrails" .root | fromYaml).environment_separation .delivery).images -}}
{{- $registry := required "image.registry: name the registry that holds the images, e.g. registry.example.org/ems" .root.Values.image.registry -}}
{{- $ref := printf "%s/%s/%s" $registry $family .name -}}
{{- if $image.tag }}{{ $ref = printf "%s:%s" $ref $image.tag }}{{ end -}}
{{- if $image.digest }}{{ $ref = printf "%s@%s" $ref $image.digest }}{{ end -}}
{{- if not (or $image.tag $image.digest) }}{{ fail (printf "services.%s.image: a digest is needed (a tag will do outside prod); `make images` writes digests.yaml" .name) }}{{ end -}}
{{- $ref -}}
{{- end }}

{{/* A tag may have moved since the node pulled it; a digest cannot, and then a registry that is away stops no pod. */}}
{{- define "fleet.pullPolicy" -}}
{{ ternary "IfNotPresent" "Always" (ne ((.svc.image | default dict).digest | default "") "") }}
{{- end }}

{{/* fleet.guardrails is the guardrails file of the chart, which charts/guardrails.yaml is copied into. */}}
{{- define "fleet.guardrails" -}}
{{- .Files.Get "guardrails.yaml" | required "the chart has no guardrails.yaml: build it with make charts" -}}
{{- end }}

{{/* fleet.delivered lists the services of this chart's delivery by name. */}}
{{- define "fleet.delivered" -}}
{{- $names := list -}}
{{- range $name, $t := include "fleet.topology" .root | fromYaml -}}
{{- if eq $t.delivery $.delivery }}{{ $names = append $names $name }}{{ end -}}
{{- end -}}
{{- sortAlpha $names | toJson -}}
{{- end }}

{{/* fleet.podSecurity and fleet.containerSecurity are the restricted profile of the Pod Security Standards, for every pod. */}}
{{- define "fleet.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "fleet.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}
