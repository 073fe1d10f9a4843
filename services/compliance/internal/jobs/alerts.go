package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/jobs"
)

// Interval between two plans. Days matter, so an hour is soon enough, and a day that was missed is made up for.
const Interval = time.Hour

// PlanAlerts adds one job for each agency.
type PlanAlerts struct{}

// Kind implements jobs.Args.
func (PlanAlerts) Kind() string { return "compliance.plan-alerts" }

// JobAgency implements jobs.Args: the plan is the platform's.
func (PlanAlerts) JobAgency() int64 { return 0 }

// RaiseAlerts dates the alerts of one agency.
type RaiseAlerts struct {
	AgencyID int64 `json:"agencyId"`
	// Slot is the hour of the plan: a job is unique by its arguments, also after it is done.
	Slot string `json:"slot"`
}

// Kind implements jobs.Args.
func (RaiseAlerts) Kind() string { return "compliance.raise-alerts" }

// JobAgency implements jobs.Args.
func (a RaiseAlerts) JobAgency() int64 { return a.AgencyID }

// Alerts is what the jobs work with.
type Alerts interface {
	Agencies(ctx context.Context) ([]int64, error)
	// RaiseAlerts must do all of its work, or nothing, and nothing more when it is repeated.
	RaiseAlerts(ctx context.Context) error
}

// Register puts both jobs into the queue.
func Register(q *jobs.Queue, d *db.DB, service string, alerts Alerts, c clock.Clock) error {
	plan := func(ctx context.Context, _ PlanAlerts) error {
		list, err := alerts.Agencies(ctx)
		if err != nil {
			return err
		}
		slot := c.Now().UTC().Format("2006-01-02T15")
		for _, agency := range list {
			ctx := identity.With(ctx, identity.ForService(service, agency))
			err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				return q.Add(ctx, tx, RaiseAlerts{AgencyID: agency, Slot: slot}, jobs.Options{Unique: true})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	raise := func(ctx context.Context, args RaiseAlerts) error {
		ctx, _ = audit.Start(ctx, service, "fleet.compliance.v1.Alerts/"+"RaiseAlerts", c.Now)
		return alerts.RaiseAlerts(ctx)
	}
	q.Every(Interval, PlanAlerts{}.Kind(), PlanAlerts{})
	return errors.Join(jobs.Handle(q, plan), jobs.Handle(q, raise))
}
