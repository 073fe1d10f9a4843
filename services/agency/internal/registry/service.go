package registry

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// Tx is the transaction in which an agency comes to exist.
type Tx interface {
	// Insert must fail with ErrRequestTaken when the request id is taken and with AGENCY_EXISTS when an identifier is.
	Insert(ctx context.Context, a Agency, r Request) error
	// Registered queues the event; it leaves with the commit.
	Registered(a Agency)
}

// Request identifies a registration, so that it can be repeated.
type Request struct {
	ID     uuid.UUID
	Digest []byte
}

// ErrRequestTaken says that another call registered an agency under the same request id in the meantime.
var ErrRequestTaken = errs.New(errs.Conflict, ReasonRequestReused, "a request with this id was made at the same time; try again")

type store interface {
	// NextID must give every caller another id.
	NextID(ctx context.Context) (int64, error)
	// Write must commit what fn did, or nothing.
	Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// ByRequest must answer ok=false when no registration had this id.
	ByRequest(ctx context.Context, id uuid.UUID) (a Agency, digest []byte, ok bool, err error)
	// ByID must answer AGENCY_NOT_FOUND when the caller cannot see such an agency.
	ByID(ctx context.Context, id int64) (Agency, error)
	// List answers at most limit agencies with an id above after, in order of id.
	List(ctx context.Context, after int64, limit int) ([]Agency, error)
	// Resolve answers every agency that has one of the identifiers.
	Resolve(ctx context.Context, ids NemsisIDs) ([]Holder, error)
}

// Service has the use cases of the registry.
type Service struct {
	store store
	now   func() time.Time
}

// New returns the use cases over a store.
func New(s store, now func() time.Time) *Service { return &Service{store: s, now: now} }

// Create registers an agency, once per request id.
func (s *Service) Create(ctx context.Context, a Agency, requestID uuid.UUID) (Agency, error) {
	a = a.normalize()
	if err := a.validate(); err != nil {
		return Agency{}, err
	}
	req := Request{ID: requestID, Digest: a.digest()}
	if first, ok, err := s.repeated(ctx, req); err != nil || ok {
		return first, err
	}
	// The id comes before the transaction, since the transaction runs inside the new tenant. A failed attempt leaves a
	// gap in the ids, which means nothing.
	id, err := s.store.NextID(outside(ctx))
	if err != nil {
		return Agency{}, err
	}
	a.ID, a.State, a.CreateTime = id, Active, s.now().UTC().Truncate(time.Microsecond)
	audit.Target(ctx, Name(id))
	err = InAgency(ctx, id, func(ctx context.Context) error {
		return s.store.Write(ctx, func(ctx context.Context, tx Tx) error {
			if err := tx.Insert(ctx, a, req); err != nil {
				return err
			}
			tx.Registered(a)
			return nil
		})
	})
	if errors.Is(err, ErrRequestTaken) {
		first, ok, again := s.repeated(ctx, req)
		if again != nil || ok {
			return first, again
		}
	}
	if err != nil {
		return Agency{}, err
	}
	return a, nil
}

// repeated answers the first result of a request that was made before.
func (s *Service) repeated(ctx context.Context, req Request) (Agency, bool, error) {
	a, digest, ok, err := s.store.ByRequest(ctx, req.ID)
	if err != nil || !ok {
		return Agency{}, false, err
	}
	if !bytes.Equal(digest, req.Digest) {
		return Agency{}, false, errs.New(errs.Conflict, ReasonRequestReused,
			"a request with this id registered something else; choose a new request id")
	}
	audit.Target(ctx, Name(a.ID))
	return a, true, nil
}

// Get answers the caller's own agency, or any for those who administer tenants.
func (s *Service) Get(ctx context.Context, id int64) (Agency, error) {
	audit.Target(ctx, Name(id))
	if !Visible(ctx, id) {
		return Agency{}, NotFound()
	}
	return s.store.ByID(ctx, id)
}

// List answers at most limit agencies with an id above after, in order of id.
func (s *Service) List(ctx context.Context, after int64, limit int) ([]Agency, error) {
	return s.store.List(ctx, after, limit)
}

// Visible says whether the caller may know of the agency. Row-level security says the same; this one answers before a
// caller without any agency reaches it.
func Visible(ctx context.Context, id int64) bool {
	p, ok := identity.From(ctx)
	if !ok {
		return false
	}
	return p.ActingRole == founder || p.Actor == identity.Service || p.AgencyID == id
}

const founder = "founder"

// outside is ctx with the caller at work in no agency, and without a record: for what is not the action itself.
func outside(ctx context.Context) context.Context {
	p, _ := identity.From(ctx)
	p.AgencyID, p.CrossAgency = 0, false
	return identity.With(audit.Without(ctx), p)
}

// InAgency runs fn with the caller at work inside the agency: the founder, who has none, writes a tenant's rows from within
// it, so that row-level security holds for the founder too and events carry the tenant.
func InAgency(ctx context.Context, id int64, fn func(ctx context.Context) error) error {
	caller, _ := identity.From(ctx)
	inside := caller
	inside.AgencyID, inside.CrossAgency = id, false
	// The record of the call travels in the same transaction and must name the same tenant.
	call := audit.FromContext(ctx)
	call.SetPrincipal(inside)
	audit.ForAgency(ctx, id)
	err := fn(identity.With(ctx, inside))
	if err != nil {
		// Nothing was committed: the record of the failure is written from outside of the agency.
		call.SetPrincipal(caller)
	}
	return err
}
