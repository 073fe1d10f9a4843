package livekit

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/webhook"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// hookLimit bounds a webhook's body, hookAge how old a signed one may be.
const (
	hookLimit = 64 << 10
	hookAge   = 10 * time.Minute
)

// Hook takes LiveKit's webhooks: signed with the key that we share, over the hash of the body, each one once.
func (s *Server) Hook() http.Handler {
	keys := auth.NewSimpleKeyProvider(s.o.Key, s.o.Secret)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, hookLimit)
		e, err := webhook.ReceiveWebhookEvent(r, keys)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		at := time.Unix(e.GetCreatedAt(), 0)
		if age := s.o.Clock().Sub(at); age > hookAge || age < -hookAge || !s.seen.first(e.GetId()) {
			// It is what it says, but not news: whoever repeats it is not asked to repeat it again.
			w.WriteHeader(http.StatusOK)
			return
		}
		kinds := map[string]room.Kind{webhook.EventParticipantJoined: room.Joined, webhook.EventParticipantLeft: room.Left, webhook.EventRoomFinished: room.Ended}
		if kind, ok := kinds[e.GetEvent()]; ok {
			select {
			case s.events <- room.Event{Kind: kind, Room: e.GetRoom().GetName(), Identity: e.GetParticipant().GetIdentity(), Time: at}:
			default: // Participants tells it as well, only later.
			}
		}
		w.WriteHeader(http.StatusOK)
	})
}

// Events are what webhooks tell.
func (s *Server) Events(ctx context.Context) <-chan room.Event {
	out := make(chan room.Event)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-s.events:
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// seen remembers names for as long as a webhook with them could be repeated.
type seen struct {
	mu    sync.Mutex
	clock func() time.Time
	at    map[string]time.Time
}

func newSeen(clock func() time.Time) *seen { return &seen{clock: clock, at: map[string]time.Time{}} }

func (s *seen) first(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	for k, t := range s.at {
		if now.Sub(t) > 2*hookAge {
			delete(s.at, k)
		}
	}
	if _, again := s.at[id]; again || id == "" {
		return false
	}
	s.at[id] = now
	return true
}
