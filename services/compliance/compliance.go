package compliance

import (
	"context"

	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/jobs"
	"github.com/fusionems/quantum/pkg/policy"
	pkgrpc "github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/service"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/events"
	alertjobs "github.com/fusionems/quantum/services/compliance/internal/jobs"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/rpc"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

// Definition is the compliance service.
func Definition() service.Definition {
	return service.Definition{
		Name: "compliance", Migrations: store.Migrations, Register: register,
		AcrossAgencies: map[string]string{"system/agency": "the plan of the alerts reads the identifiers of all agencies, and nothing else is there"},
	}
}

func register(_ context.Context, k *service.Kit) error {
	evidence, err := k.Conn("audit")
	if err != nil {
		return err
	}
	keeper := policy.NewKeeper(k.DB, auditv1.NewPolicyDistributionServiceClient(evidence), k.Log)
	records := store.Open(k.DB, store.Policies{
		Rules:  policy.Register(keeper, record.RulesKey, record.ParseRules),
		Alerts: policy.Register(keeper, record.AlertRulesKey, record.ParseAlertRules),
	}, k.Clock)
	workspace := rpc.Workspace{Store: records, Evidence: auditv1.NewAuditQueryServiceClient(evidence), Pages: k.Pages, Clock: k.Clock}

	gated := pkgrpc.Guarded(k.Server, rpc.Gate(records))
	compliancev1.RegisterDeaServiceServer(gated, rpc.NewDea(workspace))
	compliancev1.RegisterCmsServiceServer(gated, rpc.NewCms(workspace))
	compliancev1.RegisterWorkspaceAccessServiceServer(k.Server, rpc.NewAccess(records))

	queue, err := jobs.New(jobs.Config{DB: k.DB, Service: k.Name, Log: k.Log})
	if err != nil {
		return err
	}
	if err := alertjobs.Register(queue, k.DB, k.Name, records, k.Clock); err != nil {
		return err
	}
	k.Consume(inbox.ModuleSwitch((*agencyv1.ModuleChanged)(nil)), events.Agencies(), keeper.Handler())
	k.Run("policies", keeper.Run)
	k.Run("alerts", queue.Run)
	k.Ready.Add("policies", keeper.Ready)
	return nil
}
