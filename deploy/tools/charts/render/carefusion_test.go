package render_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

var refusedInTelehealth = []struct {
	name, path string
	value      any
	says       string
}{
	{"audit log off", "guardrails.audit_logging", "disabled", "audit_logging"},
	{"row-level security off", "guardrails.row_level_security", "off", "row_level_security"},
	{"plain text allowed", "guardrails.tls_only", false, "tls_only"},
	{"secrets from elsewhere", "guardrails.secret_injection", "kubernetes", "secret_injection"},
	{"a guardrail left out", "guardrails.audit_logging", nil, "audit_logging"},
	{"the vault of the fleet", "vault.mount", "fusionems-vault", "vault.mount"},
	{"the sign-in of the fleet at Vault", "vault.authMount", "kubernetes", "vault.authMount"},
	{"a vault in plain text", "vault.address", "http://vault:8200", "vault.address"},
	{"the trust domain of the fleet", "trustDomain", "fusionems.local", "trustDomain"},
	{"an issuer of the whole cluster", "certificates.issuer.kind", "ClusterIssuer", "Issuer"},
	{"the edge of the fleet", "edge.namespace", "ingress-nginx", "edge.namespace"},
	{"every pod of the edge", "edge.podLabels", nil, "edge"},
	{"an environment that there is not", "environment", "qa", "environment"},
	{"a tag in production", "image", map[string]any{"tag": "1.4.0", "digest": ""}, "digest"},
	{"a digest that is none", "image.digest", "sha256:abc", "digest"},
	{"no image", "image", map[string]any{"tag": "", "digest": ""}, "digest"},
	{"no registry", "image.registry", "", "registry"},
	{"a secret as a value", "settings", map[string]any{"DATA_KEY": "abc"}, "DATA_KEY"},
	{"a setting of local mode", "settings", map[string]any{"LOCAL_REALM_FILE": "/x"}, "LOCAL_REALM_FILE"},
	{"recording, which nobody does", "settings", map[string]any{"RECORDING": true}, "RECORDING"},
	{"an issuer in plain text", "oidc.issuer", "http://id.example.org/realms/carefusion", "oidc.issuer"},
	{"a database anywhere", "postgres.peers", []any{map[string]any{"cidr": "0.0.0.0/0"}}, "postgres"},
	{"a database nowhere", "postgres.peers", []any{}, "postgres.peers"},
	{"a database in a namespace of the fleet", "postgres.peers", []any{map[string]any{"namespace": "databases", "podLabels": map[string]any{"a": "b"}}}, "postgres"},
	{"messages in plain text", "nats.url", "nats://nats:4222", "nats.url"},
	{"messages nowhere", "nats.peers", []any{}, "nats.peers"},
	{"traces in plain text", "otlp.endpoint", "http://otel:4317", "otlp.endpoint"},
	{"traces nowhere", "otlp.peers", []any{}, "otlp.peers"},
	{"mail from anywhere", "mail.peers", []any{map[string]any{"cidr": "0.0.0.0/0"}}, "mail.peers"},
	{"a page in plain text", "page.publicUrl", "http://telehealth.example.org", "page.publicUrl"},
	{"video in plain text", "livekit.apiUrl", "http://livekit:7880", "livekit.apiUrl"},
	{"browsers' video in plain text", "livekit.url", "ws://livekit:7880", "livekit.url"},
	{"video from anywhere", "livekit.peers", []any{map[string]any{"cidr": "::/0"}}, "livekit.peers"},
	{"a helper of browsers that is none", "livekit.iceServers", []any{"https://x"}, "livekit.iceServers"},
	{"the Prometheus of the fleet", "monitoring.namespace", "monitoring", "monitoring.namespace"},
	{"objects that nobody proved", "extraObjects", []any{map[string]any{"kind": "ConfigMap"}}, "extraObjects"},
	{"a key of an older version", "replicaCount", 3, "replicaCount"},
	{"another key of an older version", "existingSecret", "x", "existingSecret"},
	{"an ingress of its own", "ingress", map[string]any{"enabled": true}, "ingress"},
}

func TestWhatTheGuardrailsForbidTelehealthIsRefusedTwice(t *testing.T) {
	for _, c := range refusedInTelehealth {
		for name, engine := range engines {
			for _, skip := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/skip=%v", c.name, name, skip), func(t *testing.T) {
					r := request(t, "carefusion", "prod")
					if c.value == nil {
						r.Values[0] = set(r.Values[0], c.path, nil)
					}
					r.Values[0] = set(r.Values[0], c.path, c.value)
					if c.path == "image" {
						r.Values[0] = set(r.Values[0], "image.digest", "")
					}
					r.SkipSchema = skip
					refuses(t, engine, r, c.says)
				})
			}
		}
	}
}

func TestOnlyTheSchemaKnowsEveryKey(t *testing.T) {
	r := request(t, "carefusion", "prod")
	r.Values = append(r.Values, map[string]any{"global": map[string]any{"anything": 1}, "x-anchors": map[string]any{"a": 1}})
	for name, engine := range engines {
		if _, err := engine(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, unknown := range []string{"repilcas", "vault.pathPrefix", "autoscaling.keda.trigger"} {
			wrong := r
			wrong.Values = append(append([]map[string]any{}, r.Values...), set(map[string]any{}, unknown, 1))
			if _, err := engine(wrong); err == nil {
				t.Errorf("%s took the unknown key %s", name, unknown)
			}
		}
	}
}

// The chart and the binary are released together, but not by one author: a variable that the binary does not know ends it at once.
func TestTelehealthIsGivenOnlySettingsOfItsBinary(t *testing.T) {
	known := settingsOf(t, "../../../../services/carefusion/internal/config")
	given := map[string]bool{}
	for _, e := range environments {
		r := request(t, "carefusion", e)
		all := map[string]any{}
		for _, s := range []string{"REMINDER_LEAD", "CHECK_IN_LEAD", "ROOM_TOKEN_TTL", "RATE_PER_ADDRESS", "RATE_PER_SUBJECT", "SHUTDOWN_TIMEOUT", "ACR", "TRACE_RATIO"} {
			all[s] = "1"
		}
		r.Values = append(r.Values, map[string]any{"settings": all, "page": map[string]any{"publicUrl": "https://telehealth.example.org", "clientSecret": true}})
		for _, o := range objects(t, render.Helm3, r) {
			for _, v := range regexp.MustCompile(`CAREFUSION_[A-Z0-9_]+`).FindAllString(fmt.Sprint(o.Object), -1) {
				given[v] = true
			}
		}
	}
	if len(given) < 15 {
		t.Fatalf("the chart gives only %d settings", len(given))
	}
	for v := range given {
		if !known[v] {
			t.Errorf("%s is not a setting of the binary", v)
		}
	}
}

// settingsOf reads the settings from the source, since to compile the binary takes minutes: it holds a video server.
func settingsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok && f.Tag != nil {
				if name := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("env"); name != "" {
					known["CAREFUSION_"+name] = true
				}
			}
			return true
		})
	}
	if len(known) < 15 {
		t.Fatalf("only %d settings in %s", len(known), folder)
	}
	return known
}

func TestTelehealthsChartStandsAlone(t *testing.T) {
	for _, chart := range []string{"carefusion", "carefusion-cluster"} {
		meta, err := render.ReadValues(filepath.Join(charts, chart, "Chart.yaml"))
		if err != nil || meta["dependencies"] != nil || meta["type"] != "application" {
			t.Errorf("%s: %v %v", chart, meta, err)
		}
		err = filepath.WalkDir(filepath.Join(charts, chart), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			for _, word := range []string{"fusionems.local", "fusionems-", "fleet.", "billing"} {
				if strings.Contains(string(raw), word) {
					t.Errorf("%s names %q, which is of another delivery", path, word)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
