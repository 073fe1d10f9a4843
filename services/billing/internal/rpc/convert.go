package rpc

import (
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
)

func claimTo(r claim.Record) *billingv1.Claim {
	d := r.Draft
	out := &billingv1.Claim{
		Id: r.ID.String(), AgencyId: r.AgencyID, ChartId: r.ChartID.String(), ChartVersion: r.ChartVersion,
		State: stateTo(d.State), ServiceDate: dateTo(d.ServiceDate), OriginDestinationModifier: d.OriginDestination,
		Modifiers: d.Modifiers, Diagnoses: d.Diagnoses, PickupZip: d.PickupZIP,
		PolicyVersion: &commonv1.PolicyVersionRef{Key: r.Policy.Key, Version: r.Policy.Version, Sha256: r.Policy.SHA256},
		CreateTime:    timestamppb.New(r.CreateTime), UpdateTime: timestamppb.New(r.UpdateTime),
	}
	if l := d.Level; l != nil {
		out.LevelOfService = &billingv1.LevelOfService{
			Hcpcs: l.HCPCS, Name: l.Name, Rule: l.Rule, Explanation: l.Explanation, Source: l.Source, DocumentedHcpcs: l.DocumentedHCPCS,
		}
	}
	if m := d.Mileage; m != nil {
		out.Mileage = &billingv1.Mileage{Hcpcs: m.HCPCS, MilesTenths: m.MilesTenths, Rule: m.Rule}
	}
	if n := d.NoBill; n != nil {
		out.NoBill = &billingv1.NoBillReason{Code: n.Code, Explanation: n.Explanation}
	}
	for _, p := range d.Payers {
		out.Payers = append(out.Payers, &billingv1.Payer{
			ClaimFilingIndicator: p.FilingIndicator, Priority: p.Priority, Relationship: p.Relationship, PolicyNumberPresent: p.PolicyNumberPresent,
		})
	}
	for _, m := range d.Missing {
		out.Missing = append(out.Missing, &billingv1.MissingItem{Code: m.Code, Element: m.Element, Message: m.Message})
	}
	return out
}

func summaryTo(s claim.Summary) *billingv1.ClaimSummary {
	out := &billingv1.ClaimSummary{}
	for _, c := range s.States {
		out.States = append(out.States, &billingv1.ClaimSummary_StateCount{
			State: stateTo(claim.State(c.Code)), Claims: c.Claims, OldestServiceDate: dateTo(c.OldestServiceDate),
		})
	}
	for _, c := range s.Missing {
		out.Missing = append(out.Missing, &billingv1.ClaimSummary_MissingCount{
			Code: c.Code, Claims: c.Claims, OldestServiceDate: dateTo(c.OldestServiceDate),
		})
	}
	for _, c := range s.Levels {
		out.Levels = append(out.Levels, &billingv1.ClaimSummary_LevelCount{Hcpcs: c.Code, Claims: c.Claims})
	}
	for _, c := range s.NoBills {
		out.NoBills = append(out.NoBills, &billingv1.ClaimSummary_NoBillCount{Code: c.Code, Claims: c.Claims})
	}
	return out
}

// orderOf reads order_by, which the contract restricts to the known orders; newest first is the default by its name too.
func orderOf(orderBy string) claim.Order {
	switch o := claim.Order(orderBy); o {
	case claim.Oldest, claim.ByService:
		return o
	case claim.Newest:
	}
	return claim.Newest
}

func stateTo(s claim.State) billingv1.Claim_State {
	return billingv1.Claim_State(billingv1.Claim_State_value["STATE_"+string(s)])
}

// stateOf is empty for STATE_UNSPECIFIED: no filter.
func stateOf(s billingv1.Claim_State) claim.State {
	switch s {
	case billingv1.Claim_STATE_DRAFT:
		return claim.Drafted
	case billingv1.Claim_STATE_READY:
		return claim.Ready
	case billingv1.Claim_STATE_NO_BILL:
		return claim.Unbilled
	}
	return ""
}

func dateTo(s string) *date.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil
	}
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())}
}
