package store

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// Enrollments is the store of Medicare enrollments.
func (s *Store) Enrollments() Records[cms.Enrollment] {
	return Records[cms.Enrollment]{Store: s, table: table[cms.Enrollment]{
		workspace: cms.Workspace, number: "npiReference",
		get: getCms, byRequest: cmsByRequest, insert: insertCms, update: updateCms, retire: retireCms, list: listCms,
		judge: func(r cms.Enrollment, w window) cms.Enrollment { return r.Judge(w.now, w.records, w.alerts) },
		dates: func(r cms.Enrollment, rules record.AlertRules) []alert.Date {
			return alert.DatesOf(r.ID, alert.Revalidation, r.RevalidationDueDate, r.LastVerifiedDate, rules)
		},
	}}
}

func getCms(ctx context.Context, tx *db.Tx, id uuid.UUID) (cms.Enrollment, error) {
	row, err := queries().GetCms(ctx, tx, dbsqlc.GetCmsParams{AgencyID: tx.AgencyID(), ID: id})
	if err != nil {
		return cms.Enrollment{}, err
	}
	return cmsOf(row)
}

func cmsByRequest(ctx context.Context, tx *db.Tx, id uuid.UUID) (cms.Enrollment, []byte, error) {
	row, err := queries().GetCmsByRequest(ctx, tx, dbsqlc.GetCmsByRequestParams{AgencyID: tx.AgencyID(), RequestID: &id})
	if err != nil {
		return cms.Enrollment{}, nil, err
	}
	e, err := cmsOf(row)
	return e, row.RequestDigest, err
}

func insertCms(ctx context.Context, tx *db.Tx, r cms.Enrollment, req record.Request) error {
	return queries().InsertCms(ctx, tx, dbsqlc.InsertCmsParams{
		AgencyID: r.AgencyID, ID: r.ID, SupplierName: r.SupplierName, NpiReference: r.NPI, PtanReference: r.PTAN, EnrollmentState: r.State,
		PecosEnrollmentID: r.PECOSEnrollmentID, MacIdentifier: r.MACIdentifier, EffectiveDate: r.EffectiveDate,
		DeactivationDate: r.DeactivationDate, RevalidationDueDate: r.RevalidationDueDate, PayerParticipation: []byte(r.PayersJSON()),
		LastVerifiedDate: r.LastVerifiedDate, VerificationSource: int16(r.Source),
		RequestID: &req.ID, RequestDigest: req.Digest, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

func updateCms(ctx context.Context, tx *db.Tx, r cms.Enrollment) (int64, error) {
	return queries().UpdateCms(ctx, tx, dbsqlc.UpdateCmsParams{
		AgencyID: tx.AgencyID(), ID: r.ID, Revision: r.Revision, SupplierName: r.SupplierName, NpiReference: r.NPI, PtanReference: r.PTAN,
		EnrollmentState: r.State, PecosEnrollmentID: r.PECOSEnrollmentID, MacIdentifier: r.MACIdentifier, EffectiveDate: r.EffectiveDate,
		DeactivationDate: r.DeactivationDate, RevalidationDueDate: r.RevalidationDueDate, PayerParticipation: []byte(r.PayersJSON()),
		LastVerifiedDate: r.LastVerifiedDate, VerificationSource: int16(r.Source), UpdateTime: r.UpdateTime,
	})
}

func retireCms(ctx context.Context, tx *db.Tx, r cms.Enrollment) (int64, error) {
	return queries().RetireCms(ctx, tx, dbsqlc.RetireCmsParams{
		AgencyID: tx.AgencyID(), ID: r.ID, Revision: r.Revision, At: *r.RetireTime, Reason: int16(r.RetireReason),
	})
}

func listCms(ctx context.Context, tx *db.Tx, q record.Query, w window) (list []cms.Enrollment, err error) {
	p := dbsqlc.ListCmsByDueParams{
		AgencyID: tx.AgencyID(), DueFrom: q.DueFrom, DueTo: q.DueTo, Today: w.today, ExpiringUntil: w.expiringUntil,
		Statuses: q.Statuses, RowLimit: q.Limit,
	}
	if at, ok := after(q.After); ok {
		p.AfterID, p.AfterDate = &at.ID, at.Due
	}
	rows, err := cmsRows(ctx, tx, q.Order, p)
	for _, r := range rows {
		e, err := cmsOf(r)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, err
}

func cmsRows(ctx context.Context, tx *db.Tx, order record.Order, p dbsqlc.ListCmsByDueParams) (list []dbsqlc.ComplianceCmsEnrollmentMetadatum, err error) {
	switch order {
	case record.ByDueDesc:
		rows, err := queries().ListCmsByDueDesc(ctx, tx, dbsqlc.ListCmsByDueDescParams(p))
		for _, r := range rows {
			list = append(list, r.ComplianceCmsEnrollmentMetadatum)
		}
		return list, err
	case record.Newest:
		rows, err := queries().ListCmsNewest(ctx, tx, dbsqlc.ListCmsNewestParams{
			AgencyID: p.AgencyID, DueFrom: p.DueFrom, DueTo: p.DueTo, Today: p.Today, ExpiringUntil: p.ExpiringUntil,
			Statuses: p.Statuses, AfterID: p.AfterID, RowLimit: p.RowLimit,
		})
		for _, r := range rows {
			list = append(list, r.ComplianceCmsEnrollmentMetadatum)
		}
		return list, err
	default:
		rows, err := queries().ListCmsByDue(ctx, tx, p)
		for _, r := range rows {
			list = append(list, r.ComplianceCmsEnrollmentMetadatum)
		}
		return list, err
	}
}

func cmsOf(r dbsqlc.ComplianceCmsEnrollmentMetadatum) (cms.Enrollment, error) {
	out := cms.Enrollment{
		Head: record.Head{
			AgencyID: r.AgencyID, ID: r.ID, Revision: r.Revision, RetireTime: r.RetireTime, RetireReason: record.RetireReason(r.RetireReason),
			CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, LastVerifiedDate: r.LastVerifiedDate, Source: record.Source(r.VerificationSource),
		},
		SupplierName: r.SupplierName, NPI: r.NpiReference, PTAN: r.PtanReference, State: r.EnrollmentState,
		PECOSEnrollmentID: r.PecosEnrollmentID, MACIdentifier: r.MacIdentifier,
		EffectiveDate: r.EffectiveDate, DeactivationDate: r.DeactivationDate, RevalidationDueDate: r.RevalidationDueDate,
	}
	if len(r.PayerParticipation) == 0 {
		return out, nil
	}
	return out, json.Unmarshal(r.PayerParticipation, &out.Payers)
}

// manyEnrollments bounds how many enrollments of one agency a readiness check looks at.
const manyEnrollments = 10000

// Readiness checks all enrollments in force.
func (s *Store) Readiness(ctx context.Context) (r cms.Readiness, err error) {
	all := []string{string(record.Active), string(record.Expiring), string(record.Expired), string(record.Pending), string(record.Inactive)}
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		w, err := s.window(ctx, tx)
		if err != nil {
			return err
		}
		list, err := listCms(ctx, tx, record.Query{Statuses: all, Limit: manyEnrollments}, w)
		for i := range list {
			list[i] = list[i].Judge(w.now, w.records, w.alerts)
		}
		r = cms.Ready(list, w.now, w.alerts)
		return err
	})
	return r, err
}
