{{/*
admission.policy refuses in the apiserver what the charts refuse while they render: whoever applies objects past the charts meets it.
It looks at pods and at what makes pods, since a Deployment that no pod can come of should be refused itself.
*/}}
{{- define "admission.policy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .own.namespace }}-guardrails
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods, services, secrets]}
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments, statefulsets, daemonsets]}
      - {apiGroups: [batch], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [jobs]}
      - {apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [networkpolicies]}
  variables:
    - name: template
      expression: "object.kind == 'Pod' ? object : (has(object.spec) && has(object.spec.template) ? object.spec.template : null)"
    - name: containers
      expression: "variables.template == null || !has(variables.template.spec) ? [] : (has(variables.template.spec.initContainers) ? variables.template.spec.initContainers : []) + variables.template.spec.containers"
    - name: annotations
      expression: "variables.template != null && has(variables.template.metadata) && has(variables.template.metadata.annotations) ? variables.template.metadata.annotations : {}"
  validations:
    - expression: "variables.containers.all(c, !has(c.env) || c.env.all(e, !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef)))"
      message: "secret_injection: a secret is a file from Vault, never a variable (secretKeyRef)"
    - expression: "variables.containers.all(c, !has(c.envFrom) || c.envFrom.all(e, !has(e.secretRef)))"
      message: "secret_injection: a secret is a file from Vault, never a variable (envFrom)"
    - expression: "!('vault.hashicorp.com/agent-inject' in variables.annotations) || variables.annotations['vault.hashicorp.com/agent-inject'] == 'true'"
      message: "secret_injection: the Vault agent may not be switched off"
    - expression: "variables.annotations.all(k, !k.startsWith('vault.hashicorp.com/agent-inject-secret-') || variables.annotations[k].startsWith('{{ .own.secrets }}/data/{{ .root.Values.environment }}/'))"
      message: "this namespace reads secrets of {{ .own.secrets }}/data/{{ .root.Values.environment }}/ only"
    - expression: "!('vault.hashicorp.com/auth-path' in variables.annotations) || variables.annotations['vault.hashicorp.com/auth-path'] == 'auth/{{ .root.Values.vaultAuthMount }}'"
      message: "this namespace signs in to Vault at auth/{{ .root.Values.vaultAuthMount }} only"
    - expression: "variables.containers.all(c, !has(c.livenessProbe) || !has(c.livenessProbe.httpGet) || (has(c.livenessProbe.httpGet.scheme) && c.livenessProbe.httpGet.scheme == 'HTTPS'))"
      message: "tls_only: probes use HTTPS"
    - expression: "variables.containers.all(c, !has(c.readinessProbe) || !has(c.readinessProbe.httpGet) || (has(c.readinessProbe.httpGet.scheme) && c.readinessProbe.httpGet.scheme == 'HTTPS'))"
      message: "tls_only: probes use HTTPS"
    {{- if eq .root.Values.environment "prod" }}
    - expression: "variables.containers.all(c, c.image.contains('@sha256:'))"
      message: "prod takes images by digest only"
    {{- end }}
    - expression: "variables.template == null || !has(variables.template.spec) || !has(variables.template.spec.hostNetwork) || !variables.template.spec.hostNetwork"
      message: "a pod in the node's network is outside of every network policy"
    - expression: "object.kind != 'Service' || !has(object.spec.type) || !(object.spec.type in ['NodePort', 'ExternalName'])"
      message: "private networking: no NodePort and no ExternalName"
    - expression: "object.kind != 'Service' || !has(object.spec.type) || object.spec.type != 'LoadBalancer' || object.metadata.name == 'gateway'"
      message: "private networking: only the gateway may have a load balancer"
    - expression: "object.kind != 'NetworkPolicy' || !has(object.spec.ingress) || object.spec.ingress.all(r, has(r.from) && r.from.all(p, !has(p.namespaceSelector) || (has(p.namespaceSelector.matchLabels) && 'kubernetes.io/metadata.name' in p.namespaceSelector.matchLabels)))"
      message: "a network policy tells namespaces by kubernetes.io/metadata.name: other labels can be given by whoever makes a namespace"
    - expression: "object.kind != 'NetworkPolicy' || !has(object.spec.egress) || object.spec.egress.all(r, has(r.to) && r.to.all(p, !has(p.ipBlock) || !(p.ipBlock.cidr in ['0.0.0.0/0', '::/0'])))"
      message: "a network policy opens no way to everywhere"
{{- end }}
