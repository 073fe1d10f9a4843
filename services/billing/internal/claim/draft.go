package claim

import "slices"

// State of a claim.
type State string

// States of a claim.
const (
	Unbilled State = "NO_BILL" // there is nothing to bill
	Drafted  State = "DRAFT"   // something is missing
	Ready    State = "READY"   // complete as far as rules can tell
)

// Draft is what the rules make of a snapshot.
type Draft struct {
	State State `json:"state"`
	// ServiceDate is YYYY-MM-DD, empty when unknown.
	ServiceDate string `json:"serviceDate,omitempty"`
	// Level and Mileage are nil when nothing is billed, Mileage also when there is none or it is unknown.
	Level   *Level   `json:"level,omitempty"`
	Mileage *Mileage `json:"mileage,omitempty"`
	// OriginDestination is the pair of modifiers, "?" for an unknown side; empty without a transport.
	OriginDestination string    `json:"originDestination,omitempty"`
	Modifiers         []string  `json:"modifiers,omitempty"`
	Diagnoses         []string  `json:"diagnoses,omitempty"`
	Payers            []Payer   `json:"payers,omitempty"`
	Missing           []Missing `json:"missing,omitempty"`
	NoBill            *NoBill   `json:"noBill,omitempty"`
	PickupZIP         string    `json:"pickupZip,omitempty"`
}

// Level is the suggested HCPCS code with the rule that suggested it.
type Level struct {
	HCPCS       string `json:"hcpcs"`
	Name        string `json:"name"`
	Rule        string `json:"rule"`
	Explanation string `json:"explanation"`
	Source      string `json:"source"`
	// DocumentedHCPCS is what the crew wrote in ePayment.50; empty when they wrote nothing.
	DocumentedHCPCS string `json:"documentedHcpcs,omitempty"`
}

// Mileage is the loaded distance as claimed.
type Mileage struct {
	HCPCS       string `json:"hcpcs"`
	MilesTenths int32  `json:"milesTenths"`
	Rule        string `json:"rule"`
}

// Payer is one insurance in billing order.
type Payer struct {
	// FilingIndicator is SBR09; Priority primary, secondary, tertiary or empty when unknown.
	FilingIndicator     string `json:"filingIndicator,omitempty"`
	Priority            string `json:"priority,omitempty"`
	Relationship        string `json:"relationship,omitempty"`
	PolicyNumberPresent bool   `json:"policyNumberPresent"`
}

// Missing is one thing that keeps a claim from submission.
type Missing struct {
	Code    string `json:"code"`
	Element string `json:"element"`
	Message string `json:"message"`
}

// NoBill says why nothing is billed.
type NoBill struct {
	Code        string `json:"code"`
	Explanation string `json:"explanation"`
}

// Judge drafts the claim of a chart.
func Judge(r *Rules, s Snapshot) Draft {
	d := Draft{ServiceDate: dateText(s.ServiceDate), PickupZIP: zip5(s.PickupZIP)}
	c := callOf(r, s)
	if d.NoBill = r.noBill(s, c); d.NoBill != nil {
		d.State = Unbilled
		return d
	}
	d.Level = r.level(s, c)
	d.Diagnoses = r.diagnoses(s)
	d.Payers = r.payers(s.Payment)
	if c.diedBeforeLoading {
		d.Modifiers = append(d.Modifiers, r.Death.Modifier)
	} else {
		d.Mileage = r.mileage(s, c)
		d.OriginDestination = r.origin(s) + r.destination(s)
	}
	d.Missing = r.missing(s, c, d)
	d.State = Ready
	if len(d.Missing) > 0 {
		d.State = Drafted
	}
	return d
}

// call is what several rules ask about a snapshot.
type call struct {
	transported       bool // by this unit
	diedBeforeLoading bool
	emergency         bool
	whyEmergency      string
	vehicle           string // ground, fixedWing or rotorWing
}

func callOf(r *Rules, s Snapshot) call {
	var c call
	if s.TransportDisposition != "" {
		c.transported = slices.Contains(r.Transport.ThisUnit, s.TransportDisposition)
	} else {
		c.transported = slices.Contains(r.Transport.ThisUnitV34, s.DispositionV34)
	}
	died := s.DiedBeforeTransport || slices.Contains(r.Transport.DiedOnSceneV34, s.DispositionV34)
	c.diedBeforeLoading = died && !c.transported
	c.emergency, c.whyEmergency = r.isEmergency(s)
	c.vehicle = r.vehicle(s)
	return c
}

// noBill finds the first rule of the document that says there is nothing to bill.
func (r *Rules) noBill(s Snapshot, c call) *NoBill {
	for _, rule := range r.NoBill {
		value := noBillElements[rule.Element](s)
		if value == "" || !slices.Contains(rule.Codes, value) {
			continue
		}
		if (rule.UnlessTransported && c.transported) || (rule.UnlessDiedBeforeLoading && c.diedBeforeLoading) {
			continue
		}
		return &NoBill{Code: rule.Code, Explanation: rule.Element + " is " + value + ": " + rule.Explanation}
	}
	return nil
}

// noBillElements are the elements that a no-bill rule can name.
//
//nolint:gochecknoglobals // a constant table
var noBillElements = map[string]func(Snapshot) string{
	"eDisposition.12": func(s Snapshot) string { return s.DispositionV34 },
	"eDisposition.16": func(s Snapshot) string { return s.TransportMethod },
	"eDisposition.27": func(s Snapshot) string { return s.UnitDisposition },
	"eDisposition.28": func(s Snapshot) string { return s.CareDisposition },
	"eDisposition.30": func(s Snapshot) string { return s.TransportDisposition },
	"eResponse.05":    func(s Snapshot) string { return s.ServiceType },
	"eResponse.07":    func(s Snapshot) string { return s.Capability },
}
