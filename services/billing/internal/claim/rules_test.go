package claim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// TestRulesRefuseWhatCannotBeJudgedBy changes one place of the document at a time.
func TestRulesRefuseWhatCannotBeJudgedBy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string]any)
		says   string
	}{
		"unknown field":       {func(d map[string]any) { d["extra"] = 1 }, "extra"},
		"level without code":  {func(d map[string]any) { in(d, "levels", "als2")["hcpcs"] = "" }, "levels.als2"},
		"level left out":      {func(d map[string]any) { delete(in(d, "levels"), "rotorWing") }, "levels.rotorWing"},
		"unknown element":     {func(d map[string]any) { item(d, "noBill", 0)["element"] = "eTimes.01" }, "noBill[0].element"},
		"no-bill without why": {func(d map[string]any) { item(d, "noBill", 1)["explanation"] = "" }, "noBill[1]"},
		"vehicle":             {func(d map[string]any) { in(d, "air", "methods")["4216001"] = "balloon" }, "4216001"},
		"empty procedure":     {func(d map[string]any) { item(in(d, "als2"), "procedures", 0)["procedures"] = []any{} }, "als2.procedures[0]"},
		"no effective date":   {func(d map[string]any) { delete(item(in(d, "als2"), "procedures", 0), "effectiveFrom") }, "effectiveFrom"},
		"date in other form":  {func(d map[string]any) { item(in(d, "als2"), "procedures", 0)["effectiveFrom"] = "01/01/2025" }, "YYYY-MM-DD"},
		"ends before begin":   {func(d map[string]any) { item(in(d, "als2"), "procedures", 0)["effectiveTo"] = "2001-01-01" }, "ends before"},
		"minimum of doses":    {func(d map[string]any) { in(d, "als2", "medications")["minimum"] = 0 }, "minimum"},
		"no own transport":    {func(d map[string]any) { in(d, "transport")["thisUnit"] = []any{} }, "thisUnit"},
		"no death modifier":   {func(d map[string]any) { in(d, "death")["modifier"] = "" }, "death.modifier"},
		"long place":          {func(d map[string]any) { in(d, "modifiers", "origins")["Y92"] = "SS" }, "Y92"},
		"negative days":       {func(d map[string]any) { in(d, "certification", "repetitive")["daysBefore"] = -1 }, "daysBefore"},
		"nobody may sign":     {func(d map[string]any) { in(d, "certification", "nonRepetitive")["signers"] = []any{} }, "nonRepetitive"},
		"no diagnosis":        {func(d map[string]any) { in(d, "diagnoses")["maximum"] = 0 }, "diagnoses.maximum"},
		"no priorities":       {func(d map[string]any) { in(d, "payers")["priorities"] = []any{} }, "payers"},
	} {
		t.Run(name, func(t *testing.T) {
			var d map[string]any
			if err := json.Unmarshal(document(t), &d); err != nil {
				t.Fatal(err)
			}
			c.change(d)
			b, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := claim.ParseRules(b); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that names %q", err, c.says)
			}
		})
	}
	if _, err := claim.ParseRules(append(document(t), "{}"...)); err == nil {
		t.Error("two documents in one were accepted")
	}
}

// TestANewVersionChangesTheAnswer: what a founder may change is in the document, not in the code.
func TestANewVersionChangesTheAnswer(t *testing.T) {
	var d map[string]any
	if err := json.Unmarshal(document(t), &d); err != nil {
		t.Fatal(err)
	}
	in(d, "als2", "medications")["minimum"] = 4
	in(d, "certification", "repetitive")["daysBefore"] = 30
	in(d, "mileage")["tenthsUpToMiles"] = 5
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	r, err := claim.ParseRules(b)
	if err != nil {
		t.Fatal(err)
	}
	threeDoses := func(s *claim.Snapshot) {
		for _, code := range []string{"4337", "26225", "6960"} {
			s.Medications = append(s.Medications, claim.Medication{Code: code, Route: "9927023", Time: s.ServiceDate})
		}
	}
	if got := claim.Judge(r, emergency(threeDoses)); got.Level.HCPCS != "A0427" || got.Mileage.MilesTenths != 80 {
		t.Errorf("got %+v, %+v", got.Level, got.Mileage)
	}
	if got := codes(claim.Judge(r, dialysis()).Missing); len(got) != 1 || got[0] != claim.PCSTooOld {
		t.Errorf("missing %v, want the statement of 45 days refused", got)
	}
}

func in(d map[string]any, path ...string) map[string]any {
	for _, p := range path {
		d = d[p].(map[string]any)
	}
	return d
}

func item(d map[string]any, list string, i int) map[string]any {
	return d[list].([]any)[i].(map[string]any)
}
