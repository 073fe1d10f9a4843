package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/audit/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// AppendTx implements trail.AppendTx. It takes three round trips: the lock, what an append needs to know, and everything
// that it stores together with the commit.
type AppendTx struct{ tx *db.Tx }

// In is the log in a transaction.
func In(tx *db.Tx) AppendTx { return AppendTx{tx} }

// Lock takes the log for this transaction. What is known is read in a statement of its own, after the lock is held: the
// snapshot of an earlier one would miss what the last writer committed.
func (t AppendTx) Lock(ctx context.Context, ids []uuid.UUID) (trail.Head, map[uuid.UUID]bool, error) {
	if err := queries().LockLog(ctx, t.tx, logLock); err != nil {
		return trail.Head{}, nil, err
	}
	wanted := make([]pgtype.UUID, len(ids))
	for i, id := range ids {
		wanted[i] = pgUUID(id)
	}
	now, err := queries().HeadAndKnown(ctx, t.tx, wanted)
	if err != nil {
		return trail.Head{}, nil, err
	}
	known := make(map[uuid.UUID]bool, len(now.Known))
	for _, id := range now.Known {
		known[id.Bytes] = true
	}
	return trail.Head{Size: uint64(now.TreeSize), Root: now.RootHash}, known, nil //nolint:gosec // not negative
}

// Nodes answers hashes of complete subtrees.
func (t AppendTx) Nodes(ctx context.Context, ids []tlog.NodeID) ([][]byte, error) {
	return nodesOf(ctx, t.tx, ids)
}

// Insert stores entries, nodes and checkpoint.
func (t AppendTx) Insert(ctx context.Context, first uint64, rows []trail.Row, runs []tlog.Run, head trail.Head, at time.Time) error {
	later := t.tx.Deferred()
	if err := queries().InsertEntries(ctx, later, columns(first, rows)); err != nil {
		return err
	}
	var nodes dbsqlc.InsertNodesParams
	for _, r := range runs {
		nodes.Levels = append(nodes.Levels, int16(r.Level))             //nolint:gosec // below 64
		nodes.FirstIndexes = append(nodes.FirstIndexes, int64(r.First)) //nolint:gosec // below the size
		nodes.Hashes = append(nodes.Hashes, r.Hashes)
	}
	if err := queries().InsertNodes(ctx, later, nodes); err != nil {
		return err
	}
	return queries().InsertCheckpoint(ctx, later, dbsqlc.InsertCheckpointParams{
		TreeSize: int64(head.Size), RootHash: head.Root, Note: head.Note, CreateTime: at, //nolint:gosec // a log never has 2^63 entries
	})
}

// columns turns rows into the arrays of one statement.
func columns(first uint64, rows []trail.Row) dbsqlc.InsertEntriesParams {
	var p dbsqlc.InsertEntriesParams
	for i, r := range rows {
		p.LeafIndexes = append(p.LeafIndexes, int64(first)+int64(i)) //nolint:gosec // a log never has 2^63 entries
		p.EventIds = append(p.EventIds, pgUUID(r.EventID))
		p.AgencyIds = append(p.AgencyIds, r.AgencyID)
		p.Streams = append(p.Streams, int16(r.Stream))
		p.Outcomes = append(p.Outcomes, int16(r.Outcome))
		p.OccurredTimes = append(p.OccurredTimes, r.OccurredTime)
		p.LogTimes = append(p.LogTimes, r.LogTime)
		p.Services = append(p.Services, r.Service)
		p.Actions = append(p.Actions, r.Action)
		p.Resources = append(p.Resources, r.Resource)
		p.Reasons = append(p.Reasons, r.Reason)
		p.Actors = append(p.Actors, r.Actor)
		p.ActorKinds = append(p.ActorKinds, r.ActorKind)
		p.Roles = append(p.Roles, r.Role)
		p.ExecutedBys = append(p.ExecutedBys, r.ExecutedBy)
		p.PolicyVersionIds = append(p.PolicyVersionIds, r.PolicyVersionID)
		p.RequestIds = append(p.RequestIds, r.RequestID)
		p.Details = append(p.Details, string(r.Detail))
		p.Salts = append(p.Salts, nonNil(r.Salt))
		p.LeafInputs = append(p.LeafInputs, r.LeafInput)
	}
	return p
}

// pgUUID is pgx's own type: it encodes an array of them four times as fast as one of uuid.UUID.
func pgUUID(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

// nonNil keeps an absent value out of the array: elements there are never null.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func headOf(ctx context.Context, tx dbsqlc.DBTX) (trail.Head, error) {
	c, err := queries().Head(ctx, tx)
	if isNone(err) {
		return trail.Head{}, nil
	}
	return trail.Head{Size: uint64(c.TreeSize), Root: c.RootHash, Note: c.Note}, err //nolint:gosec // checked to be positive
}

func nodesOf(ctx context.Context, tx dbsqlc.DBTX, ids []tlog.NodeID) ([][]byte, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var want dbsqlc.NodesParams
	for _, id := range ids {
		want.Levels = append(want.Levels, int16(id.Level))   //nolint:gosec // below 64
		want.Indexes = append(want.Indexes, int64(id.Index)) //nolint:gosec // below the size
	}
	hashes, err := queries().Nodes(ctx, tx, want)
	if err != nil {
		return nil, err
	}
	for i, h := range hashes {
		if len(h) != tlog.HashSize {
			return nil, fmt.Errorf("store: node %d of level %d is not stored; run audit verify", ids[i].Index, ids[i].Level)
		}
	}
	return hashes, nil
}
