package rpc

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

func agencyFrom(a *agencyv1.Agency) registry.Agency {
	return registry.Agency{
		DisplayName: a.GetDisplayName(), StateUniqueID: a.GetStateUniqueId(), Number: a.GetAgencyNumber(),
		StateCode: a.GetStateCode(), TimeZone: a.GetTimeZone(),
	}
}

func agencyTo(a registry.Agency) *agencyv1.Agency {
	state := agencyv1.Agency_STATE_UNSPECIFIED
	if a.State == registry.Active {
		state = agencyv1.Agency_STATE_ACTIVE
	}
	return &agencyv1.Agency{
		Id: a.ID, DisplayName: a.DisplayName, StateUniqueId: a.StateUniqueID, AgencyNumber: a.Number,
		StateCode: a.StateCode, TimeZone: a.TimeZone, State: state, CreateTime: timestamppb.New(a.CreateTime),
	}
}

func moduleTo(m switchboard.Module) *agencyv1.Module {
	out := &agencyv1.Module{Module: m.Module, Enabled: m.Enabled, Reason: m.Reason, Requires: m.Requires}
	if !m.UpdateTime.IsZero() {
		out.UpdateTime = timestamppb.New(m.UpdateTime)
	}
	return out
}
