package events

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// Module is the key of quality review in the module registry.
const Module = "qa"

// Facts asks for the facts of a chart; the client of ChartFactsService is one.
type Facts interface {
	GetChartFacts(ctx context.Context, req *clinicalv1.GetChartFactsRequest, opts ...grpc.CallOption) (*clinicalv1.GetChartFactsResponse, error)
}

// Policies hands out the trigger policy in force, as the transaction sees it.
type Policies interface {
	Active(ctx context.Context, tx *db.Tx) (*trigger.Policy, policy.Ref, error)
}

// Charts judges imported charts.
type Charts struct {
	facts    Facts
	policies Policies
	clock    clock.Clock
}

// NewCharts returns the consumer of clinical.chart.imported.v1.
func NewCharts(facts Facts, policies Policies, c clock.Clock) Charts {
	return Charts{facts: facts, policies: policies, clock: c}
}

// Handler is what the inbox runs.
func (c Charts) Handler() inbox.Handler {
	return inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Module: Module, Prepare: c.prepare, Apply: c.apply}
}

// imported is a chart with the facts it is judged by.
type imported struct {
	chart          review.Chart
	incidentNumber string
	facts          trigger.Facts
}

func (c Charts) prepare(ctx context.Context, ev inbox.Event) (any, error) {
	e, ok := ev.Message.(*clinicalv1.ChartImported)
	if !ok {
		return nil, fmt.Errorf("qa: handler of ChartImported got %s", ev.Type)
	}
	id, err := uuid.Parse(e.GetChartId())
	if err != nil {
		return nil, fmt.Errorf("qa: chart id of an event: %w", err)
	}
	answer, err := c.facts.GetChartFacts(ctx, &clinicalv1.GetChartFactsRequest{ChartId: e.GetChartId(), Version: e.GetVersion()})
	if err != nil {
		return nil, err
	}
	return imported{
		chart:          review.Chart{ID: id, Version: int(e.GetVersion())},
		incidentNumber: answer.GetIncidentNumber(), facts: factsOf(answer.GetFacts()),
	}, nil
}

func (c Charts) apply(ctx context.Context, tx *db.Tx, ev inbox.Event, prepared any) error {
	in, ok := prepared.(imported)
	if !ok {
		return fmt.Errorf("qa: %s was not prepared", ev.Type)
	}
	rules, ref, err := c.policies.Active(ctx, tx)
	if err != nil {
		return err
	}
	return review.File(ctx, store.NewRecords(tx), review.Judgement{
		AgencyID: ev.AgencyID, Chart: in.chart, IncidentNumber: in.incidentNumber,
		Policy: review.PolicyVersion{Key: ref.Key, Version: int(ref.Version), SHA256: ref.SHA256},
		Fired:  trigger.Evaluate(rules, in.facts), Time: c.clock.Now(),
	}, uuid.NewV7)
}
