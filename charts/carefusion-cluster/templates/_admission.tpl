{{/*
admission.policy is one policy for one shape of object, since the apiserver checks an expression against the types it is asked about, and
what binds it to the namespace: a policy that nothing binds denies nothing.
*/}}
{{- define "admission.policy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .own.namespace }}-{{ .name }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      {{- range $group, $resources := .resources }}
      - {apiGroups: [{{ $group | quote }}], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [{{ join ", " $resources }}]}
      {{- end }}
  {{- with .variables }}
  variables: {{- . | nindent 4 }}
  {{- end }}
  validations: {{- .validations | nindent 4 }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .own.namespace }}-{{ .name }}
spec:
  policyName: {{ .own.namespace }}-{{ .name }}
  validationActions: [Deny, Audit]
  matchResources:
    namespaceSelector:
      matchLabels: {kubernetes.io/metadata.name: {{ .own.namespace }}}
{{- end }}

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
{{- /* A container that is put into a running pod is looked at like those that it began with. */}}
{{- range $of := list "containers" "guests" }}
- expression: "variables.{{ $of }}.all(c, !has(c.env) || c.env.all(e, !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef)))"
  message: "secret_injection: a secret is a file from Vault, never a variable (secretKeyRef)"
- expression: "variables.{{ $of }}.all(c, !has(c.envFrom) || c.envFrom.all(e, !has(e.secretRef)))"
  message: "secret_injection: a secret is a file from Vault, never a variable (envFrom)"
- expression: "variables.{{ $of }}.all(c, !has(c.env) || c.env.all(e, !has(e.value) || !e.name.matches('(SECRET|PASSWORD|TOKEN|KEY|KEK|DATABASE_URL)$')))"
  message: "secret_injection: a secret is a file from Vault, never a literal in a variable"
{{- end }}
- expression: "!('vault.hashicorp.com/agent-inject' in variables.annotations) || variables.annotations['vault.hashicorp.com/agent-inject'] == 'true'"
  message: "secret_injection: the Vault agent may not be switched off"
- expression: "variables.annotations.all(k, !k.startsWith('vault.hashicorp.com/agent-inject-secret-') || variables.annotations[k].startsWith('{{ $vault }}'))"
  message: "telehealth reads secrets of {{ $vault }} only"
{{- /* The template decides what is read; the path beside it only names the file. */}}
- expression: "variables.annotations.all(k, !k.startsWith('vault.hashicorp.com/agent-inject-template-') || (variables.annotations[k].split('{{ "{{" }}').filter(part, part.contains('secret') || part.contains('pkiCert')).all(part, part.startsWith('- with secret \"{{ $vault }}'))))"
  message: "telehealth reads secrets of {{ $vault }} only, in templates too"
- expression: "!('vault.hashicorp.com/auth-path' in variables.annotations) || variables.annotations['vault.hashicorp.com/auth-path'] == 'auth/{{ .own.vault_auth }}'"
  message: "telehealth signs in to Vault at auth/{{ .own.vault_auth }} only"
- expression: "!('vault.hashicorp.com/role' in variables.annotations) || variables.annotations['vault.hashicorp.com/role'].startsWith('{{ .own.namespace }}-')"
  message: "telehealth signs in to Vault with roles named {{ .own.namespace }}-… only"
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
{{- /* The agent is not telehealth's own: Vault's webhook puts it beside the container before this is asked. */}}
- expression: "variables.containers.all(c, c.name in ['vault-agent', 'vault-agent-init'] || c.image.matches('/{{ .own.images }}/[^/]+$'))"
  message: "telehealth runs images of {{ .own.images }} only"
- expression: "variables.guests.all(c, c.image.matches('/{{ .own.images }}/[^/]+$'))"
  message: "telehealth runs images of {{ .own.images }} only, in a running pod too"
- expression: "!has(variables.spec.hostNetwork) || !variables.spec.hostNetwork"
  message: "a pod in the node's network is outside of every network policy"
{{- end }}

{{- define "admission.networkRules" -}}
{{- $label := "kubernetes.io/metadata.name" -}}
{{- $named := printf "['%s']" (join "', '" .peers) -}}
{{- range $rules, $peers := dict "ingress" "from" "egress" "to" }}
- expression: "!has(object.spec.{{ $rules }}) || object.spec.{{ $rules }}.all(r, has(r.{{ $peers }}) && size(r.{{ $peers }}) > 0 && r.{{ $peers }}.all(p, !has(p.namespaceSelector) || (has(p.namespaceSelector.matchLabels) && '{{ $label }}' in p.namespaceSelector.matchLabels && p.namespaceSelector.matchLabels['{{ $label }}'] in {{ $named }})))"
  message: "a network policy of telehealth names its peers ({{ $rules }}): pods of {{ join ", " $.peers }}, told by {{ $label }}"
{{- end }}
{{- /* LiveKit may be outside of the cluster and calls in too; browsers come in by the edge, so nobody from outside needs a wide network. */}}
- expression: "!has(object.spec.ingress) || object.spec.ingress.all(r, !has(r.from) || r.from.all(p, !has(p.ipBlock) || int(p.ipBlock.cidr.split('/')[1]) >= 16))"
  message: "a network policy of telehealth lets in networks of at least /16 only: browsers come in by {{ .own.edge }}"
- expression: "!has(object.spec.egress) || object.spec.egress.all(r, !has(r.to) || r.to.all(p, !has(p.ipBlock) || int(p.ipBlock.cidr.split('/')[1]) >= 8))"
  message: "a network policy opens no way to everywhere: networks of at least /8"
{{- end }}
