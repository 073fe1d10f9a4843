package rpc

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/compliance/internal/keeper"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

// Workspace is what the servers of both workspaces are made of.
type Workspace struct {
	Store    *store.Store
	Evidence auditv1.AuditQueryServiceClient
	Pages    *page.Sealer
	Clock    clock.Clock
}

// shared is a workspace with its name.
type shared struct {
	Workspace
	name string
}

// pageOf answers one page of the list that query describes, and the token of the next; a nil cursor is the first page.
func pageOf[T, C any](ctx context.Context, s shared, query any, req page.Request,
	list func(after *C, limit int32) ([]T, error), cursor func(T) C) ([]T, string, error) {
	p, _ := identity.From(ctx)
	return page.Read(s.Pages, p, query, req, list, func(last T) *C {
		c := cursor(last)
		return &c
	})
}

// idOf reads an id of a request; one that is none names nothing.
func idOf(s string, notFound func() error) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return id, notFound()
	}
	return id, nil
}

// requestID reads the id that makes a call safe to repeat.
func requestID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return id, invalid("requestId", "uuid", "a UUID chosen by the client")
	}
	return id, nil
}

func invalid(field, rule, message string) error {
	return errs.New(errs.Invalid, record.ReasonInvalid, "the request breaks rules of its fields",
		errs.WithFields(errs.Field{Field: field, Rule: rule, Message: message}))
}

// listRequest is the request for a list of records.
type listRequest interface {
	page.Request
	GetStatus() []string
	GetDueFrom() string
	GetDueTo() string
	GetOrderBy() string
}

var inForce = []string{string(record.Active), string(record.Expiring), string(record.Expired), string(record.Pending), string(record.Inactive)}

// listed answers one page of the records of a workspace; due is the date that they are ordered by.
func listed[T record.Record[T]](ctx context.Context, s shared, records *keeper.Keeper[T], req listRequest, due func(T) *time.Time) ([]T, string, error) {
	q, err := queryOf(req)
	if err != nil {
		return nil, "", err
	}
	bound := []any{s.name, "metadata", slices.Sorted(slices.Values(q.Statuses)), req.GetDueFrom(), req.GetDueTo(), q.Order}
	return pageOf(ctx, s, bound, req, func(after *record.Position, limit int32) ([]T, error) {
		q.After, q.Limit = after, limit
		return records.List(ctx, q)
	}, func(last T) record.Position { return record.Position{Due: due(last), ID: last.Common().ID} })
}

// queryOf is what a request for a list asks for: the records in force unless it names statuses.
func queryOf(req listRequest) (q record.Query, err error) {
	q.Statuses, q.Order = req.GetStatus(), order(req.GetOrderBy())
	if len(q.Statuses) == 0 {
		q.Statuses = inForce
	}
	if q.DueFrom, err = dayText("dueFrom", req.GetDueFrom()); err != nil {
		return q, err
	}
	q.DueTo, err = dayText("dueTo", req.GetDueTo())
	return q, err
}

func order(by string) record.Order {
	switch by {
	case "createTime desc":
		return record.Newest
	case "expirationDate desc", "revalidationDueDate desc":
		return record.ByDueDesc
	default:
		return record.ByDue
	}
}

func dayText(field, s string) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil, invalid(field, "date", "a day as YYYY-MM-DD")
	}
	return &t, nil
}
