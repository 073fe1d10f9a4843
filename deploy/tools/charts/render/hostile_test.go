package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

type hostile struct {
	name, path string
	value      any
	says       string
}

func one(path string, value any) map[string]any { return set(map[string]any{}, path, value) }

func pod(labels string, space string) []any {
	return []any{map[string]any{"namespace": space, "podLabels": map[string]any{"app": labels}}}
}

func cidrs(list ...string) []any {
	var out []any
	for _, c := range list {
		out = append(out, map[string]any{"cidr": c})
	}
	return out
}

func queue(endpoint string, streams ...any) map[string]any {
	return map[string]any{"enabled": true, "queue": map[string]any{"enabled": true, "monitoringEndpoint": endpoint, "streams": streams}}
}

var read = map[string]any{"stream": "CLINICAL", "consumer": "qa"}

// hostiles are values of somebody who means harm, or is tired: what gets by one check is tried at the next.
var hostiles = []hostile{
	{"plain messages by a setting", "services.qa.settings.FLEET_NATS_URL", "nats://evil:4222", "FLEET_NATS_URL"},
	{"another door by a setting", "services.qa.settings.FLEET_LISTEN_ADDR", ":80", "FLEET_LISTEN_ADDR"},
	{"plain traces by a setting", "services.qa.settings.FLEET_OTLP_ENDPOINT", "http://evil:4317", "FLEET_OTLP_ENDPOINT"},
	{"another issuer by a setting", "services.gateway.settings.FLEET_OIDC_ISSUER", "http://evil", "FLEET_OIDC_ISSUER"},
	{"everybody is a proxy by a setting", "services.gateway.settings.FLEET_TRUSTED_PROXIES", "0.0.0.0/0", "FLEET_TRUSTED_PROXIES"},
	{"everybody is a proxy", "gateway.trustedProxies", []any{"0.0.0.0/0"}, "trustedProxies"},
	{"a setting that is an object", "services.qa.settings.FLEET_TRACE_RATIO", map[string]any{"a": 1}, "FLEET_TRACE_RATIO"},
	{"settings as a list", "services.qa.settings", []any{map[string]any{"name": "FLEET_X"}}, "settings"},
	{"a second key behind a line break", "services.qa.priorityClassName", "x\n      hostIPC: true", "priorityClassName"},
	{"a second key behind a brace", "gateway.edgeCertificate.secretName", "x}, hostPath: {path: /", "secretName"},
	{"a certificate of everybody behind a line break", "certificates.issuer.name", "x\n    kind: ClusterIssuer", "certificates.issuer.name"},
	{"a digest with a second key", "services.qa.image.digest", "sha256:" + strings.Repeat("a", 64) + "\nhostNetwork: true", "image.digest"},
	{"a password in an address", "nats.url", "tls://user:word@nats:4222", "nats.url"},
	{"one server of two in plain text", "nats.url", "tls://a:4222,nats://b:4222", "nats.url"},
	{"a vault without a host", "vault.address", "https://", "vault.address"},
	{"traces in plain text", "otlp.endpoint", "http://otel:4317", "otlp.endpoint"},
	{"traces that no policy lets out", "otlp", map[string]any{"endpoint": "https://otel:4317", "peers": []any{}}, "otlp"},
	{"an origin in plain text", "gateway.publicUrl", "http://ems.example.org", "gateway.publicUrl"},
	{"an origin with a path", "gateway.publicUrl", "https://ems.example.org/a", "gateway.publicUrl"},
	{"the identity of audit at the edge", "gateway.edgeCertificate.secretName", "audit-tls", "audit-tls"},
	{"a door on every node", "gateway.service.type", "NodePort", "gateway.service.type"},
	{"a database in telehealth", "postgres.peers", pod("x", "telehealth"), "postgres.peers"},
	{"a database beside telehealth", "postgres.peers", pod("x", "telehealth-databases"), "postgres.peers"},
	{"messages in billing", "nats.peers", pod("x", "billing"), "nats.peers"},
	{"names of telehealth", "dns.namespace", "telehealth", "dns"},
	{"names from every pod", "dns.podLabels", map[string]any{"k8s-app": nil}, "dns"},
	{"the Prometheus of telehealth", "monitoring.namespace", "telehealth-monitoring", "monitoring"},
	{"visitors from the edge of telehealth", "gateway.allowFrom", pod("x", "telehealth-edge"), "gateway.allowFrom"},
	{"visitors from everywhere", "gateway.allowFrom", cidrs("0.0.0.0/0"), "gateway.allowFrom"},
	{"the internet in two halves", "postgres.peers", cidrs("0.0.0.0/1", "128.0.0.0/1"), "postgres.peers"},
	{"the internet in six", "oidc.peers", cidrs("2000::/3"), "oidc.peers"},
	{"a prefix that there is not", "postgres.peers", cidrs("10.0.0.0/33"), "postgres.peers"},
	{"an address for a network", "postgres.peers", cidrs("10.0.0.1"), "postgres.peers"},
	{"a peer of nothing", "redis.peers", []any{map[string]any{}}, "redis.peers"},
	{"every pod of a namespace", "postgres.peers", []any{map[string]any{"namespace": "databases"}}, "postgres.peers"},
	{"no issuer's pods", "oidc.peers", []any{}, "oidc.peers"},
	{"a port that there is not", "postgres.port", 0, "postgres.port"},
	{"the sign-in of telehealth at Vault", "vault.authMount", "telehealth-kubernetes", "vault.authMount"},
	{"no provider of secrets", "vault.provider", nil, "vault"},
	{"a provider of secrets that there is not", "vault.provider", "none", "vault.provider"},
	{"the trust domain of telehealth for messages", "nats.trustDomain", "carefusion.local", "nats.trustDomain"},
	{"more than at most", "services.qa.autoscaling", map[string]any{"enabled": true, "minReplicas": 5, "maxReplicas": 3}, "services"},
	{"none at least", "services.qa.replicas", 0, "services.qa"},
	{"a queue that scales nothing", "services.qa.autoscaling", set(queue("nats:8222", read), "enabled", false), "services"},
	{"a queue of nowhere", "services.qa.autoscaling", queue("", read), "services"},
	{"a queue with a scheme", "services.qa.autoscaling", queue("http://nats:8222", read), "services"},
	{"a queue of nothing", "services.qa.autoscaling", queue("nats:8222"), "services"},
	{"a consumer that there is not", "services.qa.autoscaling", queue("nats:8222", map[string]any{"stream": "CLINICAL", "consumer": "nobody"}), "nobody"},
	{"a stream that there is not", "services.qa.autoscaling", queue("nats:8222", map[string]any{"stream": "NOTHING", "consumer": "qa"}), "NOTHING"},
	{"renewed before it is made", "certificates", map[string]any{"duration": "24h", "renewBefore": "240h"}, "certificates.renewBefore"},
	{"a certificate of no time", "certificates.duration", "1s", "certificates"},
	{"migrations of another kind", "migrations.mode", "off", "migrations.mode"},
	{"no issuer of people", "oidc", nil, "oidc"},
	{"no services", "services", nil, "services"},
	{"a service of nothing", "services.qa", nil, "qa"},
	{"no autoscaling at all", "services.qa.autoscaling", nil, "services.qa"},
	{"an object of text", "extraObjects", []any{"kind: Pod"}, "extraObjects"},
	{"an object of another namespace", "extraObjects", object("v1", "ConfigMap", "metadata.namespace", "telehealth"), "telehealth"},
	{"an object of the cluster", "extraObjects", object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "subjects", []any{}), "ClusterRoleBinding"},
	{"a secret among objects", "extraObjects", object("v1", "Secret", "stringData", map[string]any{"a": "b"}), "Secret"},
	{"a secret in a list", "extraObjects", object("v1", "List", "items", object("v1", "Secret", "stringData", map[string]any{})), "List"},
	{"a policy that opens", "extraObjects", object("networking.k8s.io/v1", "NetworkPolicy", "spec", map[string]any{"podSelector": map[string]any{}}), "NetworkPolicy"},
	{"a pod in the node's network", "extraObjects", object("v1", "Pod", "spec", map[string]any{"hostNetwork": true}), "node"},
	{"a workload on the node's disk", "extraObjects", object("apps/v1", "DaemonSet", "spec.template.spec.volumes", []any{map[string]any{"hostPath": map[string]any{"path": "/"}}}), "node"},
	{"a kind from a template", "extraObjects", object("v1", `{{ printf "Sec%s" "ret" }}`, "stringData", map[string]any{}), "Secret"},
	{"an object without a kind", "extraObjects", []any{map[string]any{"a": 1}}, "extraObjects"},
}

func object(version, kind, path string, value any) []any {
	o := map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": "guest"}}
	return []any{set(o, path, value)}
}

// Who may not decide the rule may not decide it by another value either; the refusal names the value.
func TestWhatGoesAroundAGuardrailIsRefused(t *testing.T) {
	for _, c := range hostiles {
		for name, engine := range engines {
			for _, skip := range []bool{false, true} {
				if skip && name == "Helm 4" {
					continue // its schemas are another library's, its templates are the same
				}
				t.Run(fmt.Sprintf("%s/%s/skip=%v", c.name, name, skip), func(t *testing.T) {
					r := request(t, "fusionems", "prod")
					r.Values = append(r.Values, one(c.path, c.value))
					r.Values[0] = set(r.Values[0], "monitoring.enabled", true)
					r.SkipSchema = skip
					refuses(t, engine, r, c.says)
				})
			}
		}
	}
}

// Each variable that the chart gives a service is refused as a setting, so that no check of the other value can be gone around.
func TestASettingSetsNothingThatTheChartSets(t *testing.T) {
	tried := 0
	for _, chart := range []string{"fusionems", "fusionems-billing"} {
		for _, o := range objects(t, render.Helm3, request(t, chart, "prod")) {
			if o.GetKind() != "Deployment" {
				continue
			}
			all := map[string]any{}
			for variable := range environmentOf(t, o) {
				// A service may be more talkative than the others for a while.
				if variable != "FLEET_LOG_LEVEL" {
					all[variable] = "x"
				}
			}
			settings := "services." + o.GetName() + ".settings"
			r := request(t, chart, "prod")
			r.Values = append(r.Values, one(settings, all))
			_, early := render.Helm3(r)
			if early == nil {
				t.Fatalf("%s takes %v", o.GetName(), all)
			}
			for variable := range all {
				tried++
				if !strings.Contains(early.Error(), "'"+variable+"'") {
					t.Errorf("%s: the schema takes %s: %v", o.GetName(), variable, early)
				}
				r := request(t, chart, "prod")
				r.Values, r.SkipSchema = append(r.Values, one(settings+"."+variable, "x")), true
				if _, err := render.Helm3(r); err == nil || !strings.Contains(err.Error(), variable) {
					t.Errorf("%s: the templates take %s: %v", o.GetName(), variable, err)
				}
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d variables were tried", tried)
	}
}

// A number of a values file is a float to Helm.
func TestALargeNumberIsWrittenAsOne(t *testing.T) {
	r := request(t, "fusionems", "staging")
	r.Values = append(r.Values, one("services.gateway.settings", map[string]any{"FLEET_MAX_DOCUMENT": float64(20971520), "FLEET_TRACE_RATIO": 0.25}),
		one("services.clinical.autoscaling.queue.lagThreshold", float64(2000000)))
	for name, engine := range engines {
		for _, o := range objects(t, engine, r) {
			switch {
			case o.GetKind() == "Deployment" && o.GetName() == "gateway":
				if env := environmentOf(t, o); env["FLEET_MAX_DOCUMENT"] != "20971520" || env["FLEET_TRACE_RATIO"] != "0.25" {
					t.Errorf("%s: %s, %s", name, env["FLEET_MAX_DOCUMENT"], env["FLEET_TRACE_RATIO"])
				}
			case o.GetKind() == "ScaledObject":
				if text := fmt.Sprint(o.Object); !strings.Contains(text, "lagThreshold:2000000") {
					t.Errorf("%s: %s", name, text)
				}
			}
		}
	}
}

// An operator's labels are for finding what monitoring makes; they do not rename what the chart selects by.
func TestLabelsOfMonitoringOverrideNothing(t *testing.T) {
	r := request(t, "fusionems", "prod")
	r.Values = append(r.Values, one("monitoring.labels", map[string]any{"app.kubernetes.io/name": "evil", "release": "prometheus"}))
	monitors := 0
	for _, o := range objects(t, render.Helm3, r) {
		if o.GetKind() != "ServiceMonitor" {
			continue
		}
		monitors++
		if l := o.GetLabels(); l["app.kubernetes.io/name"] != o.GetName() || l["release"] != "prometheus" {
			t.Errorf("%s: %v", o.GetName(), l)
		}
	}
	if monitors != 7 {
		t.Errorf("%d monitors", monitors)
	}
}

// What an operator brings beside the chart's own objects is rendered, with what it says of the release.
func TestOtherObjectsOfTheNamespaceAreTaken(t *testing.T) {
	r := request(t, "fusionems", "prod")
	r.Values = append(r.Values, map[string]any{"extraObjects": object("v1", "ConfigMap", "data", map[string]any{"release": "{{ .Release.Name }}"})})
	for name, engine := range engines {
		found := false
		for _, o := range objects(t, engine, r) {
			found = found || (o.GetKind() == "ConfigMap" && o.GetName() == "guest" && fmt.Sprint(o.Object["data"]) == "map[release:fusionems]")
		}
		if !found {
			t.Errorf("%s: the object of the values is not there", name)
		}
	}
}
