package store

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/policy"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// Policy hands out a governance policy in force, as the transaction sees it.
type Policy[T any] interface {
	Active(ctx context.Context, tx *db.Tx) (T, policy.Ref, error)
}

// Policies are those that the service judges by.
type Policies struct {
	Rules  Policy[record.Rules]
	Alerts Policy[record.AlertRules]
}

// Open makes the stores of the service.
func Open(d *db.DB, p Policies, c clock.Clock) *Store { return &Store{db: d, policies: p, clock: c} }

// Store keeps everything of the service.
type Store struct {
	db       *db.DB
	policies Policies
	clock    clock.Clock
}

// rules are both policies in one transaction.
type rules struct {
	records record.Rules
	alerts  record.AlertRules
}

func (s *Store) rules(ctx context.Context, tx *db.Tx) (r rules, err error) {
	if r.records, _, err = s.policies.Rules.Active(ctx, tx); err != nil {
		return r, err
	}
	r.alerts, _, err = s.policies.Alerts.Active(ctx, tx)
	return r, err
}

func queries() *dbsqlc.Queries { return dbsqlc.New() }

func isNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// table is what differs between the records of the workspaces.
type table[T record.Record[T]] struct {
	workspace string
	// number is the field that names a record to people.
	number string

	get       func(ctx context.Context, tx *db.Tx, id uuid.UUID) (T, error)
	byRequest func(ctx context.Context, tx *db.Tx, id uuid.UUID) (T, []byte, error)
	insert    func(ctx context.Context, tx *db.Tx, r T, req record.Request) error
	update    func(ctx context.Context, tx *db.Tx, r T) (int64, error)
	retire    func(ctx context.Context, tx *db.Tx, r T) (int64, error)
	list      func(ctx context.Context, tx *db.Tx, q record.Query, w window) ([]T, error)
	judge     func(r T, w window) T
	dates     func(r T, alerts record.AlertRules) []alert.Date
}

// Records implements record.Store over one table.
type Records[T record.Record[T]] struct {
	*Store
	table table[T]
}

// judged runs fn and judges what it returns by the policies of the same snapshot.
func (s Records[T]) judged(ctx context.Context, tx *db.Tx, fn func(w window) (T, error)) (T, error) {
	w, err := s.window(ctx, tx)
	if err != nil {
		var none T
		return none, err
	}
	r, err := fn(w)
	if err != nil {
		return r, err
	}
	return s.table.judge(r, w), nil
}

// Insert implements record.Store.
func (s Records[T]) Insert(ctx context.Context, r T, req record.Request) (made T, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := queries().JoinAgency(ctx, tx, tx.AgencyID()); err != nil {
			return err
		}
		h := r.Common()
		h.AgencyID = tx.AgencyID()
		if err := s.table.insert(ctx, tx, r.WithCommon(h), req); err != nil {
			return err
		}
		made, err = s.settled(ctx, tx, h.ID)
		return err
	})
	return made, s.explain(err)
}

// explain says which of the two unique keys was violated. A partition has indexes of its own, whose names the server makes of
// their columns and cuts off, so only that of the request is looked for.
func (s Records[T]) explain(err error) error {
	name := db.Constraint(err)
	switch {
	case name == "" || !errs.IsKind(err, errs.AlreadyExists):
		return err
	case strings.Contains(name, "request"):
		return record.ErrRequestTaken
	default:
		return record.Exists(s.table.number)
	}
}

// ByRequest implements record.Store.
func (s Records[T]) ByRequest(ctx context.Context, id uuid.UUID) (r T, digest []byte, ok bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err = s.judged(ctx, tx, func(window) (r T, err error) {
			r, digest, err = s.table.byRequest(ctx, tx, id)
			return r, err
		})
		return err
	})
	if isNone(err) {
		return r, nil, false, nil
	}
	return r, digest, err == nil, err
}

// Get implements record.Store.
func (s Records[T]) Get(ctx context.Context, id uuid.UUID) (r T, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err = s.judged(ctx, tx, func(window) (T, error) { return s.table.get(ctx, tx, id) })
		return err
	})
	if isNone(err) {
		return r, record.NotFound()
	}
	return r, err
}

// Update implements record.Store.
func (s Records[T]) Update(ctx context.Context, r T) (T, error) {
	return s.change(ctx, r, s.table.update)
}

// Retire implements record.Store.
func (s Records[T]) Retire(ctx context.Context, r T) (T, error) {
	return s.change(ctx, r, s.table.retire)
}

// change writes a record and settles its alerts in the same transaction.
func (s Records[T]) change(ctx context.Context, r T, write func(context.Context, *db.Tx, T) (int64, error)) (now T, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := write(ctx, tx, r)
		if err != nil {
			return err
		}
		if n == 0 {
			return record.EtagMismatch()
		}
		now, err = s.settled(ctx, tx, r.Common().ID)
		return err
	})
	return now, s.explain(err)
}

// settled reads a record back inside the transaction that wrote it, and brings its alerts up to its dates: resolves those that it
// leaves no date for, and raises those whose date is near already, so that nobody waits for the next plan to hear of what they
// just typed.
func (s Records[T]) settled(ctx context.Context, tx *db.Tx, id uuid.UUID) (T, error) {
	return s.judged(ctx, tx, func(w window) (T, error) {
		r, err := s.table.get(ctx, tx, id)
		if err != nil {
			return r, err
		}
		var standing []alert.Date
		if r.Common().RetireTime == nil {
			standing = s.table.dates(r, w.alerts)
		}
		if err := s.resolve(ctx, tx, s.table.workspace, &id, standing); err != nil {
			return r, err
		}
		return r, raise(ctx, tx, s.table.workspace, standing, w)
	})
}

// List implements record.Store.
func (s Records[T]) List(ctx context.Context, q record.Query) (list []T, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		w, err := s.window(ctx, tx)
		if err != nil {
			return err
		}
		if list, err = s.table.list(ctx, tx, q, w); err != nil {
			return err
		}
		for i := range list {
			list[i] = s.table.judge(list[i], w)
		}
		return nil
	})
	return list, err
}

// kindOf is the kind of alert on the wire.
func kindOf(k alert.Kind) compliancev1.Alert_Kind { return compliancev1.Alert_Kind(k) }
