package reporting

import (
	"context"
	_ "time/tzdata" // reports are asked for in a zone, also where the machine has no zone files

	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/service"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
	"github.com/fusionems/quantum/services/reporting/internal/events"
	"github.com/fusionems/quantum/services/reporting/internal/report"
	"github.com/fusionems/quantum/services/reporting/internal/rpc"
	"github.com/fusionems/quantum/services/reporting/internal/store"
)

// Definition is the reporting service.
func Definition() service.Definition {
	return service.Definition{Name: "reporting", Migrations: store.Migrations, Register: register}
}

func register(_ context.Context, k *service.Kit) error {
	metrics, err := catalogue.Load(store.Answered())
	if err != nil {
		return err
	}
	facts := store.NewFacts(k.DB)
	reports := report.New(metrics, facts, store.NewExecutions(k.DB), k.Clock.Now)
	k.Consume(inbox.ModuleSwitch((*agencyv1.ModuleChanged)(nil)), events.Handler(facts))
	reportingv1.RegisterReportServiceServer(k.Server, rpc.New(reports, k.Pages))
	return nil
}
