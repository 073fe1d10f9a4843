package claim

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

const tenthsPerMile = 10

// mileage rounds the loaded distance: up to the limit as tenths, above it up to whole miles. The snapshot counts tenths
// already rounded up.
func (r *Rules) mileage(s Snapshot, c call) *Mileage {
	if s.LoadedMilesTenths == nil || *s.LoadedMilesTenths <= 0 {
		return nil
	}
	tenths, limit := *s.LoadedMilesTenths, r.Mileage.TenthsUpToMiles
	m := &Mileage{HCPCS: r.mileageCode(c.vehicle), MilesTenths: tenths, Rule: fmt.Sprintf("up to %d miles: rounded up to a tenth of a mile", limit)}
	if tenths > limit*tenthsPerMile {
		m.MilesTenths = (tenths + tenthsPerMile - 1) / tenthsPerMile * tenthsPerMile
		m.Rule = fmt.Sprintf("above %d miles: rounded up to a whole mile", limit)
	}
	return m
}

func (r *Rules) mileageCode(vehicle string) string {
	switch vehicle {
	case fixedWing:
		return r.Mileage.HCPCS.FixedWing
	case rotorWing:
		return r.Mileage.HCPCS.RotorWing
	}
	return r.Mileage.HCPCS.Ground
}

// origin is the modifier of the pickup: by the type of the location, else by a service type that names it.
func (r *Rules) origin(s Snapshot) string {
	for code := s.SceneLocation; code != ""; code = strings.TrimSuffix(code[:len(code)-1], ".") {
		if place, ok := r.Modifiers.Origins[code]; ok {
			if place == unknownPlace {
				break
			}
			return place
		}
	}
	return cmp.Or(r.Modifiers.OriginsOfServiceTypes[s.ServiceType], unknownPlace)
}

func (r *Rules) destination(s Snapshot) string {
	return cmp.Or(r.Modifiers.Destinations[s.DestinationType], unknownPlace)
}

// diagnoses are the impressions and then the symptoms, each once.
func (r *Rules) diagnoses(s Snapshot) []string {
	var out []string
	for _, code := range slices.Concat(s.Impressions, s.Symptoms) {
		if code != "" && !slices.Contains(out, code) && len(out) < r.Diagnoses.Maximum {
			out = append(out, code)
		}
	}
	return out
}

// payers come in billing order, those of unknown priority last.
func (r *Rules) payers(p Payment) []Payer {
	rank := func(code string) int {
		for i, known := range r.Payers.Priorities {
			if known.Code == code {
				return i
			}
		}
		return len(r.Payers.Priorities)
	}
	sorted := slices.Clone(p.Insurances)
	slices.SortStableFunc(sorted, func(a, b Insurance) int { return cmp.Compare(rank(a.Priority), rank(b.Priority)) })
	out := make([]Payer, 0, len(sorted))
	for _, i := range sorted {
		payer := Payer{Relationship: i.Relationship, PolicyNumberPresent: i.PolicyNumberPresent}
		if slices.Contains(r.Payers.FilingIndicators, i.PayerType) {
			payer.FilingIndicator = i.PayerType
		}
		if n := rank(i.Priority); n < len(r.Payers.Priorities) {
			payer.Priority = r.Payers.Priorities[n].Name
		}
		out = append(out, payer)
	}
	if len(out) == 1 && out[0].Priority == "" && p.Insurances[0].Priority == "" {
		out[0].Priority = r.Payers.Priorities[0].Name // the only one known is the one billed first
	}
	// The method of payment is that of the payer billed first, also when the chart says nothing more about it.
	if indicator := r.Payers.OfPaymentMethods[p.PrimaryMethod]; indicator != "" {
		switch first := r.Payers.Priorities[0].Name; {
		case len(out) == 0:
			out = append(out, Payer{FilingIndicator: indicator, Priority: first})
		case out[0].FilingIndicator == "" && out[0].Priority == first:
			out[0].FilingIndicator = indicator
		}
	}
	return out
}

var zipForm = regexp.MustCompile(`^([0-9]{5})(-?[0-9]{4})?$`)

// zip5 is the five-digit ZIP code, empty when the text is none.
func zip5(s string) string {
	m := zipForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return ""
	}
	return m[1]
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
