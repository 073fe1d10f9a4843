package rpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

type alertsRequest interface {
	page.Request
	GetIncludeResolved() bool
}

func (s shared) listAlerts(ctx context.Context, req alertsRequest) (*compliancev1.ListAlertsResponse, error) {
	bound := []any{s.name, "alerts", req.GetIncludeResolved()}
	list, next, err := pageOf(ctx, s, bound, req, func(after *store.AlertPosition, limit int32) ([]alert.Alert, error) {
		return s.Store.ListAlerts(ctx, s.name, req.GetIncludeResolved(), after, limit)
	}, func(last alert.Alert) store.AlertPosition { return store.AlertPosition{Due: last.DueDate, ID: last.ID} })
	out := &compliancev1.ListAlertsResponse{NextPageToken: next}
	for _, a := range list {
		out.Alerts = append(out.Alerts, alertTo(a))
	}
	return out, err
}

func (s shared) acknowledgeAlert(ctx context.Context, id string) (*compliancev1.Alert, error) {
	return s.changeAlert(ctx, id, func(a alert.Alert) (alert.Alert, error) {
		a.State, a.SnoozeUntil, a.SnoozeReason = alert.Acknowledged, nil, ""
		return a, nil
	})
}

func (s shared) snoozeAlert(ctx context.Context, id string, until *date.Date, reason string) (*compliancev1.Alert, error) {
	var d dates
	day := d.from("untilDate", until)
	if d.err != nil {
		return nil, d.err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, invalid("reason", "text.present", "why the alert may rest")
	}
	if err := screen.Text("reason", reason); err != nil {
		return nil, err
	}
	return s.changeAlert(ctx, id, func(a alert.Alert) (alert.Alert, error) {
		a.State, a.SnoozeUntil, a.SnoozeReason = alert.Snoozed, day, reason
		return a, a.CheckSnooze(*day, record.Today(s.Clock.Now()))
	})
}

func (s shared) changeAlert(ctx context.Context, raw string, change func(alert.Alert) (alert.Alert, error)) (*compliancev1.Alert, error) {
	id, err := idOf(raw, alert.NotFound)
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, alert.Name(s.name, id))
	p, _ := identity.From(ctx)
	a, err := s.Store.ChangeAlert(ctx, s.name, id, func(a alert.Alert) (alert.Alert, error) {
		was := a.State
		a, err := change(a)
		a.Actor, a.UpdateTime = p.Subject, s.Clock.Now().UTC().Truncate(time.Microsecond)
		audit.Changed(ctx, "state", compliancev1.Alert_State(was).String(), compliancev1.Alert_State(a.State).String())
		return a, err
	})
	if err != nil {
		return nil, err
	}
	return alertTo(a), nil
}

func alertTo(a alert.Alert) *compliancev1.Alert {
	return &compliancev1.Alert{
		Id: a.ID.String(), AgencyId: a.AgencyID, Record: record.Name(a.Workspace, a.MetadataID), Kind: compliancev1.Alert_Kind(a.Kind),
		DueDate: dateTo(&a.DueDate), ThresholdDays: a.ThresholdDays, State: compliancev1.Alert_State(a.State),
		CreateTime: timestamppb.New(a.CreateTime), UpdateTime: timestamppb.New(a.UpdateTime),
		SnoozeUntilDate: dateTo(a.SnoozeUntil), SnoozeReason: a.SnoozeReason, Actor: a.Actor,
	}
}
