package trigger

import (
	"fmt"
	"slices"
	"strings"
)

// controlledDrugGap looks at every controlled dose that this unit gave: each element of the per-dose record must hold a value,
// and the administration must be signed for where the policy wants it.
func controlledDrugGap(c *call, _ float64) (finding, bool) {
	d := c.policy.Definitions.ControlledSubstances
	var gaps []string
	elements := []string{"eMedications.03"}
	doses := 0
	for i, m := range c.Medications {
		drug, ok := d.find(m.Code)
		if !ok || !m.Given {
			continue
		}
		doses++
		missing := missingElements(m, d.RequiredElements)
		if len(missing) == 0 {
			continue
		}
		elements = append(elements, missing...)
		gaps = append(gaps, fmt.Sprintf("medication %d, %s (schedule %s), lacks %s", i+1, drug.Name, drug.Schedule, strings.Join(missing, ", ")))
	}
	if s := d.AdministrationSignature; doses > 0 && s.Required && !c.signedFor(s.Reasons, s.SignedStatuses) {
		gaps = append(gaps, fmt.Sprintf("no signature for the administration (eOther.13 %s)", strings.Join(s.Reasons, ", ")))
		elements = append(elements, "eOther.13", "eOther.15")
	}
	if len(gaps) == 0 {
		return finding{}, false
	}
	return finding{
		explanation: "Controlled substance given with gaps in its record: " + strings.Join(gaps, "; ") + ".",
		elements:    unique(elements),
	}, true
}

// find matches ingredient codes, which is what eMedications.03 holds by the suggested list; a code of a clinical drug product
// must be in the policy itself to count.
func (d ControlledSubstances) find(code Fact) (ControlledMedication, bool) {
	i := slices.IndexFunc(d.Medications, func(m ControlledMedication) bool { return code.Known() && m.Code == code.Value })
	if i < 0 {
		return ControlledMedication{}, false
	}
	return d.Medications[i], true
}

func missingElements(m Medication, required []string) []string {
	var out []string
	for _, el := range required {
		if f, ok := doseElement(m, el); ok && !f.Known() {
			out = append(out, el)
		}
	}
	return out
}

// doseElement is the element of a dose by its number; false for one that is no part of the per-dose record.
func doseElement(m Medication, element string) (Fact, bool) {
	switch element {
	case "eMedications.01":
		return m.Time, true
	case "eMedications.04":
		return m.Route, true
	case "eMedications.05":
		return m.Dose, true
	case "eMedications.06":
		return m.DoseUnit, true
	case "eMedications.09":
		return m.CrewID, true
	}
	return Fact{}, false
}

func (c *call) signedFor(reasons, statuses []string) bool {
	return slices.ContainsFunc(c.Signatures, func(s Signature) bool {
		return anyIn(s.Reasons, reasons) && s.Status.In(statuses)
	})
}
