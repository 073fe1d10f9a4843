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

// pageRequest is any request for a page.
type pageRequest interface {
	GetPageSize() int32
	GetPageToken() string
}

// open reads size and position of a page; query is everything that must be the same on the next one.
func (s shared) open(ctx context.Context, req pageRequest, query, cursor any) (size int32, given bool, err error) {
	if size, err = page.Size(req.GetPageSize()); err != nil {
		return 0, false, err
	}
	p, _ := identity.From(ctx)
	given, err = s.Pages.Open(p, query, req.GetPageToken(), cursor)
	return size, given, err
}

func (s shared) seal(ctx context.Context, query, cursor any) (string, error) {
	p, _ := identity.From(ctx)
	return s.Pages.Seal(p, query, cursor)
}

// cut takes the one row too many off that tells of a next page.
func cut[T any](list []T, size int32) (_ []T, more bool) {
	if len(list) > int(size) {
		return list[:size], true
	}
	return list, false
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
	pageRequest
	GetStatus() []string
	GetDueFrom() string
	GetDueTo() string
	GetOrderBy() string
}

var inForce = []string{string(record.Active), string(record.Expiring), string(record.Expired), string(record.Pending), string(record.Inactive)}

// listed is the query of a list, and the part of it that binds its tokens.
func (s shared) listed(ctx context.Context, req listRequest, method string) (q record.Query, bound any, err error) {
	q.Statuses = req.GetStatus()
	if len(q.Statuses) == 0 {
		q.Statuses = inForce
	}
	if q.DueFrom, err = dayText("dueFrom", req.GetDueFrom()); err != nil {
		return q, nil, err
	}
	if q.DueTo, err = dayText("dueTo", req.GetDueTo()); err != nil {
		return q, nil, err
	}
	q.Order = order(req.GetOrderBy())
	bound = []any{method, slices.Sorted(slices.Values(q.Statuses)), req.GetDueFrom(), req.GetDueTo(), q.Order}
	var at record.Position
	size, given, err := s.open(ctx, req, bound, &at)
	if given {
		q.After = &at
	}
	q.Limit = size
	return q, bound, err
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
