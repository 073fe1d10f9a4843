package render_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

const charts = "../../../../charts"

var deliveries = map[string]string{"fusionems": "fusionems", "fusionems-billing": "billing", "carefusion": "telehealth"}

var environments = []string{"dev", "staging", "prod"}

var engines = map[string]render.Engine{"Helm 3": render.Helm3, "Helm 4": render.Helm4}

func values(t *testing.T, chart, environment string) map[string]any {
	t.Helper()
	v, err := render.ReadValues(filepath.Join(charts, chart, "ci", environment+"-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func request(t *testing.T, chart, environment string) render.Request {
	t.Helper()
	return render.Request{Chart: filepath.Join(charts, chart), Namespace: deliveries[chart], Values: []map[string]any{values(t, chart, environment)}}
}

func objects(t *testing.T, engine render.Engine, r render.Request) []*unstructured.Unstructured {
	t.Helper()
	out, err := render.Objects(engine, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBothHelmsRenderTheSame(t *testing.T) {
	for chart := range deliveries {
		for _, e := range environments {
			t.Run(chart+"/"+e, func(t *testing.T) {
				three, four := objects(t, render.Helm3, request(t, chart, e)), objects(t, render.Helm4, request(t, chart, e))
				if len(three) < 8 {
					t.Fatalf("only %d objects: there is nothing to compare", len(three))
				}
				if len(three) != len(four) {
					t.Fatalf("%d objects by Helm 3, %d by Helm 4", len(three), len(four))
				}
				for i := range three {
					if !reflect.DeepEqual(three[i], four[i]) {
						t.Errorf("%s %s differs", three[i].GetKind(), three[i].GetName())
					}
				}
			})
		}
	}
}

// fromYaml answers a mistake as a map with the key Error instead of failing.
func TestNoTemplateHidesAMistake(t *testing.T) {
	for chart := range deliveries {
		for _, e := range environments {
			files, err := render.Helm3(request(t, chart, e))
			if err != nil {
				t.Fatal(err)
			}
			for file, text := range files {
				if strings.Contains(text, "error converting YAML") || strings.Contains(text, "error unmarshaling") || strings.Contains(text, "<no value>") {
					t.Errorf("%s %s: %s holds a mistake", chart, e, file)
				}
			}
		}
	}
}

// set lays one value over others, at a dotted path; a nil takes the value away.
func set(v map[string]any, path string, value any) map[string]any {
	keys := strings.Split(path, ".")
	layer := map[string]any{keys[len(keys)-1]: value}
	for i := len(keys) - 2; i >= 0; i-- {
		layer = map[string]any{keys[i]: layer}
	}
	return render.Merge(v, layer)
}

var refused = []struct {
	name, path string
	value      any
	says       string
}{
	{"audit log off", "guardrails.audit_logging", "disabled", "audit_logging"},
	{"row-level security off", "guardrails.row_level_security", "off", "row_level_security"},
	{"plain text allowed", "guardrails.tls_only", false, "tls_only"},
	{"secrets from elsewhere", "guardrails.secret_injection", "kubernetes", "secret_injection"},
	{"a guardrail left out", "guardrails.tls_only", nil, "tls_only"},
	{"the vault of another", "vault.mount", "telehealth-vault", "vault.mount"},
	{"a trust domain of another", "trustDomain", "carefusion.local", "trustDomain"},
	{"an issuer of the whole cluster", "certificates.issuer.kind", "ClusterIssuer", "Issuer"},
	{"an environment that there is not", "environment", "qa", "environment"},
	{"a tag in production", "services.%s.image", map[string]any{"tag": "1.4.0", "digest": ""}, "digest"},
	{"a digest that is none", "services.%s.image.digest", "sha256:abc", "digest"},
	{"no image", "services.%s.image", map[string]any{"tag": "", "digest": ""}, "digest"},
	{"a service that there is not", "services.carefusion", map[string]any{"replicas": 1}, "carefusion"},
	{"a secret as a value", "services.%s.settings", map[string]any{"FLEET_PAGE_TOKEN_KEY": "abc"}, "FLEET_PAGE_TOKEN_KEY"},
	{"peers of somebody's choice", "services.%s.settings", map[string]any{"FLEET_TLS_FEDERATED": "spiffe://carefusion.local/x=/trust/ca.crt"}, "FLEET_TLS_FEDERATED"},
	{"an identity of somebody's choice", "services.%s.settings", map[string]any{"FLEET_TRUST_DOMAIN": "carefusion.local"}, "FLEET_TRUST_DOMAIN"},
	{"a variable that is not the fleet's", "services.%s.settings", map[string]any{"LD_PRELOAD": "x"}, "LD_PRELOAD"},
	{"messages in plain text", "nats.url", "nats://nats:4222", "nats.url"},
	{"a vault in plain text", "vault.address", "http://vault:8200", "vault.address"},
	{"a database anywhere", "postgres.peers", []any{map[string]any{"cidr": "0.0.0.0/0"}}, "postgres"},
	{"a database nowhere", "postgres.peers", []any{}, "postgres.peers"},
	{"no registry", "image.registry", "", "registry"},
	{"a key of an older version", "replicaCount", 3, "replicaCount"},
	{"another key of an older version", "existingSecret", "x", "existingSecret"},
}

// The schema says it early and readably; the templates say it also to who turned the schema off.
func TestWhatTheGuardrailsForbidIsRefusedTwice(t *testing.T) {
	if len(refused) < 20 {
		t.Fatalf("%d cases", len(refused))
	}
	services := map[string]string{"fusionems": "qa", "fusionems-billing": "billing"}
	for chart, service := range services {
		for _, c := range refused {
			for name, engine := range engines {
				for _, skip := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%s/skip=%v", chart, c.name, name, skip), func(t *testing.T) {
						path := strings.Replace(c.path, "%s", service, 1)
						r := request(t, chart, "prod")
						r.Values[0] = set(r.Values[0], path, c.value)
						r.SkipSchema = skip
						refuses(t, engine, r, c.says)
					})
				}
			}
		}
	}
}

// refuses shows that the engine does not render the request, and says what is wrong with it.
func refuses(t *testing.T, engine render.Engine, r render.Request, says string) {
	t.Helper()
	_, err := engine(r)
	if err == nil {
		t.Fatal("rendered")
	}
	if !strings.Contains(strings.ReplaceAll(err.Error(), "/", "."), says) {
		t.Errorf("the refusal does not name %s: %v", says, err)
	}
}

func TestAnotherNamespaceIsRefused(t *testing.T) {
	for chart := range deliveries {
		for name, engine := range engines {
			r := request(t, chart, "prod")
			r.Namespace = "default"
			if _, err := engine(r); err == nil || !strings.Contains(err.Error(), "namespace") {
				t.Errorf("%s %s: %v", chart, name, err)
			}
		}
	}
}

func TestTheRootTakesGlobalAndAnchors(t *testing.T) {
	r := request(t, "fusionems", "prod")
	r.Values = append(r.Values, map[string]any{"global": map[string]any{"anything": 1}, "x-resources": map[string]any{"limits": 1}})
	for name, engine := range engines {
		if _, err := engine(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Values = append(r.Values, map[string]any{"servcies": map[string]any{}})
	if _, err := render.Helm3(r); err == nil {
		t.Error("a misspelt value was taken")
	}
}

func TestTheChartsCarryTheGuardrails(t *testing.T) {
	all, err := os.ReadFile(filepath.Join(charts, "guardrails.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := schema.Read(filepath.Join(charts, "guardrails.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := g.Of("carefusion")
	if err != nil {
		t.Fatal(err)
	}
	for chart, want := range map[string][]byte{"fusionems": all, "fusionems-billing": all, "fusionems-cluster": all, "carefusion": own, "carefusion-cluster": own} {
		got, err := os.ReadFile(filepath.Join(charts, chart, "guardrails.yaml"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: its guardrails are not those of charts/guardrails.yaml; run make charts (%v)", chart, err)
		}
	}
}
