package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// Registrations is the store of DEA registrations.
func (s *Store) Registrations() Records[dea.Registration] {
	return Records[dea.Registration]{Store: s, table: table[dea.Registration]{
		workspace: dea.Workspace, number: "deaRegistrationNumber",
		get: getDea, byRequest: deaByRequest, insert: insertDea, update: updateDea, retire: retireDea, list: listDea,
		judge: func(r dea.Registration, w window) dea.Registration { return r.Judge(w.now, w.records, w.alerts) },
		dates: func(r dea.Registration, rules record.AlertRules) []alert.Date {
			return alert.DatesOf(r.ID, alert.Expiration, r.ExpirationDate, r.LastVerifiedDate, rules)
		},
	}}
}

func getDea(ctx context.Context, tx *db.Tx, id uuid.UUID) (dea.Registration, error) {
	row, err := queries().GetDea(ctx, tx, dbsqlc.GetDeaParams{AgencyID: tx.AgencyID(), ID: id})
	return deaOf(row), err
}

func deaByRequest(ctx context.Context, tx *db.Tx, id uuid.UUID) (dea.Registration, []byte, error) {
	row, err := queries().GetDeaByRequest(ctx, tx, dbsqlc.GetDeaByRequestParams{AgencyID: tx.AgencyID(), RequestID: &id})
	return deaOf(row), row.RequestDigest, err
}

func insertDea(ctx context.Context, tx *db.Tx, r dea.Registration, req record.Request) error {
	return queries().InsertDea(ctx, tx, dbsqlc.InsertDeaParams{
		AgencyID: r.AgencyID, ID: r.ID, RegistrantName: r.RegistrantName, DeaRegistrationNumber: r.Number,
		AuthorizedSchedules: r.Schedules, BusinessActivity: int16(r.Activity), RegisteredState: orNull(r.State), Stationhouse: r.Stationhouse,
		IssueDate: r.IssueDate, ExpirationDate: r.ExpirationDate, RenewalDueDate: r.RenewalDueDate,
		LastVerifiedDate: r.LastVerifiedDate, VerificationSource: int16(r.Source),
		RequestID: &req.ID, RequestDigest: req.Digest, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

func updateDea(ctx context.Context, tx *db.Tx, r dea.Registration) (int64, error) {
	return queries().UpdateDea(ctx, tx, dbsqlc.UpdateDeaParams{
		AgencyID: tx.AgencyID(), ID: r.ID, Revision: r.Revision, RegistrantName: r.RegistrantName, DeaRegistrationNumber: r.Number,
		AuthorizedSchedules: r.Schedules, BusinessActivity: int16(r.Activity), RegisteredState: orNull(r.State), Stationhouse: r.Stationhouse,
		IssueDate: r.IssueDate, ExpirationDate: r.ExpirationDate, RenewalDueDate: r.RenewalDueDate,
		LastVerifiedDate: r.LastVerifiedDate, VerificationSource: int16(r.Source), UpdateTime: r.UpdateTime,
	})
}

func retireDea(ctx context.Context, tx *db.Tx, r dea.Registration) (int64, error) {
	return queries().RetireDea(ctx, tx, dbsqlc.RetireDeaParams{
		AgencyID: tx.AgencyID(), ID: r.ID, Revision: r.Revision, At: *r.RetireTime, Reason: int16(r.RetireReason),
	})
}

func listDea(ctx context.Context, tx *db.Tx, q record.Query, w window) (list []dea.Registration, err error) {
	p := dbsqlc.ListDeaByDueParams{
		AgencyID: tx.AgencyID(), DueFrom: q.DueFrom, DueTo: q.DueTo, Today: w.today, ExpiringUntil: w.expiringUntil,
		Statuses: q.Statuses, RowLimit: q.Limit,
	}
	if at, ok := after(q.After); ok {
		p.AfterID, p.AfterDate = &at.ID, at.Due
	}
	switch q.Order {
	case record.ByDueDesc:
		rows, err := queries().ListDeaByDueDesc(ctx, tx, dbsqlc.ListDeaByDueDescParams(p))
		for _, r := range rows {
			list = append(list, deaOf(r.ComplianceDeaRegistrantMetadatum))
		}
		return list, err
	case record.Newest:
		rows, err := queries().ListDeaNewest(ctx, tx, dbsqlc.ListDeaNewestParams{
			AgencyID: p.AgencyID, DueFrom: p.DueFrom, DueTo: p.DueTo, Today: p.Today, ExpiringUntil: p.ExpiringUntil,
			Statuses: p.Statuses, AfterID: p.AfterID, RowLimit: p.RowLimit,
		})
		for _, r := range rows {
			list = append(list, deaOf(r.ComplianceDeaRegistrantMetadatum))
		}
		return list, err
	default:
		rows, err := queries().ListDeaByDue(ctx, tx, p)
		for _, r := range rows {
			list = append(list, deaOf(r.ComplianceDeaRegistrantMetadatum))
		}
		return list, err
	}
}

func deaOf(r dbsqlc.ComplianceDeaRegistrantMetadatum) dea.Registration {
	out := dea.Registration{
		Head: record.Head{
			AgencyID: r.AgencyID, ID: r.ID, Revision: r.Revision, RetireTime: r.RetireTime, RetireReason: record.RetireReason(r.RetireReason),
			CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, LastVerifiedDate: r.LastVerifiedDate, Source: record.Source(r.VerificationSource),
		},
		RegistrantName: r.RegistrantName, Number: r.DeaRegistrationNumber, Schedules: r.AuthorizedSchedules,
		Activity: dea.Activity(r.BusinessActivity), Stationhouse: r.Stationhouse,
		IssueDate: r.IssueDate, ExpirationDate: r.ExpirationDate, RenewalDueDate: r.RenewalDueDate,
	}
	if r.RegisteredState != nil {
		out.State = *r.RegisteredState
	}
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
