package rpc

import (
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	gatewayv1 "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
)

type sessions interface {
	Extend(ctx context.Context, l *session.Live) (session.View, error)
	List(ctx context.Context, subject string) ([]session.View, error)
	EndOwn(ctx context.Context, subject, id string) (bool, error)
	EndOthers(ctx context.Context, l *session.Live) (int, error)
}

// Sessions implements gatewayv1.SessionServiceServer.
type Sessions struct {
	gatewayv1.UnimplementedSessionServiceServer
	sessions sessions
	pages    *page.Sealer
}

// NewSessions makes the server.
func NewSessions(s sessions, pages *page.Sealer) *Sessions {
	return &Sessions{sessions: s, pages: pages}
}

// GetSession implements gatewayv1.SessionServiceServer.
func (s *Sessions) GetSession(ctx context.Context, _ *gatewayv1.GetSessionRequest) (*gatewayv1.Session, error) {
	l, err := required(ctx)
	if err != nil {
		return nil, err
	}
	return encode(l.View, l), nil
}

// ExtendSession implements gatewayv1.SessionServiceServer.
func (s *Sessions) ExtendSession(ctx context.Context, _ *gatewayv1.ExtendSessionRequest) (*gatewayv1.Session, error) {
	l, err := required(ctx)
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, "sessions/"+string(l.Ref))
	v, err := s.sessions.Extend(ctx, l)
	if err != nil {
		return nil, away(err)
	}
	return encode(v, l), nil
}

// cursor is where a page begins: after a session in the order of the list.
type cursor struct {
	Seen int64
	ID   string
}

// ListSessions implements gatewayv1.SessionServiceServer.
func (s *Sessions) ListSessions(ctx context.Context, r *gatewayv1.ListSessionsRequest) (*gatewayv1.ListSessionsResponse, error) {
	p, _ := identity.From(ctx)
	all, err := s.sessions.List(ctx, p.Subject)
	if err != nil {
		return nil, away(err)
	}
	rows, next, err := page.Read(s.pages, p, "sessions", r, func(after cursor, limit int32) ([]session.View, error) {
		if i := slices.IndexFunc(all, func(v session.View) bool { return follows(v, after) }); after.ID != "" {
			if i < 0 {
				return nil, nil
			}
			all = all[i:]
		}
		return all[:min(len(all), int(limit))], nil
	}, func(v session.View) cursor { return cursor{v.Seen.UnixMilli(), v.ID} })
	if err != nil {
		return nil, err
	}
	answer := &gatewayv1.ListSessionsResponse{NextPageToken: next}
	for _, v := range rows {
		answer.Sessions = append(answer.Sessions, encode(v, session.From(ctx)))
	}
	return answer, nil
}

func follows(v session.View, c cursor) bool {
	seen := v.Seen.UnixMilli()
	return seen < c.Seen || (seen == c.Seen && v.ID > c.ID)
}

// EndSession implements gatewayv1.SessionServiceServer.
func (s *Sessions) EndSession(ctx context.Context, r *gatewayv1.EndSessionRequest) (*gatewayv1.EndSessionResponse, error) {
	p, _ := identity.From(ctx)
	found, err := s.sessions.EndOwn(ctx, p.Subject, r.GetId())
	switch {
	case err != nil:
		return nil, away(err)
	case !found:
		// The same answer for another person's session: who may not end it does not learn that it is there.
		return nil, errs.New(errs.NotFound, "SESSION_NOT_FOUND", "you have no such session, or not any more")
	}
	audit.Target(ctx, "sessions/"+r.GetId())
	return &gatewayv1.EndSessionResponse{}, nil
}

// EndOtherSessions implements gatewayv1.SessionServiceServer.
func (s *Sessions) EndOtherSessions(ctx context.Context, _ *gatewayv1.EndOtherSessionsRequest) (*gatewayv1.EndOtherSessionsResponse, error) {
	l, err := required(ctx)
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, "sessions")
	n, err := s.sessions.EndOthers(ctx, l)
	if err != nil {
		return nil, away(err)
	}
	return &gatewayv1.EndOtherSessionsResponse{Ended: int32(n)}, nil
}

func required(ctx context.Context) (*session.Live, error) {
	l := session.From(ctx)
	if l == nil {
		return nil, errs.New(errs.Precondition, "SESSION_REQUIRED", "this call is about the browser session of the request; it came with an access token")
	}
	return l, nil
}

func away(err error) error {
	switch {
	case errors.Is(err, session.ErrUnavailable):
		return errs.New(errs.Unavailable, "SESSIONS_UNAVAILABLE", "sessions cannot be looked up now; try again", errs.WithCause(err))
	case errors.Is(err, session.ErrEnded):
		return errs.New(errs.NotFound, "SESSION_NOT_FOUND", "the session has ended meanwhile")
	}
	return err
}

func encode(v session.View, current *session.Live) *gatewayv1.Session {
	return &gatewayv1.Session{
		Id: v.ID, Device: v.Device, Address: v.Address, CreateTime: at(v.Created), LastSeenTime: at(v.Seen), AuthTime: at(v.Auth),
		IdleExpireTime: at(v.IdleExpires), ExpireTime: at(v.Expires), Current: current != nil && string(current.Ref) == v.ID,
	}
}

func at(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
