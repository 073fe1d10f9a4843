package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

// ReasonMissing is the reason of the error while no version of a policy is known.
const ReasonMissing = "POLICY_MISSING"

// Source hands out the version in force; the client of PolicyDistributionService is one.
type Source interface {
	GetActivePolicy(ctx context.Context, req *auditv1.GetActivePolicyRequest, opts ...grpc.CallOption) (*auditv1.PolicyVersion, error)
}

// Keeper keeps the copies of one service up to date. Register all policies before Run and Handler are used.
type Keeper struct {
	db     *db.DB
	source Source
	log    *slog.Logger
	table  table
	checks map[string]func(document []byte) error
	ready  atomic.Bool
}

// NewKeeper makes a keeper for the schema of d.
func NewKeeper(d *db.DB, source Source, log *slog.Logger) *Keeper {
	return &Keeper{db: d, source: source, log: log, table: tableOf(d.Schema()), checks: map[string]func([]byte) error{}}
}

// Keys are the registered policies, sorted.
func (k *Keeper) Keys() []string {
	keys := make([]string, 0, len(k.checks))
	for key := range k.checks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Ready says which policies have no copy yet; nil when the service can judge.
func (k *Keeper) Ready(ctx context.Context) error {
	if k.ready.Load() {
		return nil
	}
	var missing []string
	err := k.db.ReadOne(k.asService(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
		missing, err = k.table.missing(ctx, tx, k.Keys())
		return err
	})
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("no governance policy yet: %s", strings.Join(missing, ", "))
	}
	k.ready.Store(true)
	return nil
}

// Run fetches all policies until it has them, then compares now and then, until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	wait := firstWait
	for {
		next := refresh
		if err := k.Fetch(ctx); err != nil {
			if ctx.Err() == nil {
				k.log.WarnContext(ctx, "policies not fetched, trying again", "wait", wait.String(), "error", err.Error())
			}
			next, wait = wait, min(2*wait, maxWait)
		} else {
			wait = firstWait
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(next):
		}
	}
}

// Fetch asks for every policy once and stores what is in force.
func (k *Keeper) Fetch(ctx context.Context) error {
	var problems []error
	for _, key := range k.Keys() {
		c, err := k.Get(ctx, key)
		if err == nil {
			err = k.db.Write(k.asService(ctx), func(ctx context.Context, tx *db.Tx) error { return k.table.put(ctx, tx, c) })
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", key, err))
		}
	}
	return errors.Join(problems...)
}

// Get asks for the version in force and checks it: a document that this service cannot judge by never replaces one that
// it can. It must be called outside of any transaction.
func (k *Keeper) Get(ctx context.Context, key string) (Copy, error) {
	check, ok := k.checks[key]
	if !ok {
		return Copy{}, fmt.Errorf("policy: %s is not registered", key)
	}
	v, err := k.source.GetActivePolicy(k.asService(ctx), &auditv1.GetActivePolicyRequest{Key: key})
	if err != nil {
		return Copy{}, fmt.Errorf("policy: asking for %s: %w", key, err)
	}
	if v.GetKey() != key {
		return Copy{}, fmt.Errorf("policy: asked for %s, got %s", key, v.GetKey())
	}
	c, err := FromProto(v)
	if err != nil {
		return Copy{}, err
	}
	if err := check(c.Document); err != nil {
		return Copy{}, fmt.Errorf("policy: %s version %d cannot be used: %w", key, c.Version, err)
	}
	return c, nil
}

// asService runs the keeper's own work as the service, on behalf of no agency and of no call.
func (k *Keeper) asService(ctx context.Context) context.Context {
	return identity.With(audit.Without(ctx), identity.ForService(k.db.Schema(), 0))
}

func missing(key string) error {
	return errs.New(errs.Unavailable, ReasonMissing, "no version of the governance policy "+key+" is known yet")
}
