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
