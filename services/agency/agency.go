package agency

import (
	"context"
	_ "time/tzdata" // time zones are validated also where the machine has no zone files

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/agency/internal/directory"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/rpc"
	"github.com/fusionems/quantum/services/agency/internal/store"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// Definition is the agency service.
func Definition() service.Definition {
	return service.Definition{
		Name: "agency", Migrations: store.Migrations, Register: register,
		AcrossAgencies: map[string]string{
			"founder/agency":        "the founder administers tenants",
			"system/agency":         "services ask whose a document is",
			"founder/module_switch": "the founder administers tenants",
			"system/module_switch":  "the gateway asks what is off anywhere",
		},
	}
}

func register(_ context.Context, k *service.Kit) error {
	modules, err := switchboard.LoadRegistry()
	if err != nil {
		return err
	}
	compliance, err := k.Conn("compliance")
	if err != nil {
		return err
	}
	agencies := registry.New(store.NewAgencies(k.DB), k.Clock.Now)
	switches := switchboard.New(modules, store.NewSwitches(k.DB), k.Clock.Now)
	people, err := directory.New(store.NewPeople(k.DB), k.Clock.Now, k.Log)
	if err != nil {
		return err
	}
	agencyv1.RegisterAgencyServiceServer(k.Server, rpc.NewAgencies(agencies, k.Pages))
	agencyv1.RegisterModuleServiceServer(k.Server, rpc.NewModules(switches))
	agencyv1.RegisterModuleRegistryServiceServer(k.Server, rpc.NewModuleRegistry(switches, agencies))
	agencyv1.RegisterMeServiceServer(k.Server, rpc.NewMe(agencies, switches, compliancev1.NewWorkspaceAccessServiceClient(compliance), people))
	agencyv1.RegisterPersonServiceServer(k.Server, rpc.NewPeople(people, k.Pages))
	return nil
}
