package store

import (
	"context"
	"embed"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Rules hands out the policy in force, as the transaction sees it.
type Rules interface {
	Active(ctx context.Context, tx *db.Tx) (dea.Rules, policy.Ref, error)
}

// Registrations reads DEA registrations as the caller.
type Registrations struct {
	db    *db.DB
	rules Rules
}

// NewRegistrations returns the store of registrations.
func NewRegistrations(d *db.DB, rules Rules) Registrations { return Registrations{db: d, rules: rules} }

// List answers at most limit registrations after the position, soonest expiry first, and the rules that date their status.
func (s Registrations) List(ctx context.Context, after *dea.Position, limit int32) (list []dea.Registration, rules dea.Rules, err error) {
	p := dbsqlc.ListDeaRegistrantsParams{RowLimit: limit}
	if after != nil {
		p.AfterDate, p.AfterID = after.ExpirationDate, &after.ID
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		if rules, _, err = s.rules.Active(ctx, tx); err != nil {
			return err
		}
		rows, err := dbsqlc.New().ListDeaRegistrants(ctx, tx, p)
		for _, r := range rows {
			list = append(list, registrationOf(r.ComplianceDeaRegistrantMetadatum))
		}
		return err
	})
	return list, rules, err
}

func registrationOf(r dbsqlc.ComplianceDeaRegistrantMetadatum) dea.Registration {
	return dea.Registration{
		AgencyID: r.AgencyID, ID: r.ID, RegistrantName: r.RegistrantName, Number: r.DeaRegistrationNumber,
		Schedules: r.AuthorizedSchedules, IssueDate: r.IssueDate, ExpirationDate: r.ExpirationDate,
		RetireTime: r.RetireTime, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}
