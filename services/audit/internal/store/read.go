package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Read runs fn on one snapshot of the log, as the caller.
func (l Log) Read(ctx context.Context, fn func(ctx context.Context, tx trail.ReadTx) error) error {
	return l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error { return fn(ctx, readTx{tx}) })
}

type readTx struct{ tx *db.Tx }

func (t readTx) Entry(ctx context.Context, id uuid.UUID) (trail.Entry, error) {
	e, err := queries().EntryByEvent(ctx, t.tx, pgUUID(id))
	if isNone(err) {
		return trail.Entry{}, trail.NotFound()
	}
	return entryOf(e), err
}

func (t readTx) Head(ctx context.Context) (trail.Head, error) { return headOf(ctx, t.tx) }

func (t readTx) Nodes(ctx context.Context, ids []tlog.NodeID) ([][]byte, error) {
	return nodesOf(ctx, t.tx, ids)
}

// List answers entries below a leaf index, newest first.
func (l Log) List(ctx context.Context, f trail.Filter, before uint64, limit int) (list []trail.Entry, err error) {
	q := listParams(f, before, limit)
	err = l.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := listRows(ctx, tx, q)
		for _, e := range rows {
			list = append(list, entryOf(e))
		}
		return err
	})
	return list, err
}

// listRows chooses the form of the list whose index finds the fewest rows.
func listRows(ctx context.Context, tx *db.Tx, q dbsqlc.ListEntriesByRequestParams) ([]dbsqlc.AuditEntry, error) {
	switch {
	case q.RequestID != "":
		return queries().ListEntriesByRequest(ctx, tx, q)
	case q.Resource != "":
		return queries().ListEntriesByResource(ctx, tx, byResource(q))
	case q.Actor != "":
		return queries().ListEntriesByActor(ctx, tx, dbsqlc.ListEntriesByActorParams{
			Before: q.Before, Actor: q.Actor, Stream: q.Stream, Outcome: q.Outcome, ActionExact: q.ActionExact,
			ActionPrefix: q.ActionPrefix, FromTime: q.FromTime, ToTime: q.ToTime, RowLimit: q.RowLimit,
		})
	}
	return queries().ListEntries(ctx, tx, dbsqlc.ListEntriesParams{
		Before: q.Before, Stream: q.Stream, Outcome: q.Outcome, ActionExact: q.ActionExact,
		ActionPrefix: q.ActionPrefix, FromTime: q.FromTime, ToTime: q.ToTime, RowLimit: q.RowLimit,
	})
}

func byResource(q dbsqlc.ListEntriesByRequestParams) dbsqlc.ListEntriesByResourceParams {
	return dbsqlc.ListEntriesByResourceParams{
		Before: q.Before, Resource: q.Resource, Actor: q.Actor, Stream: q.Stream, Outcome: q.Outcome, ActionExact: q.ActionExact,
		ActionPrefix: q.ActionPrefix, FromTime: q.FromTime, ToTime: q.ToTime, RowLimit: q.RowLimit,
	}
}

// Times that stand for no bound.
func always() (from, to time.Time) {
	return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
}

func listParams(f trail.Filter, before uint64, limit int) dbsqlc.ListEntriesByRequestParams {
	q := dbsqlc.ListEntriesByRequestParams{
		Before: int64(before), RequestID: f.RequestID, Resource: f.Resource, Actor: f.Actor, //nolint:gosec // an index, or 2^63-1
		Stream: int16(f.Stream), Outcome: int16(f.Outcome), RowLimit: int32(limit), //nolint:gosec // a page
	}
	if strings.HasSuffix(f.Action, "/") || strings.HasSuffix(f.Action, ".") {
		q.ActionPrefix = f.Action
	} else {
		q.ActionExact = f.Action
	}
	q.FromTime, q.ToTime = always()
	if !f.From.IsZero() {
		q.FromTime = f.From
	}
	if !f.To.IsZero() {
		q.ToTime = f.To
	}
	return q
}

func entryOf(e dbsqlc.AuditEntry) trail.Entry {
	r := leaf.Record{
		EventID: e.EventID.Bytes, AgencyID: e.AgencyID, Stream: leaf.Stream(e.Stream), Outcome: leaf.Outcome(e.Outcome),
		OccurredTime: e.OccurredTime, LogTime: e.LogTime, Service: e.Service, Action: e.Action, Resource: e.Resource,
		Reason: e.Reason, Actor: e.Actor, ActorKind: e.ActorKind, Role: e.Role, ExecutedBy: e.ExecutedBy,
		PolicyVersionID: e.PolicyVersionID, RequestID: e.RequestID, Salt: e.Salt,
	}
	if e.Detail != nil {
		r.Detail = []byte(*e.Detail)
	}
	return trail.Entry{Row: trail.Row{Record: r, LeafInput: e.LeafInput}, LeafIndex: uint64(e.LeafIndex)} //nolint:gosec // checked not to be negative
}
