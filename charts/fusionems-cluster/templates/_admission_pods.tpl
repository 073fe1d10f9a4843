{{/* admission.podVariables find the containers and the annotations, wherever this shape of object keeps its pod. */}}
{{- define "admission.podVariables" -}}
- name: spec
  expression: "{{ . }}.spec"
- name: containers
  expression: "variables.spec.containers + (has(variables.spec.initContainers) ? variables.spec.initContainers : [])"
- name: guests
  expression: "has(variables.spec.ephemeralContainers) ? variables.spec.ephemeralContainers : []"
- name: annotations
  expression: "has({{ . }}.metadata) && has({{ . }}.metadata.annotations) ? {{ . }}.metadata.annotations : {}"
{{- end }}

{{- define "admission.podRules" -}}
{{- $vault := printf "%s/data/%s/" .own.secrets .environment -}}
{{- $images := list -}}
{{- range $delivery, $d := .deliveries }}{{ if ne $delivery $.delivery }}{{ $images = append $images $d.images }}{{ end }}{{ end -}}
{{- /* A container that is put into a running pod is looked at like those that it began with. */}}
{{- range $of := list "containers" "guests" }}
- expression: "variables.{{ $of }}.all(c, !has(c.env) || c.env.all(e, !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef)))"
  message: "secret_injection: a secret is a file from Vault, never a variable (secretKeyRef)"
- expression: "variables.{{ $of }}.all(c, !has(c.envFrom) || c.envFrom.all(e, !has(e.secretRef)))"
  message: "secret_injection: a secret is a file from Vault, never a variable (envFrom)"
- expression: "variables.{{ $of }}.all(c, !has(c.env) || c.env.all(e, !has(e.value) || !e.name.matches('(SECRET|PASSWORD|TOKEN|KEY|KEK|DATABASE_URL|REDIS_URL)$')))"
  message: "secret_injection: a secret is a file from Vault, never a literal in a variable"
{{- end }}
- expression: "!('vault.hashicorp.com/agent-inject' in variables.annotations) || variables.annotations['vault.hashicorp.com/agent-inject'] == 'true'"
  message: "secret_injection: the Vault agent may not be switched off"
- expression: "variables.annotations.all(k, !k.startsWith('vault.hashicorp.com/agent-inject-secret-') || variables.annotations[k].startsWith('{{ $vault }}'))"
  message: "this namespace reads secrets of {{ $vault }} only"
{{- /* The template decides what is read; the path beside it only names the file. */}}
- expression: "variables.annotations.all(k, !k.startsWith('vault.hashicorp.com/agent-inject-template-') || (variables.annotations[k].split('{{ "{{" }}').filter(part, part.contains('secret') || part.contains('pkiCert')).all(part, part.startsWith('- with secret \"{{ $vault }}'))))"
  message: "this namespace reads secrets of {{ $vault }} only, in templates too"
- expression: "!('vault.hashicorp.com/auth-path' in variables.annotations) || variables.annotations['vault.hashicorp.com/auth-path'] == 'auth/{{ .vaultAuthMount }}'"
  message: "this namespace signs in to Vault at auth/{{ .vaultAuthMount }} only"
- expression: "!('vault.hashicorp.com/role' in variables.annotations) || variables.annotations['vault.hashicorp.com/role'].startsWith('{{ .own.namespace }}-')"
  message: "this namespace signs in to Vault with roles named {{ .own.namespace }}-… only"
- expression: "!('vault.hashicorp.com/service' in variables.annotations) || variables.annotations['vault.hashicorp.com/service'].startsWith('https://')"
  message: "tls_only: Vault is reached over HTTPS"
{{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
- expression: "variables.containers.all(c, !has(c.{{ $probe }}) || !has(c.{{ $probe }}.httpGet) || (has(c.{{ $probe }}.httpGet.scheme) && c.{{ $probe }}.httpGet.scheme == 'HTTPS'))"
  message: "tls_only: probes use HTTPS ({{ $probe }})"
- expression: "variables.containers.all(c, !has(c.{{ $probe }}) || !has(c.{{ $probe }}.grpc))"
  message: "tls_only: probes use HTTPS, and those of gRPC speak plain text ({{ $probe }})"
{{- end }}
{{- if eq .environment "prod" }}
{{- range $of := list "containers" "guests" }}
- expression: "variables.{{ $of }}.all(c, c.image.matches('@sha256:[0-9a-f]{64}$'))"
  message: "prod takes images by digest only"
{{- end }}
{{- end }}
{{- range $of := list "containers" "guests" }}
- expression: "variables.{{ $of }}.all(c, !c.image.matches('/({{ join "|" $images }})(/[^/]+)$'))"
  message: "this namespace runs no images of another delivery ({{ join ", " $images }})"
{{- end }}
- expression: "!has(variables.spec.hostNetwork) || !variables.spec.hostNetwork"
  message: "a pod in the node's network is outside of every network policy"
{{- end }}
