package keeper

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// Screen refuses what holds a credential: text, or any text in a document.
type Screen struct {
	Text func(field, text string) error
	JSON func(field string, document []byte) error
}

// Keeper has the use cases of the records of one workspace.
type Keeper[T record.Record[T]] struct {
	store     record.Store[T]
	screen    Screen
	now       func() time.Time
	workspace string
}

// New returns the use cases over a store.
func New[T record.Record[T]](workspace string, s record.Store[T], screen Screen, now func() time.Time) *Keeper[T] {
	return &Keeper[T]{store: s, screen: screen, now: now, workspace: workspace}
}

// Get answers one record.
func (k *Keeper[T]) Get(ctx context.Context, id uuid.UUID) (T, error) {
	audit.Target(ctx, record.Name(k.workspace, id))
	return k.store.Get(ctx, id)
}

// List answers the records that a query asks for.
func (k *Keeper[T]) List(ctx context.Context, q record.Query) ([]T, error) {
	return k.store.List(ctx, q)
}

// Create makes a record, once per request id.
func (k *Keeper[T]) Create(ctx context.Context, r T, requestID uuid.UUID) (T, error) {
	var none T
	r = r.Normalize()
	if err := k.accept(r); err != nil {
		return none, err
	}
	req := record.Request{ID: requestID, Digest: digest(r)}
	if first, ok, err := k.repeated(ctx, req); err != nil || ok {
		return first, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return none, err
	}
	h, now := r.Common(), k.now().UTC().Truncate(time.Microsecond)
	h.ID, h.Revision, h.CreateTime, h.UpdateTime = id, 1, now, now
	audit.Target(ctx, record.Name(k.workspace, id))
	changes(ctx, none, r, false)
	made, err := k.store.Insert(ctx, r.WithCommon(h), req)
	if errors.Is(err, record.ErrRequestTaken) {
		if first, ok, again := k.repeated(ctx, req); again != nil || ok {
			return first, again
		}
	}
	return made, err
}

func (k *Keeper[T]) repeated(ctx context.Context, req record.Request) (T, bool, error) {
	r, sum, ok, err := k.store.ByRequest(ctx, req.ID)
	if err != nil || !ok {
		return r, false, err
	}
	if !bytes.Equal(sum, req.Digest) {
		var none T
		return none, false, errs.New(errs.Conflict, record.ReasonRequestReused, "a request with this id made something else; choose a new request id")
	}
	audit.Target(ctx, record.Name(k.workspace, r.Common().ID))
	return r, true, nil
}

// Update takes the named fields of the record from another, all of them when none is named.
func (k *Keeper[T]) Update(ctx context.Context, id uuid.UUID, from T, fields []string, etag string) (T, error) {
	var none T
	old, err := k.current(ctx, id, etag)
	if err != nil {
		return none, err
	}
	known := writable(old)
	if len(fields) == 0 {
		fields = known
	}
	r := old
	from = from.Normalize()
	for _, f := range fields {
		if !slices.Contains(known, f) {
			return none, errs.New(errs.Invalid, record.ReasonInvalid, "the update mask names a field that cannot be written",
				errs.WithFields(errs.Field{Field: "updateMask", Rule: "field_mask.known", Message: "any of " + strings.Join(known, ", ")}))
		}
		r = r.Take(f, from)
	}
	if err := k.accept(r); err != nil {
		return none, err
	}
	changes(ctx, old, r, true)
	h := r.Common()
	h.UpdateTime = k.now().UTC().Truncate(time.Microsecond)
	return k.store.Update(ctx, r.WithCommon(h))
}

// Retire ends the upkeep of a record; it stays readable.
func (k *Keeper[T]) Retire(ctx context.Context, id uuid.UUID, reason record.RetireReason, etag string) (T, error) {
	r, err := k.current(ctx, id, etag)
	if err != nil {
		return r, err
	}
	h, now := r.Common(), k.now().UTC().Truncate(time.Microsecond)
	h.RetireTime, h.RetireReason = &now, reason
	audit.Changed(ctx, "status", string(h.Status), string(record.Retired))
	return k.store.Retire(ctx, r.WithCommon(h))
}

// current is the record, if it is in force and the caller has seen its newest state.
func (k *Keeper[T]) current(ctx context.Context, id uuid.UUID, etag string) (T, error) {
	r, err := k.Get(audit.Without(ctx), id)
	audit.Target(ctx, record.Name(k.workspace, id))
	if err != nil {
		return r, err
	}
	h := r.Common()
	switch {
	case h.RetireTime != nil:
		return r, errs.New(errs.Precondition, record.ReasonRetired, "the record is retired; it can be read and noted on, not changed")
	case etag != h.Etag():
		return r, record.EtagMismatch()
	}
	return r, nil
}

func (k *Keeper[T]) accept(r T) error {
	if err := r.Validate(record.Today(k.now())); err != nil {
		return err
	}
	for _, f := range r.Fields() {
		var err error
		switch {
		case f.FreeText:
			err = k.screen.Text(f.Name, f.Value)
		case f.Document:
			err = k.screen.JSON(f.Name, []byte(f.Value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writable[T record.Record[T]](r T) []string {
	var names []string
	for _, f := range r.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func digest[T record.Record[T]](r T) []byte {
	// Strings alone: this always encodes.
	b, _ := json.Marshal(r.Fields())
	sum := sha256.Sum256(b)
	return sum[:]
}

// changes tells the audit log what becomes of each field: identifiers by their last four, free text only as changed.
func changes[T record.Record[T]](ctx context.Context, old, r T, existed bool) {
	before := map[string]string{}
	if existed {
		for _, f := range old.Fields() {
			before[f.Name] = f.Value
		}
	}
	for _, f := range r.Fields() {
		if was := before[f.Name]; was != f.Value {
			audit.Changed(ctx, f.Name, shown(f, was), shown(f, f.Value))
		}
	}
}

func shown(f record.Field, v string) string {
	switch {
	case v == "":
		return ""
	case f.Identifier:
		return audit.Mask(v)
	case f.FreeText:
		return "(text)"
	default:
		return v
	}
}
