//go:build controlplane

package delivery_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// owner is whose manifest is mutated, and whose things it must not have.
type owner struct {
	delivery.GuardDelivery
	foreign delivery.GuardDelivery
}

// mutant is one violation of a guardrail in a manifest that is right otherwise.
type mutant struct {
	name, kind, says string
	// only names the one chart that this can happen to; empty for all.
	only   string
	mutate func(*testing.T, *unstructured.Unstructured, owner)
}

const vault = "vault.hashicorp.com/"

func mutants() []mutant {
	var out []mutant
	for _, kind := range []string{"Deployment", "Job", "Pod"} {
		for _, m := range podMutants() {
			if m.kind == "" || m.kind == kind {
				m.kind, m.name = kind, kind+": "+m.name
				out = append(out, m)
			}
		}
	}
	return append(append(out, networkMutants()...), otherMutants()...)
}

// podMutants are tried on whatever makes a pod, and on the pod itself.
func podMutants() []mutant { return append(vaultMutants(), containerMutants()...) }

func vaultMutants() []mutant {
	return []mutant{
		{name: "a secret of another's vault", says: "reads secrets of", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			annotate(t, o, vault+"agent-inject-secret-stolen", own.foreign.Secrets+"/data/prod/x/database-url")
		}},
		{name: "another's vault in a template", says: "reads secrets of", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			annotate(t, o, vault+"agent-inject-template-stolen", `{{- with secret "`+own.foreign.Secrets+`/data/prod/x/database-url" -}}{{ .Data.data.value }}{{- end -}}`)
		}},
		{name: "a secret of another environment", says: "reads secrets of", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			annotate(t, o, vault+"agent-inject-secret-stolen", own.Secrets+"/data/staging/x/database-url")
		}},
		{name: "the injector is off", says: "may not be switched off", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			annotate(t, o, vault+"agent-inject", "false")
		}},
		{name: "another's way to sign in to Vault", says: "signs in to Vault at", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			annotate(t, o, vault+"auth-path", "auth/"+own.foreign.Namespace)
		}},
		{name: "another's role in Vault", says: "signs in to Vault with", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			annotate(t, o, vault+"role", own.foreign.Namespace+"-x")
		}},
		{name: "Vault in plain text", says: "tls_only", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			annotate(t, o, vault+"service", "http://vault:8200")
		}},
	}
}

func containerMutants() []mutant {
	return []mutant{
		{name: "a startup probe in plain text", says: "tls_only", mutate: probe("startupProbe")},
		{name: "a readiness probe in plain text", says: "tls_only", mutate: probe("readinessProbe")},
		{name: "a liveness probe in plain text", says: "tls_only", mutate: probe("livenessProbe")},
		{name: "a probe of gRPC", says: "tls_only", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			container(t, o, func(c map[string]any) {
				c["livenessProbe"] = map[string]any{"grpc": map[string]any{"port": int64(8443)}}
			})
		}},
		{name: "a secret in a variable", says: "secretKeyRef", mutate: variable(map[string]any{"name": "FLEET_X", "valueFrom": map[string]any{
			"secretKeyRef": map[string]any{"name": "x", "key": "y"}}})},
		{name: "a literal secret", says: "never a literal", mutate: variable(map[string]any{"name": "FLEET_PAGE_TOKEN_KEY", "value": "abc"})},
		{name: "all variables from a secret", says: "envFrom", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			container(t, o, func(c map[string]any) { c["envFrom"] = []any{map[string]any{"secretRef": map[string]any{"name": "x"}}} })
		}},
		{name: "a tag in production", says: "digest", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			container(t, o, func(c map[string]any) {
				image, _, _ := strings.Cut(c["image"].(string), "@")
				c["image"] = image + ":latest"
			})
		}},
		{name: "another's image", says: "images of", mutate: func(t *testing.T, o *unstructured.Unstructured, own owner) {
			container(t, o, func(c map[string]any) {
				c["image"] = strings.Replace(c["image"].(string), "/"+own.Images+"/", "/"+own.foreign.Images+"/", 1)
			})
		}},
		// In a Pod of its own Pod Security refuses it first.
		{name: "the node's network", kind: "Deployment", says: "node's network", mutate: func(t *testing.T, o *unstructured.Unstructured, _ owner) {
			set(template(t, o), true, "spec", "hostNetwork")
		}},
	}
}

func probe(name string) func(*testing.T, *unstructured.Unstructured, owner) {
	return func(t *testing.T, o *unstructured.Unstructured, _ owner) {
		container(t, o, func(c map[string]any) {
			c[name] = map[string]any{"httpGet": map[string]any{"path": "/healthz", "port": int64(9443)}}
		})
	}
}

func variable(v map[string]any) func(*testing.T, *unstructured.Unstructured, owner) {
	return func(t *testing.T, o *unstructured.Unstructured, _ owner) {
		container(t, o, func(c map[string]any) {
			env, _ := c["env"].([]any)
			c["env"] = append(env, v)
		})
	}
}

func networkMutants() []mutant {
	return []mutant{
		{name: "pods of another delivery come in", kind: "NetworkPolicy", says: "network policy", mutate: peer("ingress", "from", func(own owner) any { return of(own.foreign.Namespace, nil) })},
		{name: "a way out to another delivery", kind: "NetworkPolicy", says: "network policy", mutate: peer("egress", "to", func(own owner) any { return of(own.foreign.Namespace, nil) })},
		{name: "a permitted crossing from the wrong pod", kind: "NetworkPolicy", only: "fusionems", says: "permitted crossings", mutate: peer("egress", "to", func(owner) any {
			return of("billing", map[string]any{"app.kubernetes.io/name": "billing"})
		})},
		{name: "namespaces by a label that anybody may give", kind: "NetworkPolicy", says: "kubernetes.io/metadata.name", mutate: peer("ingress", "from", func(owner) any {
			return map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"team": "x"}}}
		})},
		{name: "all namespaces", kind: "NetworkPolicy", says: "kubernetes.io/metadata.name", mutate: peer("egress", "to", func(owner) any {
			return map[string]any{"namespaceSelector": map[string]any{}}
		})},
		{name: "a way to everywhere", kind: "NetworkPolicy", says: "everywhere", mutate: peer("egress", "to", func(owner) any {
			return map[string]any{"ipBlock": map[string]any{"cidr": "0.0.0.0/0"}}
		})},
		{name: "a way to half of everywhere", kind: "NetworkPolicy", says: "everywhere", mutate: peer("egress", "to", func(owner) any {
			return map[string]any{"ipBlock": map[string]any{"cidr": "128.0.0.0/1"}}
		})},
		{name: "everybody comes in", kind: "NetworkPolicy", says: "network policy", mutate: func(_ *testing.T, o *unstructured.Unstructured, _ owner) {
			set(o.Object, []any{map[string]any{"ports": []any{map[string]any{"port": int64(8443)}}}}, "spec", "ingress")
		}},
	}
}

// of is a peer by the namespace's own name.
func of(namespace string, labels map[string]any) any {
	out := map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": namespace}}}
	if labels != nil {
		out["podSelector"] = map[string]any{"matchLabels": labels}
	}
	return out
}

func peer(rules, key string, who func(owner) any) func(*testing.T, *unstructured.Unstructured, owner) {
	return func(_ *testing.T, o *unstructured.Unstructured, own owner) {
		set(o.Object, []any{map[string]any{key: []any{who(own)}}}, "spec", rules)
	}
}

func otherMutants() []mutant {
	return []mutant{
		{name: "a load balancer", kind: "Service", says: "private networking", mutate: service(map[string]any{"type": "LoadBalancer"})},
		{name: "a port of every node", kind: "Service", says: "private networking", mutate: service(map[string]any{"type": "NodePort"})},
		{name: "another name of something outside", kind: "Service", says: "private networking", mutate: service(map[string]any{"type": "ExternalName", "externalName": "example.org"})},
		{name: "an address from outside", kind: "Service", says: "private networking", mutate: service(map[string]any{"externalIPs": []any{"203.0.113.7"}})},
		{name: "an identity of another trust domain", kind: "Certificate", says: "trust domain", mutate: func(_ *testing.T, o *unstructured.Unstructured, own owner) {
			set(o.Object, []any{"spiffe://" + own.foreign.TrustDomain + "/x"}, "spec", "uris")
		}},
		{name: "an issuer of the whole cluster", kind: "Certificate", says: "ClusterIssuer", mutate: func(_ *testing.T, o *unstructured.Unstructured, _ owner) {
			set(o.Object, "ClusterIssuer", "spec", "issuerRef", "kind")
		}},
		{name: "rights for another's account", kind: "ServiceAccount", says: "no account of another", mutate: func(_ *testing.T, o *unstructured.Unstructured, own owner) {
			o.Object = binding(own, map[string]any{"kind": "ServiceAccount", "name": "x", "namespace": own.foreign.Namespace})
		}},
		{name: "rights for all accounts", kind: "ServiceAccount", says: "no group that holds accounts of", mutate: func(_ *testing.T, o *unstructured.Unstructured, own owner) {
			o.Object = binding(own, map[string]any{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:serviceaccounts"})
		}},
		{name: "a store of secrets for the whole cluster", kind: "ServiceAccount", says: "ClusterSecretStore", mutate: externalSecret("ClusterSecretStore", "prod/x/y")},
		{name: "an external secret of another environment", kind: "ServiceAccount", says: "reads secrets of", mutate: externalSecret("SecretStore", "staging/x/y")},
		{name: "a store that reads another's mount", kind: "ServiceAccount", says: "secret_injection", mutate: func(_ *testing.T, o *unstructured.Unstructured, own owner) {
			o.Object = store(own, own.foreign.Secrets)
		}},
	}
}

// binding gives somebody rights in the namespace.
func binding(own owner, subject map[string]any) map[string]any {
	return map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
		"metadata": map[string]any{"name": "given", "namespace": own.Namespace},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
		"subjects": []any{subject}}
}

// store reads a mount of Vault for the namespace.
func store(own owner, mount string) map[string]any {
	return map[string]any{"apiVersion": "external-secrets.io/v1", "kind": "SecretStore",
		"metadata": map[string]any{"name": "made", "namespace": own.Namespace},
		"spec": map[string]any{"provider": map[string]any{"vault": map[string]any{"server": "https://vault:8200", "path": mount, "version": "v2",
			"auth": map[string]any{"tokenSecretRef": map[string]any{"name": "x", "key": "y"}}}}}}
}

// rightful are the made objects above without the violation: each must be taken.
func rightful(t *testing.T, own owner) []*unstructured.Unstructured {
	secret := &unstructured.Unstructured{}
	externalSecret("SecretStore", "prod/x/y")(t, secret, own)
	return []*unstructured.Unstructured{secret, {Object: store(own, own.Secrets)},
		{Object: binding(own, map[string]any{"kind": "ServiceAccount", "name": "x", "namespace": own.Namespace})}}
}

// service lays fields over the spec of a Service that is not the gateway's; a headless one has no address to give away.
func service(fields map[string]any) func(*testing.T, *unstructured.Unstructured, owner) {
	return func(_ *testing.T, o *unstructured.Unstructured, _ owner) {
		o.SetName("aside")
		spec := o.Object["spec"].(map[string]any)
		delete(spec, "clusterIP")
		for key, value := range fields {
			spec[key] = value
		}
	}
}

// externalSecret is made whole: in production the charts let the Vault agent bring the secrets.
func externalSecret(store, key string) func(*testing.T, *unstructured.Unstructured, owner) {
	return func(_ *testing.T, o *unstructured.Unstructured, own owner) {
		o.Object = map[string]any{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
			"metadata": map[string]any{"name": "stolen", "namespace": own.Namespace},
			"spec": map[string]any{"secretStoreRef": map[string]any{"kind": store, "name": "x"}, "target": map[string]any{"name": "x"},
				"data": []any{map[string]any{"secretKey": "x", "remoteRef": map[string]any{"key": key, "property": "value"}}}}}
	}
}
