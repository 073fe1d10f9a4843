package governance

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// Tx is the transaction of a change.
type Tx interface {
	// Lock must make changes of one policy one at a time.
	Lock(ctx context.Context, key string) error
	// Latest is the highest version, Active the one in force; 0 for none.
	Latest(ctx context.Context, key string) (int32, error)
	Active(ctx context.Context, key string) (int32, error)
	// Version must answer POLICY_VERSION_NOT_FOUND for one that does not exist.
	Version(ctx context.Context, key string, version int32) (Version, error)
	Insert(ctx context.Context, v Version) error
	// Activate stores who put the version in force, and queues the event.
	Activate(ctx context.Context, v Version, by string, at time.Time) error
}

type store interface {
	Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Version must answer POLICY_VERSION_NOT_FOUND for one that does not exist; version 0 is the one in force.
	Version(ctx context.Context, key string, version int32) (Version, error)
	// Versions answers at most limit versions below before, highest first.
	Versions(ctx context.Context, key string, before int32, limit int) ([]Version, error)
	// Numbers answers latest and active version of the policies that have any.
	Numbers(ctx context.Context) (map[string]Policy, error)
}

// Service has the use cases of governance.
type Service struct {
	catalog Catalog
	store   store
	now     func() time.Time
}

// New returns the use cases over a store.
func New(c Catalog, s store, now func() time.Time) *Service {
	return &Service{catalog: c, store: s, now: now}
}

// Create adds a version, which is not in force yet.
func (s *Service) Create(ctx context.Context, key string, document []byte, comment string) (Version, error) {
	k, err := s.catalog.find(key)
	if err != nil {
		return Version{}, err
	}
	doc, sum, err := canonical(document)
	if err != nil {
		return Version{}, errs.New(errs.Invalid, ReasonInvalid, "the document has no canonical form", errs.WithCause(err))
	}
	if err := k.check(doc); err != nil {
		return Version{}, err
	}
	if comment = strings.TrimSpace(comment); comment == "" {
		return Version{}, errs.New(errs.Invalid, ReasonInvalid, "say why the version is made",
			errs.WithFields(errs.Field{Field: "/comment", Rule: "required", Message: "1 to 2000 characters"}))
	}
	p, _ := identity.From(ctx)
	v := Version{Key: key, Document: doc, SHA256: sum, Comment: comment, Author: p.Subject, CreateTime: s.time()}
	err = platform(ctx, func(ctx context.Context) error {
		return s.store.Write(ctx, func(ctx context.Context, tx Tx) error { return s.insert(ctx, tx, &v) })
	})
	return v, err
}

func (s *Service) insert(ctx context.Context, tx Tx, v *Version) error {
	if err := tx.Lock(ctx, v.Key); err != nil {
		return err
	}
	latest, err := tx.Latest(ctx, v.Key)
	if err != nil {
		return err
	}
	v.Version = latest + 1
	audit.Target(ctx, v.Name())
	audit.Changed(ctx, "sha256", "", v.SHA256)
	return tx.Insert(ctx, *v)
}

// Activate puts a version in force.
func (s *Service) Activate(ctx context.Context, key string, version int32) (v Version, err error) {
	audit.Target(ctx, name(key, version))
	if _, err := s.catalog.find(key); err != nil {
		return Version{}, err
	}
	p, _ := identity.From(ctx)
	err = platform(ctx, func(ctx context.Context) error {
		return s.store.Write(ctx, func(ctx context.Context, tx Tx) error {
			v, err = s.activate(ctx, tx, key, version, p.Subject)
			return err
		})
	})
	return v, err
}

func (s *Service) activate(ctx context.Context, tx Tx, key string, version int32, by string) (Version, error) {
	if err := tx.Lock(ctx, key); err != nil {
		return Version{}, err
	}
	v, err := tx.Version(ctx, key, version)
	if err != nil {
		return Version{}, err
	}
	was, err := tx.Active(ctx, key)
	if err != nil {
		return Version{}, err
	}
	if was == version {
		return Version{}, errs.New(errs.Precondition, ReasonVersionActive, "this version is in force already")
	}
	v.Active, v.ActivateTime = true, s.time()
	audit.Changed(ctx, "activeVersion", strconv.Itoa(int(was)), strconv.Itoa(int(version)))
	return v, tx.Activate(ctx, v, by, v.ActivateTime)
}

// Get answers one version.
func (s *Service) Get(ctx context.Context, key string, version int32) (Version, error) {
	if _, err := s.catalog.find(key); err != nil {
		return Version{}, err
	}
	if version < 1 {
		return Version{}, VersionNotFound()
	}
	return s.store.Version(ctx, key, version)
}

// InForce answers the version in force.
func (s *Service) InForce(ctx context.Context, key string) (Version, error) {
	if _, err := s.catalog.find(key); err != nil {
		return Version{}, err
	}
	return s.store.Version(ctx, key, 0)
}

// Versions answers at most limit versions below a number, highest first.
func (s *Service) Versions(ctx context.Context, key string, before int32, limit int) ([]Version, error) {
	if _, err := s.catalog.find(key); err != nil {
		return nil, err
	}
	return s.store.Versions(ctx, key, before, limit)
}

// Policies answers at most limit policies with a key above after, by key.
func (s *Service) Policies(ctx context.Context, after string, limit int) ([]Policy, error) {
	numbers, err := s.store.Numbers(ctx)
	if err != nil {
		return nil, err
	}
	var list []Policy
	for _, k := range s.catalog.kinds {
		if k.key <= after || len(list) == limit {
			continue
		}
		n := numbers[k.key]
		list = append(list, Policy{Key: k.key, Description: k.description, Active: n.Active, Latest: n.Latest})
	}
	return list, nil
}

// Seed puts the first version of every policy that has none in force, as the author "system". Any number of replicas may
// do so at once. begin opens the record of one seeding.
func (s *Service) Seed(ctx context.Context, begin func(context.Context) context.Context) error {
	for _, k := range s.catalog.kinds {
		err := s.store.Write(begin(ctx), func(ctx context.Context, tx Tx) error { return s.seed(ctx, tx, k) })
		if err != nil {
			return fmt.Errorf("governance: first version of %s: %w", k.key, err)
		}
	}
	return nil
}

func (s *Service) seed(ctx context.Context, tx Tx, k kind) error {
	if err := tx.Lock(ctx, k.key); err != nil {
		return err
	}
	latest, err := tx.Latest(ctx, k.key)
	if err != nil || latest > 0 {
		audit.FromContext(ctx).Silence()
		return err
	}
	doc, sum, err := canonical(k.seed)
	if err != nil {
		return err
	}
	v := Version{
		Key: k.key, Version: 1, Document: doc, SHA256: sum, Comment: "First version, as delivered.",
		Author: seedAuthor, CreateTime: s.time(),
	}
	audit.Target(ctx, v.Name())
	if err := tx.Insert(ctx, v); err != nil {
		return err
	}
	return tx.Activate(ctx, v, seedAuthor, v.CreateTime)
}

const seedAuthor = "system"

func (s *Service) time() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// platform runs fn on behalf of no agency: a founder whose session names one still governs all of them, and the event
// must not seem to be that agency's.
func platform(ctx context.Context, fn func(ctx context.Context) error) error {
	caller, _ := identity.From(ctx)
	outside := caller
	outside.AgencyID, outside.CrossAgency = 0, false
	audit.FromContext(ctx).SetPrincipal(outside)
	return fn(identity.With(ctx, outside))
}
