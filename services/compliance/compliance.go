package compliance

import (
	"context"

	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/service"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/rpc"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

// Definition is the compliance service.
func Definition() service.Definition {
	return service.Definition{Name: "compliance", Migrations: store.Migrations, Register: register}
}

func register(_ context.Context, k *service.Kit) error {
	evidence, err := k.Conn("audit")
	if err != nil {
		return err
	}
	keeper := policy.NewKeeper(k.DB, auditv1.NewPolicyDistributionServiceClient(evidence), k.Log)
	rules := policy.Register(keeper, dea.PolicyKey, dea.ParseRules)

	compliancev1.RegisterDeaServiceServer(k.Server, rpc.NewDea(store.NewRegistrations(k.DB, rules), k.Pages, k.Clock))
	k.Consume(keeper.Handler())
	k.Run("policies", keeper.Run)
	k.Ready.Add("policies", keeper.Ready)
	return nil
}
