package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// ReasonNotFound is the reason when a claim does not exist for the caller.
const ReasonNotFound = "CLAIM_NOT_FOUND"

// Claims reads and writes claims.
type Claims struct{ db *db.DB }

// NewClaims returns the store of claims.
func NewClaims(d *db.DB) Claims { return Claims{db: d} }

func queries() *dbsqlc.Queries { return dbsqlc.New() }

// Put stores the draft of a chart version in the transaction of its event. changed is false when the claim already stands
// on that version or a later one.
func (Claims) Put(ctx context.Context, tx *db.Tx, r claim.Record, now time.Time) (id uuid.UUID, changed bool, err error) {
	draft, err := json.Marshal(r.Draft)
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("store: encoding the draft: %w", err)
	}
	newID, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, false, err
	}
	p := dbsqlc.PutDraftParams{
		AgencyID: r.AgencyID, ID: newID, ChartID: r.ChartID, ChartVersion: r.ChartVersion, State: string(r.Draft.State),
		MissingCodes: r.Draft.MissingCodes(), Draft: draft,
		PolicyKey: r.Policy.Key, PolicyVersion: r.Policy.Version, PolicySha256: r.Policy.SHA256, Now: now,
	}
	if r.Draft.NoBill != nil {
		p.NoBillCode = &r.Draft.NoBill.Code
	}
	if r.Draft.ServiceDate != "" {
		day, err := time.Parse(time.DateOnly, r.Draft.ServiceDate)
		if err != nil {
			return uuid.Nil, false, fmt.Errorf("store: date of service: %w", err)
		}
		p.ServiceDate = &day
	}
	row, err := queries().PutDraft(ctx, tx, p)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, false, nil
	}
	return row.ClaimID, err == nil, err
}

// Get reads a claim that the caller may see.
func (s Claims) Get(ctx context.Context, id uuid.UUID) (r claim.Record, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().GetClaim(ctx, tx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.NotFound, ReasonNotFound, "no such claim")
		}
		if err != nil {
			return err
		}
		r, err = recordOf(dbsqlc.ListClaimsRow(row))
		return err
	})
	return r, err
}

func recordOf(row dbsqlc.ListClaimsRow) (claim.Record, error) {
	r := claim.Record{
		AgencyID: row.AgencyID, ID: row.ID, ChartID: row.ChartID, ChartVersion: row.ChartVersion,
		Policy:     claim.PolicyVersion{Key: row.PolicyKey, Version: row.PolicyVersion, SHA256: row.PolicySha256},
		CreateTime: row.CreateTime, UpdateTime: row.UpdateTime,
	}
	if err := json.Unmarshal(row.Draft, &r.Draft); err != nil {
		return r, fmt.Errorf("store: reading the draft of a claim: %w", err)
	}
	return r, nil
}

// given is nil for the zero value: no filter.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
