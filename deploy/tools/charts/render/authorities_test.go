package render_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/manifest"
	"github.com/fusionems/quantum/deploy/tools/charts/render"
	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

// Who installs as the runbook says gets the Issuers that the charts ask for, each of its namespace's trust domain and no other.
func TestTheExamplesMakeTheAuthoritiesThatTheChartsName(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(examples, "fleet", "authorities.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := manifest.Decode(bytes.NewReader(raw), "")
	if err != nil {
		t.Fatal(err)
	}
	rails, err := schema.Read(filepath.Join(charts, "guardrails.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for chart, delivery := range map[string]string{"fusionems": "fusionems", "fusionems-billing": "billing"} {
		own := rails.Separation[delivery]
		defaults, err := render.ReadValues(filepath.Join(charts, chart, "values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := unstructured.NestedString(defaults, "certificates", "issuer", "name")
		found, signed := false, false
		for _, o := range all {
			if o.GetNamespace() != own.Namespace {
				continue
			}
			secret, _, _ := unstructured.NestedString(o.Object, "spec", "secretName")
			switch o.GetKind() {
			case "Issuer":
				ca, _, _ := unstructured.NestedString(o.Object, "spec", "ca", "secretName")
				found = found || (o.GetName() == want && ca == want)
			case "Certificate":
				uris, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "uris")
				rotation, _, _ := unstructured.NestedString(o.Object, "spec", "privateKey", "rotationPolicy")
				signed = signed || (secret == want && slices.Equal(uris, []string{"spiffe://" + own.TrustDomain}) && rotation == "Never")
			default:
				t.Errorf("authorities.yaml makes a %s", o.GetKind())
			}
		}
		if !found || !signed {
			t.Errorf("%s: the Issuer %s is made: %v, with an authority of %s: %v", chart, want, found, own.TrustDomain, signed)
		}
	}
}
