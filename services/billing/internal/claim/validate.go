package claim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Vehicles that a document may name.
const (
	ground    = "ground"
	fixedWing = "fixedWing"
	rotorWing = "rotorWing"
)

// unknownPlace stands for a side of the modifier pair that the chart does not tell.
const unknownPlace = "?"

// validate checks what the code relies on; the form of codes is checked by the schema where versions are made.
func (r *Rules) validate() error {
	v := violations{}
	for name, s := range r.services() {
		v.require(s.HCPCS != "" && s.Name != "", "levels.%s needs hcpcs and name", name)
	}
	for i, n := range r.NoBill {
		_, known := noBillElements[n.Element]
		v.require(known, "noBill[%d].element must be one of %v", i, slices.Sorted(maps.Keys(noBillElements)))
		v.require(n.Code != "" && n.Explanation != "" && len(n.Codes) > 0, "noBill[%d] needs code, codes and explanation", i)
	}
	for _, m := range []map[string]string{r.Air.Methods, r.Air.Capabilities} {
		for code, vehicle := range m {
			v.require(vehicle == fixedWing || vehicle == rotorWing, "air: %s must be %s or %s", code, fixedWing, rotorWing)
		}
	}
	for i, p := range r.ALS2.Procedures {
		v.require(p.Rule != "" && p.Name != "" && p.Source != "", "als2.procedures[%d] needs rule, name and source", i)
		v.require(len(p.Procedures)+len(p.Medications) > 0, "als2.procedures[%d] needs codes", i)
		v.period(fmt.Sprintf("als2.procedures[%d]", i), p.Period)
	}
	v.period("als2.medications", r.ALS2.Medications.Period)
	v.require(r.ALS2.Medications.Minimum > 0 && r.ALS2.Medications.Rule != "", "als2.medications needs rule and a minimum above 0")
	v.require(len(r.Transport.ThisUnit) > 0, "transport.thisUnit must not be empty")
	v.require(r.Death.Modifier != "", "death.modifier must not be empty")
	v.require(r.Mileage.HCPCS.Ground != "" && r.Mileage.HCPCS.FixedWing != "" && r.Mileage.HCPCS.RotorWing != "", "mileage.hcpcs needs all three")
	v.require(r.Mileage.TenthsUpToMiles >= 0, "mileage.tenthsUpToMiles must not be negative")
	for _, m := range []map[string]string{r.Modifiers.Origins, r.Modifiers.OriginsOfServiceTypes, r.Modifiers.Destinations} {
		for code, place := range m {
			v.require(len(place) == 1, "modifiers: %s must be one character", code)
		}
	}
	v.require(len(r.Modifiers.Origins) > 0 && len(r.Modifiers.Destinations) > 0, "modifiers needs origins and destinations")
	v.require(len(r.Certification.Present) > 0, "certification.present must not be empty")
	for name, w := range map[string]CertificationWindow{"repetitive": r.Certification.Repetitive, "nonRepetitive": r.Certification.NonRepetitive} {
		v.require(len(w.Signers) > 0 && w.HoursAfter >= 0, "certification.%s needs signers and hoursAfter of 0 or more", name)
		v.require(w.DaysBefore == nil || *w.DaysBefore >= 0, "certification.%s.daysBefore must not be negative", name)
	}
	v.require(r.Diagnoses.Maximum > 0, "diagnoses.maximum must be above 0")
	v.require(len(r.Payers.Priorities) > 0 && len(r.Payers.FilingIndicators) > 0, "payers needs priorities and filingIndicators")
	return errors.Join(v.list...)
}

func (r *Rules) services() map[string]Service {
	l := r.Levels
	return map[string]Service{
		"blsNonEmergency": l.BLSNonEmergency, "blsEmergency": l.BLSEmergency, "als1NonEmergency": l.ALS1NonEmergency,
		"als1Emergency": l.ALS1Emergency, "als2": l.ALS2, "specialtyCare": l.SpecialtyCare, fixedWing: l.FixedWing,
		rotorWing: l.RotorWing,
	}
}

type violations struct{ list []error }

func (v *violations) require(ok bool, format string, args ...any) {
	if !ok {
		v.list = append(v.list, fmt.Errorf(format, args...))
	}
}

func (v *violations) period(where string, p Period) {
	v.require(!p.EffectiveFrom.IsZero(), "%s.effectiveFrom is required", where)
	v.require(p.EffectiveTo.IsZero() || !p.EffectiveTo.Before(p.EffectiveFrom.Time), "%s ends before it begins", where)
}
