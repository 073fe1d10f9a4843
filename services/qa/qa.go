package qa

import (
	"context"

	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/service"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/events"
	"github.com/fusionems/quantum/services/qa/internal/rpc"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// Definition is the qa service.
func Definition() service.Definition {
	return service.Definition{Name: "qa", Migrations: store.Migrations, Register: register}
}

func register(_ context.Context, k *service.Kit) error {
	evidence, err := k.Conn("audit")
	if err != nil {
		return err
	}
	clinical, err := k.Conn("clinical")
	if err != nil {
		return err
	}
	keeper := policy.NewKeeper(k.DB, auditv1.NewPolicyDistributionServiceClient(evidence), k.Log)
	triggers := policy.Register(keeper, trigger.PolicyKey, trigger.Parse)
	charts := events.NewCharts(clinicalv1.NewChartFactsServiceClient(clinical), triggers, k.Clock)

	qav1.RegisterCaseServiceServer(k.Server, rpc.NewCases(store.NewCases(k.DB), k.Pages))
	k.Consume(inbox.ModuleSwitch((*agencyv1.ModuleChanged)(nil)), keeper.Handler(), charts.Handler())
	k.Run("policies", keeper.Run)
	k.Ready.Add("policies", keeper.Ready)
	return nil
}
