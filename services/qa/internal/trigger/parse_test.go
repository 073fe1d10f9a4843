package trigger

import (
	"strings"
	"testing"
)

func settingOf(doc map[string]any, code Code) map[string]any {
	return doc["triggers"].(map[string]any)[string(code)].(map[string]any)
}

func TestParseRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"a mandatory trigger switched off": {
			func(d map[string]any) { settingOf(d, Arrest)["enabled"] = false },
			"triggers.CLIN.ARREST: a mandatory trigger cannot be disabled",
		},
		"a mandatory trigger made optional": {
			func(d map[string]any) { settingOf(d, ResponseCritical)["class"] = "optional" },
			"triggers.TIME.RESP_CRIT: class must be mandatory",
		},
		"a missing rule": {
			func(d map[string]any) { delete(d["triggers"].(map[string]any), string(STEMI)) },
			"triggers.CLIN.STEMI is missing",
		},
		"a rule nobody knows": {
			func(d map[string]any) { d["triggers"].(map[string]any)["X.Y"] = settingOf(d, Arrest) },
			"triggers.X.Y is not in the catalogue",
		},
		"a threshold of nothing": {
			func(d map[string]any) { settingOf(d, ResponseHigh)["threshold"] = 0 },
			"triggers.TIME.RESP_HIGH: threshold must be above 0",
		},
		"a missing threshold": {
			func(d map[string]any) { delete(settingOf(d, SceneCritical), "threshold") },
			"triggers.TIME.SCENE_CRIT: threshold must be above 0",
		},
		"a threshold on an event": {
			func(d map[string]any) { settingOf(d, Refusal)["threshold"] = 5 },
			"triggers.PRAC.REFUSAL: an event has no threshold",
		},
		"seconds": {
			func(d map[string]any) { settingOf(d, SceneOther)["unit"] = "s" },
			"triggers.TIME.SCENE_OTHER: unit must be min",
		},
		"a deviation beyond half": {
			func(d map[string]any) { settingOf(d, ResponseHigh)["permittedDeviationPercent"] = 51 },
			"permittedDeviationPercent must be 0 to 50",
		},
		"an unknown field": {
			func(d map[string]any) { d["surprise"] = 1 }, "unknown field",
		},
		"an empty code set": {
			func(d map[string]any) {
				d["definitions"].(map[string]any)["arrest"].(map[string]any)["cardiacArrest"] = []any{}
			}, "arrest.cardiacArrest is empty",
		},
		"a code of the wrong form": {
			func(d map[string]any) {
				d["definitions"].(map[string]any)["stroke"].(map[string]any)["conditionPrefixes"] = []any{"^(G45)|(G46)"}
			}, "stroke.conditionPrefixes: a code must match",
		},
		"an element that no dose has": {
			func(d map[string]any) {
				d["definitions"].(map[string]any)["controlledSubstances"].(map[string]any)["requiredElements"] = []any{"eMedications.99"}
			}, "controlledSubstances.requiredElements",
		},
		"a child of forty": {
			func(d map[string]any) { d["pediatricUnderYears"] = 40 }, "pediatricUnderYears must be 1 to 21",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(edited(t, tc.change))
			holds(t, err != nil && strings.Contains(err.Error(), tc.want), err)
		})
	}
}

func TestPermittedRange(t *testing.T) {
	p := seedPolicy(t)
	low, high, ok := p.Triggers[ResponseHigh].PermittedRange()
	holds(t, ok)
	near(t, 7.5, low)
	near(t, 22.5, high)
	_, _, ok = p.Triggers[ResponseCritical].PermittedRange()
	holds(t, !ok, "a mandatory threshold is not the agency's to move")
	_, _, ok = p.Triggers[Refusal].PermittedRange()
	holds(t, !ok, "an event has no threshold")
}
