package governance

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fusionems/quantum/pkg/errs"
)

const schema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"T","type":"object","additionalProperties":false,
"required":["limits"],"properties":{"limits":{"type":"array","items":{"type":"object","required":["minutes"],"properties":{"minutes":{"type":"integer","maximum":60}}}}}}`

func folder(schema, seed string) fstest.MapFS {
	return fstest.MapFS{
		"x.limits.schema.json": {Data: []byte(schema)},
		"x.limits.json":        {Data: []byte(seed)},
	}
}

func TestEverySeedFitsItsSchema(t *testing.T) {
	c, err := LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"qa.triggers", "billing.level-of-service"} {
		if !slices.Contains(c.Keys(), key) {
			t.Errorf("no policy %s", key)
		}
	}
	for _, k := range c.kinds {
		if k.description == "" {
			t.Errorf("%s has no description", k.key)
		}
	}
}

func TestInvalidDocumentsNameEveryPlace(t *testing.T) {
	c, err := loadCatalog(folder(schema, `{"limits":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	k, err := c.find("x.limits")
	if err != nil {
		t.Fatal(err)
	}
	err = k.check([]byte(`{"limits":[{"minutes":5},{"minutes":61},{}],"more/less":1}`))
	e, ok := errs.As(err)
	if !ok || e.Kind != errs.Invalid || e.Reason != ReasonInvalid {
		t.Fatalf("got %v", err)
	}
	got := map[string]string{}
	for _, f := range e.Fields {
		got[f.Field] = f.Rule
		if f.Message == "" {
			t.Errorf("%s has no message", f.Field)
		}
	}
	want := map[string]string{
		"/document/limits/1/minutes": "jsonschema.maximum", "/document/limits/2": "jsonschema.required", "/document": "jsonschema.additionalProperties",
	}
	for field, rule := range want {
		if got[field] != rule {
			t.Errorf("%s: rule %q, want %q (all: %v)", field, got[field], rule, got)
		}
	}
	if k.check([]byte(`{"limits":[{"minutes":60}]}`)) != nil {
		t.Error("a good document is refused")
	}
	if pointer([]string{"a/b", "c~d"}) != "/document/a~1b/c~0d" {
		t.Error("the pointer is not escaped as RFC 6901 says")
	}
}

func TestUnknownKeyListsTheKeys(t *testing.T) {
	c, err := loadCatalog(folder(schema, `{"limits":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.find("nope")
	if !errs.IsKind(err, errs.NotFound) || errs.Reason(err) != ReasonUnknown || !strings.Contains(err.Error(), "x.limits") {
		t.Errorf("got %v", err)
	}
}

func TestBrokenCatalogsDoNotLoad(t *testing.T) {
	for name, f := range map[string]fstest.MapFS{
		"seed against its schema": folder(schema, `{"limits":1}`),
		"schema that is none":     folder(`{"type":"no such type"}`, `{}`),
		"schema that is not JSON": folder(`{`, `{}`),
		"schema from elsewhere":   folder(`{"$ref":"https://elsewhere.example/schema.json"}`, `{}`),
		"no seed":                 {"x.limits.schema.json": {Data: []byte(schema)}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := loadCatalog(f); err == nil {
				t.Error("it loads")
			}
		})
	}
}
