package contract

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
)

// NEMSIS codes that this file decides by.
const (
	multiplePatients = "2707001" // eScene.06
	deadWithout      = "4219007" // eDisposition.19, dead without resuscitation efforts
	deadWith         = "4219009" // eDisposition.19, dead with resuscitation efforts
	diedInField      = "3018003" // eArrest.18, expired in the field
	billingSignature = "4513005" // eOther.13, release for billing
)

// signed tells by the status (eOther.15) whether a signature is there.
// 4515027 is a paper copy, 4515031 the patient's signature, 4515033 somebody else's; all others say why there is none.
func signed(s chart.Signature) bool { return chart.Is(s.Status, "4515027", "4515031", "4515033") }

// ClaimSnapshot is what billing needs of a report and no more.
func ClaimSnapshot(chartID string, version int32, r *intake.Report) *clinicalv1.ClaimSnapshotReady {
	f := r.Facts
	d := &f.Disposition
	return &clinicalv1.ClaimSnapshotReady{
		ChartId: chartID, Version: version,
		ServiceDate:              dateOf(f.Times.UnitNotified),
		ServiceType:              value(f.Response.ServiceType),
		UnitCapability:           value(f.Response.Capability),
		ResponseMode:             value(f.Response.Mode),
		IncidentDispositionV34:   value(d.Incident34),
		UnitDisposition:          value(d.Unit),
		CareDisposition:          value(d.Care),
		TransportDisposition:     value(d.Transport),
		LevelOfCare:              value(d.LevelOfCare),
		TransportMethod:          value(d.TransportMethod),
		SceneLocationType:        value(f.Scene.LocationType),
		SceneFacility:            value(f.Scene.FacilityCode) != "",
		DestinationType:          value(d.DestinationType),
		PickupZip:                zip(f.Scene.PickupZIP),
		LoadedMilesTenths:        tenths(f.Derived.LoadedMiles),
		Impressions:              values([]chart.Code{f.Situation.PrimaryImpression}, f.Situation.SecondaryImpressions),
		Symptoms:                 values([]chart.Code{f.Situation.PrimarySymptom}, f.Situation.OtherSymptoms),
		Medications:              given(f.Medications),
		Procedures:               performed(f.Procedures),
		Payment:                  payment(&f.Payment),
		BillingSignature:         hasBillingSignature(f.Signatures),
		BillingSignatureStatuses: billingStatuses(f.Signatures),
		Demographics:             demographics(r.Presence),
		DiedBeforeTransport:      diedBeforeTransport(f),
		InitialAcuity:            value(f.Situation.InitialAcuity),
		DispatchPriority:         value(f.Dispatch.Priority),
		MultiplePatients:         chart.Is(f.Scene.PatientCount, multiplePatients),
	}
}

// dateOf is the day in the offset that the crew wrote down, which is the day at the scene.
func dateOf(t chart.Time) *date.Date {
	v, ok := t.Get()
	if !ok {
		return nil
	}
	return &date.Date{Year: int32(v.Year()), Month: int32(v.Month()), Day: int32(v.Day())}
}

const zipDigits = 5

// zip keeps the five digits that set a price and drops the four that name a street.
func zip(c chart.Code) string {
	v, _, _ := strings.Cut(value(c), "-")
	if len(v) < zipDigits {
		return ""
	}
	return v[:zipDigits]
}

const hundredthsPerTenth = 10

// tenths rounds up, as CMS has mileage reported.
func tenths(m *chart.HundredthMiles) *int32 {
	if m == nil {
		return nil
	}
	v := int32((int64(*m) + hundredthsPerTenth - 1) / hundredthsPerTenth)
	return &v
}

func given(list []chart.Medication) []*clinicalv1.ClaimSnapshotReady_GivenMedication {
	var out []*clinicalv1.ClaimSnapshotReady_GivenMedication
	for i := range list {
		m := &list[i]
		if !m.Given() {
			continue
		}
		out = append(out, &clinicalv1.ClaimSnapshotReady_GivenMedication{
			Code: value(m.Drug), Route: value(m.Route), Time: timestamp(m.Time),
		})
	}
	return out
}

func performed(list []chart.Procedure) []string {
	var out []string
	for i := range list {
		if p := &list[i]; p.Performed() {
			out = append(out, value(p.Procedure))
		}
	}
	return out
}

func payment(p *chart.Payment) *clinicalv1.ClaimSnapshotReady_Payment {
	out := &clinicalv1.ClaimSnapshotReady_Payment{
		PrimaryMethod:       value(p.PrimaryMethod),
		Pcs:                 value(p.PCS),
		PcsDate:             dateOf(p.PCSDate),
		PcsReasons:          values(p.PCSReasons),
		PcsSigner:           value(p.PCSSigner),
		Urgency:             value(p.Urgency),
		ConditionIndicators: values(p.Conditions),
		ServiceLevel:        value(p.ServiceLevel),
		ConditionCodes:      values(p.ConditionCodes),
		PriorAuthorization:  p.Authorized,
	}
	if reasons := values(p.TransportReasons); len(reasons) > 0 {
		out.TransportReason = reasons[0]
	}
	out.Insurances = insurances(p)
	return out
}

// insurances are in the order of their rank. The payer type (ePayment.57) stands once in a chart and is that of the payer
// who comes first.
func insurances(p *chart.Payment) []*clinicalv1.ClaimSnapshotReady_Insurance {
	var out []*clinicalv1.ClaimSnapshotReady_Insurance
	for _, in := range p.Insurances {
		out = append(out, &clinicalv1.ClaimSnapshotReady_Insurance{
			Priority:            value(in.Priority),
			Relationship:        value(in.Relationship),
			PolicyNumberPresent: in.HasPolicy,
			CompanyPresent:      in.HasCompany,
		})
	}
	slices.SortStableFunc(out, func(a, b *clinicalv1.ClaimSnapshotReady_Insurance) int {
		return strings.Compare(rank(a), rank(b))
	})
	if kind := value(p.PayerType); kind != "" {
		if len(out) == 0 {
			out = append(out, &clinicalv1.ClaimSnapshotReady_Insurance{})
		}
		out[0].PayerType = kind
	}
	return out
}

// Codes of ePayment.11 grow with the rank, except these two.
const (
	rankOther   = "2611001"
	rankUnknown = "2611025"
)

func rank(i *clinicalv1.ClaimSnapshotReady_Insurance) string {
	switch p := i.GetPriority(); p {
	case "", rankOther, rankUnknown:
		return "~" + p
	default:
		return p
	}
}

func hasBillingSignature(list []chart.Signature) bool {
	return slices.ContainsFunc(list, func(s chart.Signature) bool {
		return chart.Any(s.Reasons, billingSignature) && signed(s)
	})
}

func billingStatuses(list []chart.Signature) []string {
	var out []string
	for _, s := range list {
		if v := value(s.Status); v != "" && chart.Any(s.Reasons, billingSignature) {
			out = append(out, v)
		}
	}
	return out
}

func demographics(p intake.Presence) *clinicalv1.ClaimSnapshotReady_Demographics {
	return &clinicalv1.ClaimSnapshotReady_Demographics{Name: p.Name, BirthDate: p.BirthDate, Address: p.Address, Sex: p.Sex}
}

// diedBeforeTransport: dead at the end of the call and not carried by this unit.
func diedBeforeTransport(f *chart.Facts) bool {
	dead := chart.Is(f.Disposition.FinalAcuity, deadWithout, deadWith) || chart.Is(f.Arrest.EndOfEvent, diedInField)
	return dead && !f.Derived.Transport
}

func timestamp(t chart.Time) *timestamppb.Timestamp {
	if v, ok := t.Get(); ok {
		return timestamppb.New(v.In(time.UTC))
	}
	return nil
}
