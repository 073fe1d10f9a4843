package store

import (
	"context"

	"github.com/fusionems/quantum/pkg/db"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// Write runs fn in a transaction.
func (s Switches) Write(ctx context.Context, fn func(ctx context.Context, tx switchboard.Tx) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return fn(ctx, switchTx{tx}) })
}

type switchTx struct{ tx *db.Tx }

func (t switchTx) Lock(ctx context.Context, agencyID int64) error {
	if err := mustExist(ctx, t.tx, agencyID); err != nil {
		return err
	}
	_, err := queries().LockRevision(ctx, t.tx)
	return err
}

func (t switchTx) Switches(ctx context.Context, agencyID int64) ([]switchboard.Switch, error) {
	return switchesOf(ctx, t.tx, agencyID)
}

func (t switchTx) NextRevision(ctx context.Context) (int64, error) {
	return queries().NextRevision(ctx, t.tx)
}

func (t switchTx) Put(ctx context.Context, agencyID int64, s switchboard.Switch, revision int64) error {
	return queries().PutSwitch(ctx, t.tx, dbsqlc.PutSwitchParams{
		AgencyID: agencyID, Module: s.Module, Enabled: s.Enabled, Reason: s.Reason, Revision: revision, UpdateTime: s.UpdateTime,
	})
}

func (t switchTx) Changed(agencyID int64, s switchboard.Switch, revision int64) {
	t.tx.Emit(registry.Name(agencyID)+"/modules/"+s.Module,
		&agencyv1.ModuleChanged{Module: s.Module, Enabled: s.Enabled, Revision: revision})
}

// Switches answers the switches of an agency that the caller may see.
func (s Switches) Switches(ctx context.Context, agencyID int64) (list []switchboard.Switch, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := mustExist(ctx, tx, agencyID); err != nil {
			return err
		}
		list, err = switchesOf(ctx, tx, agencyID)
		return err
	})
	return list, err
}

// Disabled answers what is off everywhere, unless the revision is the known one.
func (s Switches) Disabled(ctx context.Context, known int64) (revision int64, list []switchboard.Disabled, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		if revision, err = queries().Revision(ctx, tx); err != nil || revision == known {
			return err
		}
		rows, err := queries().DisabledModules(ctx, tx)
		for _, r := range rows {
			list = append(list, switchboard.Disabled{AgencyID: r.AgencyID, Module: r.Module})
		}
		return err
	})
	return revision, list, err
}

func mustExist(ctx context.Context, tx *db.Tx, agencyID int64) error {
	_, err := queries().AgencyByID(ctx, tx, agencyID)
	if isNone(err) {
		return registry.NotFound()
	}
	return err
}

func switchesOf(ctx context.Context, tx *db.Tx, agencyID int64) ([]switchboard.Switch, error) {
	rows, err := queries().SwitchesOf(ctx, tx, agencyID)
	list := make([]switchboard.Switch, 0, len(rows))
	for _, r := range rows {
		list = append(list, switchboard.Switch{Module: r.Module, Enabled: r.Enabled, Reason: r.Reason, UpdateTime: r.UpdateTime})
	}
	return list, err
}
