package trigger

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schema is what refuses a version before it exists; Parse is what refuses one that got past it.
func TestSchemaOfThePolicy(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash(strings.TrimSuffix(seedFile, ".json") + ".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("qa.triggers", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("qa.triggers")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(document []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	if err := validate(seedDocument(t)); err != nil {
		t.Fatalf("the seed: %v", err)
	}
	for _, r := range catalogue {
		off := edited(t, func(d map[string]any) { settingOf(d, r.code)["enabled"] = false })
		if err := validate(off); (err == nil) != (r.class == Optional) {
			t.Errorf("%s switched off: %v", r.code, err)
		}
		other := map[Class]string{Mandatory: "optional", Optional: "mandatory"}[r.class]
		if err := validate(edited(t, func(d map[string]any) { settingOf(d, r.code)["class"] = other })); err == nil {
			t.Errorf("%s became %s", r.code, other)
		}
		if err := validate(edited(t, func(d map[string]any) { delete(d["triggers"].(map[string]any), string(r.code)) })); err == nil {
			t.Errorf("%s was left out", r.code)
		}
	}
	moved := edited(t, func(d map[string]any) { settingOf(d, ResponseCritical)["threshold"] = 8 })
	if err := validate(moved); err != nil {
		t.Errorf("a mandatory threshold that the founder moves: %v", err)
	}
	for name, change := range map[string]func(map[string]any){
		"deviation beyond half": func(d map[string]any) { settingOf(d, ResponseHigh)["permittedDeviationPercent"] = 60 },
		"threshold of nothing":  func(d map[string]any) { settingOf(d, ResponseCritical)["threshold"] = 0 },
		"seconds":               func(d map[string]any) { settingOf(d, ResponseCritical)["unit"] = "s" },
		"unknown trigger":       func(d map[string]any) { d["triggers"].(map[string]any)["X"] = settingOf(d, Arrest) },
		"unknown field":         func(d map[string]any) { d["x"] = 1 },
	} {
		document := edited(t, change)
		if validate(document) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
		if _, err := Parse(document); err == nil {
			t.Errorf("%s: Parse accepts it", name)
		}
	}
}
