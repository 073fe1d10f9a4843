package rpc

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Events serves EventService.
type Events struct {
	auditv1.UnimplementedEventServiceServer
	trail       *trail.Reader
	pages       *page.Sealer
	verifierKey string
}

// NewEvents returns the server of EventService. verifierKey is the public half of the key that signs checkpoints.
func NewEvents(t *trail.Reader, pages *page.Sealer, verifierKey string) *Events {
	return &Events{trail: t, pages: pages, verifierKey: verifierKey}
}

// ListEvents answers entries, newest first.
func (s *Events) ListEvents(ctx context.Context, req *auditv1.ListEventsRequest) (*auditv1.ListEventsResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := entries(ctx, s.trail, s.pages, p, filterFrom(req), req)
	if err != nil {
		return nil, err
	}
	return &auditv1.ListEventsResponse{Events: eventsTo(list), NextPageToken: next}, nil
}

// entries reads one page of what the filter lets through, newest first. p is whose token it is, ctx who reads.
func entries(ctx context.Context, t *trail.Reader, pages *page.Sealer, p identity.Principal, f trail.Filter, req page.Request) ([]trail.Entry, string, error) {
	return page.Read(pages, p, f, req,
		func(before *uint64, limit int32) ([]trail.Entry, error) {
			if before == nil {
				return t.List(ctx, f, math.MaxInt64, int(limit))
			}
			return t.List(ctx, f, *before, int(limit))
		},
		func(e trail.Entry) *uint64 { return &e.LeafIndex })
}

// GetEvent answers one entry.
func (s *Events) GetEvent(ctx context.Context, req *auditv1.GetEventRequest) (*auditv1.Event, error) {
	id, err := eventID(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	e, err := s.trail.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return eventTo(e), nil
}

// GetCheckpoint answers the newest checkpoint.
func (s *Events) GetCheckpoint(ctx context.Context, _ *auditv1.GetCheckpointRequest) (*auditv1.Checkpoint, error) {
	h, err := s.trail.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &auditv1.Checkpoint{Checkpoint: h.Note, TreeSize: int64(h.Size), RootHash: h.Root, VerifierKey: s.verifierKey}, nil //nolint:gosec // below 2^63
}

// GetInclusionProof proves an entry.
func (s *Events) GetInclusionProof(ctx context.Context, req *auditv1.GetInclusionProofRequest) (*auditv1.InclusionProof, error) {
	id, err := eventID(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	p, err := s.trail.Prove(ctx, id)
	if err != nil {
		return nil, err
	}
	return proofTo(p), nil
}

// GetConsistencyProof proves that the log only grew.
func (s *Events) GetConsistencyProof(ctx context.Context, req *auditv1.GetConsistencyProofRequest) (*auditv1.ConsistencyProof, error) {
	g, err := s.trail.Grew(ctx, size(req.GetFrom()), size(req.GetTo()))
	if err != nil {
		return nil, err
	}
	return growthTo(g), nil
}

// eventID reads the id of an entry; what is no id names no entry.
func eventID(ctx context.Context, s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return id, trail.NotFound()
	}
	audit.Target(ctx, "events/"+id.String())
	return id, nil
}

// size is a tree size of a request; a negative one is larger than any log.
func size(n int64) uint64 {
	if n < 0 {
		return math.MaxUint64
	}
	return uint64(n)
}
