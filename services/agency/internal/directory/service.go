package directory

import (
	"context"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
)

// Person is a login as the identity provider described it.
type Person struct {
	AgencyID int64
	Subject  string
	// Login identifies a member of staff: it is kept out of logs and events.
	Login     string
	Roles     []string
	FirstSeen time.Time
	// LastSeen is exact to the hour: often enough to tell who has left, and not a record of anybody's day.
	LastSeen time.Time
}

// Position is where a page of the list begins: after this person.
type Position struct{ Login, Subject string }

// Query narrows the list.
type Query struct {
	// Role is one that a person had in the last token; "" for any.
	Role  string
	After Position
	Limit int32
}

type store interface {
	// See must keep the person unless they were seen within the same hour.
	See(ctx context.Context, p Person) error
	// People answers those of the agency of the caller, by login.
	People(ctx context.Context, q Query) ([]Person, error)
}

const (
	// remembered people cost a replica no statement within the hour; an entry is about 200 bytes.
	remembered = 16384
	// patience is what somebody who asks who they are waits at most for being written down.
	patience = 500 * time.Millisecond
)

// Service has the use cases of the directory.
type Service struct {
	store store
	now   func() time.Time
	log   *slog.Logger
	seen  *lru.Cache[key, time.Time]
}

type key struct {
	agency  int64
	subject string
}

// New returns the use cases over a store.
func New(s store, now func() time.Time, log *slog.Logger) (*Service, error) {
	seen, err := lru.New[key, time.Time](remembered)
	return &Service{store: s, now: now, log: log, seen: seen}, err
}

// Saw notes that the person was here, at most once an hour. Nobody is turned away because it fails: the next call tries again.
func (s *Service) Saw(ctx context.Context, p identity.Principal) {
	if !belongs(p) {
		return
	}
	now := s.now().UTC()
	k, hour := key{p.AgencyID, p.Subject}, now.Truncate(time.Hour)
	if last, ok := s.seen.Get(k); ok && !last.Before(hour) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Written as the service itself, since whoever asks may have any role; and without a record, since it is not what was asked.
	ctx = identity.With(audit.Without(ctx), identity.ForService("agency", p.AgencyID))
	err := s.store.See(ctx, Person{
		AgencyID: p.AgencyID, Subject: p.Subject, Login: p.Name, Roles: p.Roles,
		FirstSeen: now.Truncate(time.Microsecond), LastSeen: hour,
	})
	if err != nil {
		s.log.WarnContext(ctx, "a person who was seen could not be written down", "agency", p.AgencyID, "error", err)
		return
	}
	s.seen.Add(k, hour)
}

// founder is nobody's staff, whichever agency the founder has entered.
const founder = "founder"

func belongs(p identity.Principal) bool {
	return p.Actor == identity.Human && p.AgencyID != 0 && !p.CrossAgency && !p.HasRole(founder)
}

// List answers people of the caller's agency by login.
func (s *Service) List(ctx context.Context, q Query) ([]Person, error) { return s.store.People(ctx, q) }
