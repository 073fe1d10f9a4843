package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// Me serves MeService.
type Me struct {
	agencyv1.UnimplementedMeServiceServer
	registry *registry.Service
	switches *switchboard.Service
}

// NewMe returns the server of MeService.
func NewMe(r *registry.Service, s *switchboard.Service) *Me { return &Me{registry: r, switches: s} }

// GetMe answers who the caller is.
func (s *Me) GetMe(ctx context.Context, _ *agencyv1.GetMeRequest) (*agencyv1.Me, error) {
	p, ok := identity.From(ctx)
	if !ok {
		return nil, errs.New(errs.Unauthenticated, "PRINCIPAL_MISSING", "nobody is signed in")
	}
	me := meTo(p)
	if p.AgencyID == 0 {
		return me, nil
	}
	return me, s.addAgency(ctx, me, p.AgencyID)
}

// addAgency fills in the agency. A token may name one that is not registered here: its bearer has no agency then.
func (s *Me) addAgency(ctx context.Context, me *agencyv1.Me, id int64) error {
	a, err := s.registry.Get(ctx, id)
	if errs.IsKind(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	me.Agency = agencyTo(a)
	list, err := s.switches.List(ctx, id)
	for _, m := range list {
		if m.Enabled {
			me.Modules = append(me.Modules, m.Module)
		}
	}
	return err
}

func meTo(p identity.Principal) *agencyv1.Me {
	me := &agencyv1.Me{
		Subject: p.Subject, Name: p.Name, Actor: string(p.Actor), Roles: p.Roles, Scopes: p.Scopes, Acr: p.ACR,
	}
	if !p.AuthTime.IsZero() {
		me.AuthTime = timestamppb.New(p.AuthTime)
	}
	return me
}
