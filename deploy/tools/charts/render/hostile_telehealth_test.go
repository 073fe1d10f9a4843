package render_test

import (
	"fmt"
	"strings"
	"testing"
)

var hostilesInTelehealth = []hostile{
	{"a second key behind a line break", "priorityClassName", "x\n      hostIPC: true", "priorityClassName"},
	{"a second key behind a brace", "trustBundle.configMap", "x}, hostPath: {path: /", "trustBundle.configMap"},
	{"a certificate of everybody behind a line break", "certificates.issuer.name", "x\n    kind: ClusterIssuer", "certificates.issuer.name"},
	{"a digest with a second key", "image.digest", "sha256:" + strings.Repeat("b", 64) + "\nhostNetwork: true", "image.digest"},
	{"a setting that is an object", "settings.REMINDER_LEAD", map[string]any{"a": 1}, "REMINDER_LEAD"},
	{"plain messages by a setting", "settings.NATS_URL", "nats://evil:4222", "NATS_URL"},
	{"a password in an address", "nats.url", "tls://user:word@nats:4222", "nats.url"},
	{"one server of two in plain text", "nats.url", "tls://a:4222,nats://b:4222", "nats.url"},
	{"a vault without a host", "vault.address", "https://", "vault.address"},
	{"an origin with a path", "page.publicUrl", "https://telehealth.example.org/a", "page.publicUrl"},
	{"no provider of secrets", "vault.provider", nil, "vault"},
	{"a provider of secrets that there is not", "vault.provider", "none", "vault.provider"},
	{"the internet in two halves", "postgres.peers", cidrs("0.0.0.0/1", "128.0.0.0/1"), "postgres.peers"},
	{"a prefix that there is not", "postgres.peers", cidrs("10.0.0.0/33"), "postgres.peers"},
	{"an address for a network", "oidc.peers", cidrs("10.0.0.1"), "oidc.peers"},
	{"more than at most", "autoscaling", map[string]any{"enabled": true, "minReplicas": 5, "maxReplicas": 3}, "autoscaling"},
	{"none at least", "autoscaling", map[string]any{"enabled": false}, "replicas"},
	{"hours that scale nothing", "autoscaling", map[string]any{"enabled": false, "keda": map[string]any{"enabled": true}}, "autoscaling.keda"},
	{"renewed before it is made", "certificates", map[string]any{"duration": "24h", "renewBefore": "240h"}, "certificates.renewBefore"},
	{"migrations of another kind", "migrations.mode", "off", "migrations.mode"},
	{"no issuer of people", "oidc", nil, "oidc"},
	{"no edge", "edge", nil, "edge"},
	{"no autoscaling at all", "autoscaling", nil, "autoscaling"},
}

func TestWhatGoesAroundAGuardrailOfTelehealthIsRefused(t *testing.T) {
	for _, c := range hostilesInTelehealth {
		for name, engine := range engines {
			for _, skip := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/skip=%v", c.name, name, skip), func(t *testing.T) {
					r := request(t, "carefusion", "prod")
					if c.says == "replicas" {
						r.Values[0] = set(r.Values[0], "replicas", 0)
					}
					r.Values, r.SkipSchema = append(r.Values, one(c.path, c.value)), skip
					refuses(t, engine, r, c.says)
				})
			}
		}
	}
}

func TestALargeNumberOfTelehealthIsWrittenAsOne(t *testing.T) {
	r := request(t, "carefusion", "prod")
	r.Values = append(r.Values, one("settings", map[string]any{"RATE_PER_ADDRESS": float64(2000000), "TRACE_RATIO": 0.25}))
	for name, engine := range engines {
		for _, o := range objects(t, engine, r) {
			if o.GetKind() != "Deployment" {
				continue
			}
			if env := environmentOf(t, o); env["CAREFUSION_RATE_PER_ADDRESS"] != "2000000" || env["CAREFUSION_TRACE_RATIO"] != "0.25" {
				t.Errorf("%s: %v", name, env)
			}
		}
	}
}
