package billing

import (
	"context"

	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/service"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/events"
	"github.com/fusionems/quantum/services/billing/internal/rpc"
	"github.com/fusionems/quantum/services/billing/internal/store"
)

// Definition is the billing service.
func Definition() service.Definition {
	return service.Definition{Name: "billing", Migrations: store.Migrations, Register: register}
}

func register(_ context.Context, k *service.Kit) error {
	evidence, err := k.Conn("audit")
	if err != nil {
		return err
	}
	keeper := policy.NewKeeper(k.DB, auditv1.NewPolicyDistributionServiceClient(evidence), k.Log)
	rules := policy.Register(keeper, claim.PolicyKey, claim.ParseRules)
	k.Ready.Add("policies", keeper.Ready)
	k.Run("policies", keeper.Run)

	claims := store.NewClaims(k.DB)
	k.Consume(inbox.ModuleSwitch((*agencyv1.ModuleChanged)(nil)), keeper.Handler(), events.NewDrafter(rules, claims, k.Clock.Now).Handler())
	billingv1.RegisterClaimServiceServer(k.Server, rpc.New(claims, k.Pages))
	return nil
}
