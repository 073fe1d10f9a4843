package audit

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/audit/internal/governance"
)

var errSettings = errors.New("audit: settings of another service")

// seedAction names the work in its audit record, as a method would.
const seedAction = "fleet.audit.v1.PolicyService/SeedPolicies"

const (
	seedRetry    = time.Second
	seedMaxRetry = 30 * time.Second
)

// seeder stores the first version of every policy. The database may come later than the service.
type seeder struct {
	kit      *service.Kit
	policies *governance.Service
	done     atomic.Bool
}

func newSeeder(k *service.Kit, p *governance.Service) *seeder { return &seeder{kit: k, policies: p} }

func (s *seeder) ready(context.Context) error {
	if s.done.Load() {
		return nil
	}
	return errors.New("first policy versions are not stored yet")
}

func (s *seeder) run(ctx context.Context) error {
	for wait := seedRetry; ; wait = min(2*wait, seedMaxRetry) {
		err := s.policies.Seed(ctx, func(ctx context.Context) context.Context { return asSystem(ctx, s.kit, seedAction) })
		if err == nil {
			s.done.Store(true)
			<-ctx.Done()
			return nil
		}
		if ctx.Err() == nil {
			s.kit.Log.WarnContext(ctx, "first policy versions not stored, trying again", "wait", wait.String(), "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}
