package modules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

// State is what is off, at one revision of the registry.
type State struct {
	Revision int64
	off      map[int64]map[string]bool
}

// Off are the modules that are off for an agency.
func (s *State) Off(agency int64) map[string]bool { return s.off[agency] }

type registryClient interface {
	GetModuleRegistry(ctx context.Context, in *agencyv1.GetModuleRegistryRequest, opts ...grpc.CallOption) (*agencyv1.GetModuleRegistryResponse, error)
}

// Registry asks the agency service once a second. While that does not answer, the last known state stays in force.
type Registry struct {
	client registryClient
	log    *slog.Logger
	now    func() time.Time
	state  atomic.Pointer[State]
	readAt atomic.Int64
	every  time.Duration
}

const (
	pollEvery   = time.Second
	pollTimeout = 2 * time.Second
	// staleAfter is when a state that could not be confirmed is reported as a fault.
	staleAfter = 30 * time.Second
)

// New makes a registry that knows nothing until Run has read it.
func New(client registryClient, log *slog.Logger, now func() time.Time) *Registry {
	return &Registry{client: client, log: log, now: now, every: pollEvery}
}

// Run polls until ctx ends.
func (r *Registry) Run(ctx context.Context) error {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	failing := false
	for {
		err := r.poll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if (err != nil) != failing {
			failing = err != nil
			if failing {
				r.log.WarnContext(ctx, "the module registry cannot be read; the last known state stays", "error", err)
			} else {
				r.log.InfoContext(ctx, "the module registry is read", "revision", r.state.Load().Revision)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (r *Registry) poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	known := r.state.Load()
	req := &agencyv1.GetModuleRegistryRequest{}
	if known != nil {
		req.KnownRevision = known.Revision
	}
	resp, err := r.client.GetModuleRegistry(ctx, req)
	if err != nil {
		return err
	}
	if known == nil || !resp.GetUnchanged() {
		r.state.Store(stateOf(resp))
	}
	r.readAt.Store(r.now().UnixNano())
	return nil
}

func stateOf(resp *agencyv1.GetModuleRegistryResponse) *State {
	s := &State{Revision: resp.GetRevision(), off: map[int64]map[string]bool{}}
	for _, d := range resp.GetDisabled() {
		if s.off[d.GetAgencyId()] == nil {
			s.off[d.GetAgencyId()] = map[string]bool{}
		}
		s.off[d.GetAgencyId()][d.GetModule()] = true
	}
	return s
}

// Current is the last known state; nil before the first.
func (r *Registry) Current() *State { return r.state.Load() }

// Ready says whether the state can be relied on.
func (r *Registry) Ready(context.Context) error {
	at := r.readAt.Load()
	if at == 0 {
		return errors.New("the module registry was not read yet")
	}
	if age := r.now().Sub(time.Unix(0, at)); age > staleAfter {
		return fmt.Errorf("the module registry was last read %d s ago", int(age.Seconds()))
	}
	return nil
}
