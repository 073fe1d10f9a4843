package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/store/dbsqlc"
)

// NextID takes the next tenant key. A sequence does not roll back, so this writes nothing that could be lost.
func (s Agencies) NextID(ctx context.Context) (id int64, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = queries().NextAgencyID(ctx, tx)
		return err
	})
	return id, err
}

// Write runs fn in a transaction.
func (s Agencies) Write(ctx context.Context, fn func(ctx context.Context, tx registry.Tx) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return fn(ctx, agencyTx{tx}) })
}

type agencyTx struct{ tx *db.Tx }

func (t agencyTx) Insert(ctx context.Context, a registry.Agency, r registry.Request) error {
	err := queries().InsertAgency(ctx, t.tx, dbsqlc.InsertAgencyParams{
		AgencyID: a.ID, DisplayName: a.DisplayName, StateUniqueID: a.StateUniqueID, AgencyNumber: a.Number,
		StateCode: a.StateCode, TimeZone: a.TimeZone, State: string(a.State),
		RequestID: r.ID, RequestDigest: r.Digest, CreateTime: a.CreateTime,
	})
	switch db.Constraint(err) {
	case "agency_request":
		return registry.ErrRequestTaken
	case "agency_state_unique_id":
		return exists("agency.stateUniqueId", "nemsis.dAgency.01")
	case "agency_number":
		return exists("agency.agencyNumber", "nemsis.dAgency.02")
	}
	return err
}

func (t agencyTx) Registered(a registry.Agency) {
	t.tx.Emit(registry.Name(a.ID), &agencyv1.AgencyRegistered{TimeZone: a.TimeZone})
}

func exists(field, rule string) error {
	return errs.New(errs.AlreadyExists, registry.ReasonExists, "an agency of this state has this identifier already",
		errs.WithFields(errs.Field{Field: field, Rule: rule, Message: "not used by another agency of the state"}))
}

// ByRequest finds the agency that a request registered.
func (s Agencies) ByRequest(ctx context.Context, id uuid.UUID) (a registry.Agency, digest []byte, ok bool, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().AgencyByRequest(ctx, tx, id)
		if err == nil {
			a, digest, ok = agencyOf(row), row.RequestDigest, true
		}
		if isNone(err) {
			return nil
		}
		return err
	})
	return a, digest, ok, err
}

// ByID finds an agency that the caller may see.
func (s Agencies) ByID(ctx context.Context, id int64) (a registry.Agency, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().AgencyByID(ctx, tx, id)
		if isNone(err) {
			return registry.NotFound()
		}
		a = agencyOf(row)
		return err
	})
	return a, err
}

// List answers agencies with an id above after.
func (s Agencies) List(ctx context.Context, after int64, limit int) (list []registry.Agency, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().ListAgencies(ctx, tx, dbsqlc.ListAgenciesParams{After: after, RowLimit: int32(limit)}) //nolint:gosec // a page
		for _, r := range rows {
			list = append(list, agencyOf(r))
		}
		return err
	})
	return list, err
}

// Resolve answers the agencies that have one of the identifiers, in whatever state.
func (s Agencies) Resolve(ctx context.Context, ids registry.NemsisIDs) (found []registry.Holder, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().ResolveNemsisAgency(ctx, tx, dbsqlc.ResolveNemsisAgencyParams{
			StateCode: ids.StateCode, StateUniqueID: ids.StateUniqueID, AgencyNumber: ids.Number,
		})
		for _, r := range rows {
			found = append(found, registry.Holder{AgencyID: r.AgencyID, SameState: r.SameState})
		}
		return err
	})
	return found, err
}

func agencyOf(r dbsqlc.AgencyAgency) registry.Agency {
	return registry.Agency{
		ID: r.AgencyID, DisplayName: r.DisplayName, StateUniqueID: r.StateUniqueID, Number: r.AgencyNumber,
		StateCode: r.StateCode, TimeZone: r.TimeZone, State: registry.State(r.State), CreateTime: r.CreateTime,
	}
}
