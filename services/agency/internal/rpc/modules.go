package rpc

import (
	"context"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// Modules serves ModuleService.
type Modules struct {
	agencyv1.UnimplementedModuleServiceServer
	switches *switchboard.Service
}

// NewModules returns the server of ModuleService.
func NewModules(s *switchboard.Service) *Modules { return &Modules{switches: s} }

// UpdateModule moves a switch.
func (s *Modules) UpdateModule(ctx context.Context, req *agencyv1.UpdateModuleRequest) (*agencyv1.Module, error) {
	m, err := s.switches.Move(ctx, req.GetAgencyId(), req.GetModule(), req.GetEnabled(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return moduleTo(m), nil
}

// ListModules answers all modules as an agency has them.
func (s *Modules) ListModules(ctx context.Context, req *agencyv1.ListModulesRequest) (*agencyv1.ListModulesResponse, error) {
	list, err := s.switches.List(ctx, req.GetAgencyId())
	if err != nil {
		return nil, err
	}
	out := make([]*agencyv1.Module, len(list))
	for i, m := range list {
		out[i] = moduleTo(m)
	}
	return &agencyv1.ListModulesResponse{Modules: out}, nil
}

// ModuleRegistry serves ModuleRegistryService, which only services call.
type ModuleRegistry struct {
	agencyv1.UnimplementedModuleRegistryServiceServer
	switches *switchboard.Service
	registry *registry.Service
}

// NewModuleRegistry returns the server of ModuleRegistryService.
func NewModuleRegistry(s *switchboard.Service, r *registry.Service) *ModuleRegistry {
	return &ModuleRegistry{switches: s, registry: r}
}

// GetModuleRegistry answers what is off in the whole fleet.
func (s *ModuleRegistry) GetModuleRegistry(ctx context.Context, req *agencyv1.GetModuleRegistryRequest) (*agencyv1.GetModuleRegistryResponse, error) {
	revision, list, err := s.switches.Disabled(ctx, req.GetKnownRevision())
	if err != nil {
		return nil, err
	}
	out := &agencyv1.GetModuleRegistryResponse{Revision: revision, Unchanged: revision == req.GetKnownRevision()}
	for _, d := range list {
		out.Disabled = append(out.Disabled, &agencyv1.DisabledModule{AgencyId: d.AgencyID, Module: d.Module})
	}
	return out, nil
}

// ResolveNemsisAgency finds the agency of NEMSIS identifiers.
func (s *ModuleRegistry) ResolveNemsisAgency(ctx context.Context, req *agencyv1.ResolveNemsisAgencyRequest) (*agencyv1.ResolveNemsisAgencyResponse, error) {
	id, err := s.registry.Resolve(ctx, registry.NemsisIDs{
		StateUniqueID: req.GetStateUniqueId(), Number: req.GetAgencyNumber(), StateCode: req.GetStateCode(),
	})
	return &agencyv1.ResolveNemsisAgencyResponse{AgencyId: id}, err
}
