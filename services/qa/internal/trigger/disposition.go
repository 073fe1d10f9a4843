package trigger

import "slices"

// refused says how the chart documents a refusal. The one disposition element of NEMSIS 3.4 counts only when none of its
// successors holds a value.
func (c *call) refused() hits {
	d := c.policy.Definitions.Refusal
	var h hits
	h.codes("eDisposition.28", d.CareDispositions, c.CareDisposition)
	h.codes("eDisposition.29", d.CrewDispositions, c.CrewDisposition)
	h.codes("eDisposition.30", d.TransportDispositions, c.TransportDisposition)
	if c.RefusedV34 && c.onlyV34() {
		h.codes("eDisposition.12", []string{c.IncidentDispositionV34.Value}, c.IncidentDispositionV34)
	}
	return h
}

func (c *call) onlyV34() bool {
	return !c.CareDisposition.Known() && !c.CrewDisposition.Known() && !c.TransportDisposition.Known()
}

func refusalEvent(c *call, _ float64) (finding, bool) {
	h := c.refused()
	return h.finding("Refusal of evaluation, care or transport")
}

// unsignedRefusal fires unless the patient or a representative signed the refusal, or refused to sign before a witness who
// signed. A signer or status that the chart does not state proves no signature.
func unsignedRefusal(c *call, _ float64) (finding, bool) {
	h := c.refused()
	if !h.any() || c.refusalSigned() {
		return finding{}, false
	}
	found, ok := h.finding("Refusal without the signature of the patient or a representative (eOther.12 to eOther.15)")
	found.elements = append(found.elements, "eOther.12", "eOther.13", "eOther.15")
	return found, ok
}

func (c *call) refusalSigned() bool {
	d := c.policy.Definitions.RefusalSignature
	signed := func(s Signature) bool {
		return anyIn(s.Reasons, d.Reasons) && s.Signer.In(d.Signers) && s.Status.In(d.SignedStatuses)
	}
	refusedToSign := func(s Signature) bool {
		return anyIn(s.Reasons, d.Reasons) && s.Status.In(d.RefusedToSignStatuses)
	}
	witnessed := func(s Signature) bool { return s.Signer.In(d.Witnesses) && s.Status.In(d.SignedStatuses) }
	return slices.ContainsFunc(c.Signatures, signed) ||
		slices.ContainsFunc(c.Signatures, refusedToSign) && slices.ContainsFunc(c.Signatures, witnessed)
}

// noVitals fires on a transport on which this unit measured nothing. What somebody measured before its care is not its own.
func noVitals(c *call, _ float64) (finding, bool) {
	transport := c.transported()
	if !transport.any() || slices.ContainsFunc(c.Vitals, measured) {
		return finding{}, false
	}
	what := "Transport without a vital sign measured by this unit (eVitals.06 to eVitals.27)"
	if slices.ContainsFunc(c.Vitals, negated) {
		what = "Transport without a measured vital sign, reasons documented as pertinent negatives (eVitals.06 to eVitals.27)"
	}
	found, ok := transport.finding(what)
	found.elements = append(found.elements, "eVitals.02", "eVitals.06", "eVitals.10", "eVitals.12", "eVitals.14")
	return found, ok
}

func (c *call) transported() hits {
	var h hits
	h.codes("eDisposition.30", c.policy.Definitions.Transport.TransportDispositions, c.TransportDisposition)
	if c.TransportedV34 && c.onlyV34() {
		h.codes("eDisposition.12", []string{c.IncidentDispositionV34.Value}, c.IncidentDispositionV34)
	}
	return h
}

func measured(v VitalSet) bool {
	return !(v.PriorToCare.Known() && v.PriorToCare.Value == priorYes) && slices.ContainsFunc(v.Measurements, Fact.Known)
}

func negated(v VitalSet) bool {
	return slices.ContainsFunc(v.Measurements, func(f Fact) bool { return f.State == PertinentNegative })
}
