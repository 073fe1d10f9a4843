package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/compliance/internal/access"
	"github.com/fusionems/quantum/services/compliance/internal/notice"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// Acknowledgement answers whether and when the caller acknowledged a wording.
func (s *Store) Acknowledgement(ctx context.Context, n notice.Notice) (a notice.Acknowledgement, err error) {
	a.Notice = n
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		a.Time, err = acknowledged(ctx, tx, n)
		return err
	})
	return a, err
}

func acknowledged(ctx context.Context, tx *db.Tx, n notice.Notice) (*time.Time, error) {
	row, err := queries().GetAcknowledgement(ctx, tx, dbsqlc.GetAcknowledgementParams{Workspace: n.Workspace, Version: n.Version})
	if isNone(err) {
		return nil, nil
	}
	return &row.AcknowledgeTime, err
}

// Acknowledge stores that the caller has read a wording; the first time counts.
func (s *Store) Acknowledge(ctx context.Context, n notice.Notice) (a notice.Acknowledgement, err error) {
	a.Notice = n
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := queries().InsertAcknowledgement(ctx, tx, dbsqlc.InsertAcknowledgementParams{
			Workspace: n.Workspace, Version: n.Version, Sha256: n.SHA256, At: s.clock.Now(),
		})
		if err != nil {
			return err
		}
		a.Time, err = acknowledged(ctx, tx, n)
		return err
	})
	return a, err
}

// Facts are the conditions for a person in the caller's agency.
func (s *Store) Facts(ctx context.Context, subject string) (f access.Facts, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().AccessFacts(ctx, tx, dbsqlc.AccessFactsParams{AgencyID: tx.AgencyID(), Subject: subject})
		f = access.Facts{DeaEnabled: row.DeaEnabled, DeaGranted: row.DeaGranted, BillingOn: row.BillingOn}
		return err
	})
	return f, err
}

// Flag answers whether administrators may be granted the DEA workspace.
func (s *Store) Flag(ctx context.Context) (f access.Flag, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().GetDeaAccess(ctx, tx, tx.AgencyID())
		if isNone(err) {
			return nil
		}
		f = access.Flag{Enabled: row.Enabled, Time: &row.UpdateTime}
		return err
	})
	return f, err
}

// SetFlag moves the flag.
func (s *Store) SetFlag(ctx context.Context, enabled bool) (access.Flag, error) {
	at := s.clock.Now().UTC().Truncate(time.Microsecond)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return queries().PutDeaAccess(ctx, tx, dbsqlc.PutDeaAccessParams{AgencyID: tx.AgencyID(), Enabled: enabled, At: at})
	})
	return access.Flag{Enabled: enabled, Time: &at}, err
}

// AddGrant stores a grant that check accepts under the policy in force.
func (s *Store) AddGrant(ctx context.Context, g access.Grant, check func(record.AlertRules) error) (access.Grant, error) {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		rules, err := s.rules(ctx, tx)
		if err != nil {
			return err
		}
		if err := check(rules.alerts); err != nil {
			return err
		}
		g.AgencyID = tx.AgencyID()
		return queries().InsertGrant(ctx, tx, dbsqlc.InsertGrantParams{
			AgencyID: g.AgencyID, ID: g.ID, Subject: g.Subject, Reason: g.Reason, Grantor: g.Grantor,
			CreateTime: g.CreateTime, ExpireTime: g.ExpireTime,
		})
	})
	return g, err
}

// RevokeGrant ends a grant; one that is revoked already stays as it is.
func (s *Store) RevokeGrant(ctx context.Context, id uuid.UUID) (g access.Grant, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		at := s.clock.Now().UTC().Truncate(time.Microsecond)
		if _, err := queries().RevokeGrant(ctx, tx, dbsqlc.RevokeGrantParams{AgencyID: tx.AgencyID(), ID: id, At: at}); err != nil {
			return err
		}
		row, err := queries().GetGrant(ctx, tx, dbsqlc.GetGrantParams{AgencyID: tx.AgencyID(), ID: id})
		if isNone(err) {
			return access.GrantNotFound()
		}
		g = grantOf(row)
		return err
	})
	return g, err
}

// ListGrants answers at most limit grants before an id, newest first.
func (s *Store) ListGrants(ctx context.Context, before *uuid.UUID, limit int32) (list []access.Grant, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().ListGrants(ctx, tx, dbsqlc.ListGrantsParams{AgencyID: tx.AgencyID(), AfterID: before, RowLimit: limit})
		for _, r := range rows {
			list = append(list, grantOf(r))
		}
		return err
	})
	return list, err
}

func grantOf(r dbsqlc.ComplianceDeaGrant) access.Grant {
	return access.Grant{
		AgencyID: r.AgencyID, ID: r.ID, Subject: r.Subject, Reason: r.Reason, Grantor: r.Grantor,
		CreateTime: r.CreateTime, ExpireTime: r.ExpireTime, RevokeTime: r.RevokeTime,
	}
}

// Register makes a place for an agency: its partitions, and a part in the alerts.
func Register(ctx context.Context, tx *db.Tx) error {
	if err := queries().JoinAgency(ctx, tx, tx.AgencyID()); err != nil {
		return err
	}
	return queries().EnsurePartitions(ctx, tx)
}
