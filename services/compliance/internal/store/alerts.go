package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// AlertPosition is where an alert stands in the list.
type AlertPosition struct {
	Due time.Time
	ID  uuid.UUID
}

// ListAlerts answers at most limit alerts after the position, the nearest date first.
func (s *Store) ListAlerts(ctx context.Context, workspace string, resolved bool, at *AlertPosition, limit int32) (list []alert.Alert, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		p := dbsqlc.ListAlertsParams{AgencyID: tx.AgencyID(), Workspace: workspace, IncludeResolved: resolved, RowLimit: limit}
		if at != nil {
			p.AfterDate, p.AfterID = &at.Due, &at.ID
		}
		rows, err := queries().ListAlerts(ctx, tx, p)
		for _, r := range rows {
			list = append(list, alertOf(r))
		}
		return err
	})
	return list, err
}

// ChangeAlert lets change decide about an alert and stores what it decided. It must fail for an alert that is over.
func (s *Store) ChangeAlert(ctx context.Context, workspace string, id uuid.UUID, change func(alert.Alert) (alert.Alert, error)) (a alert.Alert, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if a, err = oneAlert(ctx, tx, workspace, id); err != nil {
			return err
		}
		if a, err = change(a); err != nil {
			return err
		}
		n, err := putAlert(ctx, tx, a)
		if err == nil && n == 0 {
			err = alert.AlreadyResolved()
		}
		return err
	})
	return a, err
}

func oneAlert(ctx context.Context, tx *db.Tx, workspace string, id uuid.UUID) (alert.Alert, error) {
	row, err := queries().GetAlert(ctx, tx, dbsqlc.GetAlertParams{AgencyID: tx.AgencyID(), Workspace: workspace, ID: id})
	if isNone(err) {
		return alert.Alert{}, alert.NotFound()
	}
	return alertOf(row), err
}

func putAlert(ctx context.Context, tx *db.Tx, a alert.Alert) (int64, error) {
	if a.State == alert.Snoozed {
		return queries().SnoozeAlert(ctx, tx, dbsqlc.SnoozeAlertParams{
			AgencyID: tx.AgencyID(), ID: a.ID, Until: *a.SnoozeUntil, Reason: a.SnoozeReason, Actor: a.Actor, At: a.UpdateTime,
		})
	}
	return queries().AcknowledgeAlert(ctx, tx, dbsqlc.AcknowledgeAlertParams{AgencyID: tx.AgencyID(), ID: a.ID, Actor: a.Actor, At: a.UpdateTime})
}

// Agencies are all that alerts are dated for.
func (s *Store) Agencies(ctx context.Context) (list []int64, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = queries().ListAgencies(ctx, tx)
		return err
	})
	return list, err
}

// RaiseAlerts brings the alerts of the caller's agency up to the day: raises what came near, wakes what slept long enough, and
// resolves what no date stands behind. All of it, with the events, in one transaction: killed in the middle it has done
// nothing, and done twice it does nothing more.
func (s *Store) RaiseAlerts(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		w, err := s.window(ctx, tx)
		if err != nil {
			return err
		}
		if err := queries().WakeAlerts(ctx, tx, dbsqlc.WakeAlertsParams{AgencyID: tx.AgencyID(), At: w.now, Today: w.today}); err != nil {
			return err
		}
		for _, workspace := range []string{dea.Workspace, cms.Workspace} {
			dates, err := datesIn(ctx, tx, workspace, w.alerts)
			if err != nil {
				return err
			}
			if err := s.resolve(ctx, tx, workspace, nil, dates); err != nil {
				return err
			}
			if err := raise(ctx, tx, workspace, dates, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// datesIn are the dates of all records in force.
func datesIn(ctx context.Context, tx *db.Tx, workspace string, rules record.AlertRules) (list []alert.Date, err error) {
	if workspace == dea.Workspace {
		rows, err := queries().ListDeaDates(ctx, tx, tx.AgencyID())
		for _, r := range rows {
			list = append(list, alert.DatesOf(r.ID, alert.Expiration, r.ExpirationDate, r.LastVerifiedDate, rules)...)
		}
		return list, err
	}
	rows, err := queries().ListCmsDates(ctx, tx, tx.AgencyID())
	for _, r := range rows {
		list = append(list, alert.DatesOf(r.ID, alert.Revalidation, r.RevalidationDueDate, r.LastVerifiedDate, rules)...)
	}
	return list, err
}

func raise(ctx context.Context, tx *db.Tx, workspace string, dates []alert.Date, w window) error {
	for _, d := range dates {
		threshold, near := alert.Threshold(d.Due, w.today, w.alerts)
		if !near {
			continue
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		raised, err := queries().RaiseAlert(ctx, tx, dbsqlc.RaiseAlertParams{
			AgencyID: tx.AgencyID(), ID: id, Workspace: workspace, MetadataID: d.MetadataID, Kind: int16(d.Kind), DueDate: d.Due,
			ThresholdDays: int32(threshold), At: w.now, //nolint:gosec // at most 365
		})
		if err != nil {
			return err
		}
		for _, id := range raised {
			tx.Emit(record.Name(workspace, d.MetadataID), &compliancev1.AlertRaised{
				AlertId: id.String(), Kind: kindOf(d.Kind), ThresholdDays: int32(threshold), //nolint:gosec // at most 365
			})
		}
	}
	return nil
}

// resolve ends the alerts of a workspace, or of one record, that none of the dates stands behind.
func (s *Store) resolve(ctx context.Context, tx *db.Tx, workspace string, id *uuid.UUID, standing []alert.Date) error {
	keys := make([]string, len(standing))
	for i, d := range standing {
		keys[i] = d.Key()
	}
	rows, err := queries().ResolveAlerts(ctx, tx, dbsqlc.ResolveAlertsParams{
		AgencyID: tx.AgencyID(), Workspace: workspace, MetadataID: id, Standing: keys, At: s.clock.Now(),
	})
	for _, r := range rows {
		tx.Emit(record.Name(workspace, r.MetadataID), &compliancev1.AlertResolved{AlertId: r.ID.String(), Kind: kindOf(alert.Kind(r.Kind))})
	}
	return err
}

func alertOf(r dbsqlc.ComplianceAlert) alert.Alert {
	return alert.Alert{
		AgencyID: r.AgencyID, ID: r.ID, Workspace: r.Workspace, MetadataID: r.MetadataID, Kind: alert.Kind(r.Kind), DueDate: r.DueDate,
		ThresholdDays: r.ThresholdDays, State: alert.State(r.State), SnoozeUntil: r.SnoozeUntil, SnoozeReason: r.SnoozeReason,
		Actor: r.Actor, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}
