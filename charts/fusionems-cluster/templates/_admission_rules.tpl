{{- define "admission.serviceRules" -}}
- expression: "!has(object.spec.type) || !(object.spec.type in ['NodePort', 'ExternalName'])"
  message: "private networking: no NodePort and no ExternalName"
- expression: "!has(object.spec.externalIPs) || size(object.spec.externalIPs) == 0"
  message: "private networking: no external addresses"
{{- if eq .delivery "fusionems" }}
- expression: "!has(object.spec.type) || object.spec.type != 'LoadBalancer' || object.metadata.name == 'gateway'"
  message: "private networking: only the gateway may have a load balancer"
{{- else }}
- expression: "!has(object.spec.type) || object.spec.type != 'LoadBalancer'"
  message: "private networking: no load balancer"
{{- end }}
{{- end }}

{{/*
admission.networkVariables name whom a policy is for, and which of the other deliveries' pods may be its peers. The self-test of a service calls
with its account and its certificate, so it may call whom the service may.
*/}}
{{- define "admission.networkVariables" -}}
{{- $foreign := list -}}
{{- range $delivery, $d := .deliveries }}{{ if ne $delivery $.delivery }}{{ $foreign = append $foreign (squote $d.namespace) }}{{ end }}{{ end -}}
{{- $out := list }}{{ $in := list -}}
{{- range .crossings -}}
{{- $from := splitList "/" .from }}{{ $to := splitList "/" .to -}}
{{- range $role := list (last $from) (printf "%s-selftest" (last $from)) -}}
{{- if eq (first $from) $.delivery }}{{ $out = append $out (squote (printf "%s>%s/%s" $role (index $.deliveries (first $to)).namespace (last $to))) }}{{ end -}}
{{- if eq (first $to) $.delivery }}{{ $in = append $in (squote (printf "%s<%s/%s" (last $to) (index $.deliveries (first $from)).namespace $role)) }}{{ end -}}
{{- end -}}
{{- end -}}
- name: self
  expression: "has(object.spec.podSelector.matchLabels) && 'app.kubernetes.io/name' in object.spec.podSelector.matchLabels ? object.spec.podSelector.matchLabels['app.kubernetes.io/name'] : ''"
- name: foreign
  expression: "[{{ join ", " $foreign }}]"
- name: mayCall
  expression: "[{{ join ", " $out }}]"
- name: mayBeCalledBy
  expression: "[{{ join ", " $in }}]"
{{- end }}

{{- define "admission.networkRules" -}}
{{- $label := "kubernetes.io/metadata.name" }}{{ $name := "app.kubernetes.io/name" -}}
{{- range $d := list (dict "rules" "ingress" "peers" "from" "arrow" "<" "allowed" "mayBeCalledBy") (dict "rules" "egress" "peers" "to" "arrow" ">" "allowed" "mayCall") -}}
{{- $each := printf "!has(object.spec.%s) || object.spec.%s.all(r, has(r.%s) && size(r.%s) > 0 && r.%s.all(p, " $d.rules $d.rules $d.peers $d.peers $d.peers }}
- expression: "{{ $each }}true))"
  message: "a network policy names its peers: a rule without {{ $d.peers }} is open to all"
- expression: "{{ $each }}!has(p.namespaceSelector) || (has(p.namespaceSelector.matchLabels) && '{{ $label }}' in p.namespaceSelector.matchLabels)))"
  message: "a network policy tells namespaces by {{ $label }}: other labels can be given by whoever makes a namespace"
- expression: "{{ $each }}!has(p.namespaceSelector) || !has(p.namespaceSelector.matchLabels) || !('{{ $label }}' in p.namespaceSelector.matchLabels) || !(p.namespaceSelector.matchLabels['{{ $label }}'] in variables.foreign) || (has(p.podSelector) && has(p.podSelector.matchLabels) && '{{ $name }}' in p.podSelector.matchLabels && (variables.self + '{{ $d.arrow }}' + p.namespaceSelector.matchLabels['{{ $label }}'] + '/' + p.podSelector.matchLabels['{{ $name }}']) in variables.{{ $d.allowed }})))"
  message: "a network policy crosses the boundary of a delivery by the permitted crossings only ({{ $d.rules }})"
{{- end }}
- expression: "!has(object.spec.egress) || object.spec.egress.all(r, !has(r.to) || r.to.all(p, !has(p.ipBlock) || int(p.ipBlock.cidr.split('/')[1]) >= 8))"
  message: "a network policy opens no way to everywhere: networks of at least /8"
{{- end }}

{{- define "admission.roleRules" -}}
{{- $foreign := list -}}
{{- range $delivery, $d := .deliveries }}{{ if ne $delivery $.delivery }}{{ $foreign = append $foreign (squote $d.namespace) }}{{ end }}{{ end -}}
- expression: "!has(object.subjects) || object.subjects.all(s, !has(s.namespace) || !(s.namespace in [{{ join ", " $foreign }}]))"
  message: "no account of another delivery gets rights here"
- expression: "!has(object.subjects) || object.subjects.all(s, s.kind != 'Group' || !(s.name in ['system:serviceaccounts', 'system:authenticated', 'system:unauthenticated'{{ range $delivery, $d := .deliveries }}{{ if ne $delivery $.delivery }}, 'system:serviceaccounts:{{ $d.namespace }}'{{ end }}{{ end }}]))"
  message: "no group that holds accounts of another delivery gets rights here"
{{- end }}

{{- define "admission.certificateRules" -}}
- expression: "!has(object.spec.uris) || object.spec.uris.all(u, u == 'spiffe://{{ .own.trust_domain }}' || u.startsWith('spiffe://{{ .own.trust_domain }}/'))"
  message: "this namespace has identities of the trust domain {{ .own.trust_domain }} only"
- expression: "!has(object.spec.issuerRef.kind) || object.spec.issuerRef.kind == 'Issuer'"
  message: "a certificate comes from an Issuer of this namespace: a ClusterIssuer signs for every namespace"
{{- end }}

{{- define "admission.externalSecretRules" -}}
- expression: "!has(object.spec.secretStoreRef) || !has(object.spec.secretStoreRef.kind) || object.spec.secretStoreRef.kind == 'SecretStore'"
  message: "secrets come from a SecretStore of this namespace: a ClusterSecretStore reads for every namespace"
- expression: "!has(object.spec.data) || object.spec.data.all(d, d.remoteRef.key.startsWith('{{ .environment }}/') && !has(d.sourceRef))"
  message: "this namespace reads secrets of {{ .own.secrets }}/data/{{ .environment }}/ only"
- expression: "!has(object.spec.dataFrom)"
  message: "each secret is named: dataFrom takes what happens to be there"
{{- end }}

{{- define "admission.storeRules" -}}
- expression: "has(object.spec.provider.vault) && has(object.spec.provider.vault.path) && object.spec.provider.vault.path == '{{ .own.secrets }}'"
  message: "secret_injection: a store of this namespace reads the Vault mount {{ .own.secrets }} only"
{{- end }}
