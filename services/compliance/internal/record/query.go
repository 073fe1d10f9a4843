package record

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
)

// Record is a record of one of the workspaces.
type Record[T any] interface {
	Normalize() T
	Validate(today time.Time) error
	Common() Head
	WithCommon(h Head) T
	// Fields are all that a client may write, in the order of the contract.
	Fields() []Field
	// Take returns the record with one of these fields taken from another.
	Take(field string, from T) T
}

// Request identifies the call that makes a record, so that it can be repeated.
type Request struct {
	ID     uuid.UUID
	Digest []byte
}

// ErrRequestTaken says that another call made a record under the same request id in the meantime.
var ErrRequestTaken = errs.New(errs.Conflict, ReasonRequestReused, "a request with this id was made at the same time; try again")

// Order of a list.
type Order string

// Orders. Due is the expiry of a registration and the revalidation of an enrollment.
const (
	ByDue     Order = "due"
	ByDueDesc Order = "due desc"
	Newest    Order = "createTime desc"
)

// Position is where a record stands in a list.
type Position struct {
	Due *time.Time
	ID  uuid.UUID
}

// Query is a list.
type Query struct {
	Statuses       []string
	DueFrom, DueTo *time.Time
	Order          Order
	After          *Position
	Limit          int32
}

// Store keeps records. What leaves it is judged.
type Store[T any] interface {
	// Insert must fail with ErrRequestTaken when the request id is taken, and with METADATA_EXISTS when the number is.
	Insert(ctx context.Context, r T, req Request) (T, error)
	// ByRequest must answer ok=false when no record was made under the id.
	ByRequest(ctx context.Context, id uuid.UUID) (r T, digest []byte, ok bool, err error)
	// Get must answer METADATA_NOT_FOUND when the caller cannot see such a record.
	Get(ctx context.Context, id uuid.UUID) (T, error)
	// Update must fail with ETAG_MISMATCH unless the stored revision is that of r.
	Update(ctx context.Context, r T) (T, error)
	// Retire must fail like Update.
	Retire(ctx context.Context, r T) (T, error)
	List(ctx context.Context, q Query) ([]T, error)
}

// Name is the resource name of a record.
func Name(workspace string, id uuid.UUID) string { return workspace + "/metadata/" + id.String() }
