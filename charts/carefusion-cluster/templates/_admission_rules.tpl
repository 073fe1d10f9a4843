{{- define "admission.serviceRules" -}}
- expression: "!has(object.spec.type) || object.spec.type == 'ClusterIP'"
  message: "private networking: browsers come in by {{ .own.edge }}; no Service of telehealth is open to others"
- expression: "!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0"
  message: "private networking: no external addresses"
{{- end }}

{{- define "admission.roleRules" -}}
- expression: "!has(object.subjects) || object.subjects.all(s, s.kind != 'ServiceAccount' || (has(s.namespace) && s.namespace in ['{{ join "', '" .peers }}']))"
  message: "no account of another namespace gets rights here but those of {{ join ", " .peers }}"
- expression: "!has(object.subjects) || object.subjects.all(s, s.kind != 'Group' || (!s.name.startsWith('system:serviceaccounts') && !(s.name in ['system:authenticated', 'system:unauthenticated'])))"
  message: "no group that holds accounts of other namespaces gets rights here"
{{- end }}

{{- define "admission.certificateRules" -}}
- expression: "!has(object.spec.uris) || object.spec.uris.all(u, u == 'spiffe://{{ .own.trust_domain }}' || u.startsWith('spiffe://{{ .own.trust_domain }}/'))"
  message: "telehealth has identities of the trust domain {{ .own.trust_domain }} only"
- expression: "!has(object.spec.issuerRef.kind) || object.spec.issuerRef.kind == 'Issuer'"
  message: "a certificate comes from an Issuer of this namespace: a ClusterIssuer signs for every namespace"
{{- end }}

{{- define "admission.externalSecretRules" -}}
- expression: "!has(object.spec.secretStoreRef) || !has(object.spec.secretStoreRef.kind) || object.spec.secretStoreRef.kind == 'SecretStore'"
  message: "secrets come from a SecretStore of this namespace: a ClusterSecretStore reads for every namespace"
- expression: "!has(object.spec.data) || object.spec.data.all(d, d.remoteRef.key.startsWith('{{ .environment }}/') && !has(d.sourceRef))"
  message: "telehealth reads secrets of {{ .own.secrets }}/data/{{ .environment }}/ only"
- expression: "!has(object.spec.dataFrom)"
  message: "each secret is named: dataFrom takes what happens to be there"
{{- end }}

{{- define "admission.storeRules" -}}
- expression: "has(object.spec.provider.vault) && has(object.spec.provider.vault.path) && object.spec.provider.vault.path == '{{ .own.secrets }}'"
  message: "secret_injection: a store of telehealth reads the Vault mount {{ .own.secrets }} only"
{{- end }}
