package rpc

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/rpc"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/access"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
)

// GetDeaAccess answers the flag of the agency.
func (s *Dea) GetDeaAccess(ctx context.Context, _ *compliancev1.GetDeaAccessRequest) (*compliancev1.DeaAccess, error) {
	f, err := s.Store.Flag(ctx)
	if err != nil {
		return nil, err
	}
	return flagTo(f), nil
}

// UpdateDeaAccess moves the flag of the agency.
func (s *Dea) UpdateDeaAccess(ctx context.Context, req *compliancev1.UpdateDeaAccessRequest) (*compliancev1.DeaAccess, error) {
	audit.Target(ctx, "dea/access")
	was, err := s.Store.Flag(ctx)
	if err != nil {
		return nil, err
	}
	audit.Changed(ctx, "enabled", strconv.FormatBool(was.Enabled), strconv.FormatBool(req.GetEnabled()))
	now, err := s.Store.SetFlag(ctx, req.GetEnabled())
	if err != nil {
		return nil, err
	}
	return flagTo(now), nil
}

func flagTo(f access.Flag) *compliancev1.DeaAccess {
	return &compliancev1.DeaAccess{Enabled: f.Enabled, UpdateTime: timeTo(f.Time)}
}

// CreateDeaGrant grants the view of the workspace to an administrator.
func (s *Dea) CreateDeaGrant(ctx context.Context, req *compliancev1.CreateDeaGrantRequest) (*compliancev1.DeaGrant, error) {
	g, err := s.grantFrom(ctx, req.GetGrant())
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, "dea/grants/"+g.ID.String())
	audit.Changed(ctx, "subject", "", g.Subject)
	audit.Changed(ctx, "expireTime", "", g.ExpireTime.Format(time.RFC3339))
	g, err = s.Store.AddGrant(ctx, g, func(r record.AlertRules) error { return g.Validate(g.CreateTime, r.MaxGrantDays) })
	if err != nil {
		return nil, err
	}
	return s.grantTo(g), rpc.Created(ctx)
}

func (s *Dea) grantFrom(ctx context.Context, m *compliancev1.DeaGrant) (access.Grant, error) {
	if err := screen.Text("grant.reason", m.GetReason()); err != nil {
		return access.Grant{}, err
	}
	p, _ := identity.From(ctx)
	id, err := uuid.NewV7()
	return access.Grant{
		ID: id, Subject: strings.TrimSpace(m.GetSubject()), Reason: strings.TrimSpace(m.GetReason()), Grantor: p.Subject,
		CreateTime: s.Clock.Now().UTC().Truncate(time.Microsecond), ExpireTime: m.GetExpireTime().AsTime(),
	}, err
}

// ListDeaGrants answers one page of grants, newest first.
func (s *Dea) ListDeaGrants(ctx context.Context, req *compliancev1.ListDeaGrantsRequest) (*compliancev1.ListDeaGrantsResponse, error) {
	list, next, err := pageOf(ctx, s.shared, "dea/grants", req, func(before *uuid.UUID, limit int32) ([]access.Grant, error) {
		return s.Store.ListGrants(ctx, before, limit)
	}, func(last access.Grant) uuid.UUID { return last.ID })
	out := &compliancev1.ListDeaGrantsResponse{NextPageToken: next}
	for _, g := range list {
		out.Grants = append(out.Grants, s.grantTo(g))
	}
	return out, err
}

// RevokeDeaGrant ends a grant.
func (s *Dea) RevokeDeaGrant(ctx context.Context, req *compliancev1.RevokeDeaGrantRequest) (*compliancev1.DeaGrant, error) {
	id, err := idOf(req.GetId(), access.GrantNotFound)
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, "dea/grants/"+id.String())
	g, err := s.Store.RevokeGrant(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.grantTo(g), nil
}

func (s *Dea) grantTo(g access.Grant) *compliancev1.DeaGrant {
	return &compliancev1.DeaGrant{
		Id: g.ID.String(), AgencyId: g.AgencyID, Subject: g.Subject, Reason: g.Reason, Grantor: g.Grantor,
		CreateTime: timestamppb.New(g.CreateTime), ExpireTime: timestamppb.New(g.ExpireTime), RevokeTime: timeTo(g.RevokeTime),
		Live: g.Live(s.Clock.Now()),
	}
}
