package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/events"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// rig is the consumer with its database; clinical and evidence service are stood for by what they answer.
type rig struct {
	t        *testing.T
	db       *db.DB
	raw      *pg.Database
	store    store.Cases
	handler  inbox.Handler
	clinical *clinical
	evidence *evidence
	keeper   *policy.Keeper
	policy   policy.Ref
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clinical: &clinical{}, evidence: &evidence{}}
	r.db, r.raw = pg.Open(t, pg.Service{Schema: "qa", Migrations: store.Migrations})
	r.store = store.NewCases(r.db)
	r.keeper = policy.NewKeeper(r.db, r.evidence, slog.New(slog.DiscardHandler))
	policies := policy.Register(r.keeper, trigger.PolicyKey, trigger.Parse)
	r.handler = events.NewCharts(r.clinical, policies, clock.System{}).Handler()
	r.activate(1, 10)
	return r
}

// activate puts a version of the seeded policy in force, with this limit for critical responses.
func (r *rig) activate(version int32, criticalResponse float64) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash("../../../audit/internal/governance/seeds/qa.triggers.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		r.t.Fatal(err)
	}
	doc["triggers"].(map[string]any)["TIME.RESP_CRIT"].(map[string]any)["threshold"] = criticalResponse
	st, err := structpb.NewStruct(doc)
	if err != nil {
		r.t.Fatal(err)
	}
	if raw, err = st.MarshalJSON(); err != nil {
		r.t.Fatal(err)
	}
	_, sum, err := policy.Canonical(raw)
	if err != nil {
		r.t.Fatal(err)
	}
	r.evidence.version = &auditv1.PolicyVersion{
		Key: trigger.PolicyKey, Version: version, Document: st, Sha256: sum, Active: true,
		ActivateTime: timestamppb.New(time.Unix(1000*int64(version), 0)),
	}
	r.policy = policy.Ref{Key: trigger.PolicyKey, Version: version, SHA256: sum}
	if err := r.keeper.Fetch(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

type evidence struct{ version *auditv1.PolicyVersion }

func (e *evidence) GetActivePolicy(context.Context, *auditv1.GetActivePolicyRequest, ...grpc.CallOption) (*auditv1.PolicyVersion, error) {
	return e.version, nil
}

type clinical struct {
	mu    sync.Mutex
	facts map[string]*clinicalv1.GetChartFactsResponse
	err   error
}

func at(chart string, version int32) string { return fmt.Sprintf("%s/%d", chart, version) }

func (c *clinical) GetChartFacts(_ context.Context, req *clinicalv1.GetChartFactsRequest, _ ...grpc.CallOption) (*clinicalv1.GetChartFactsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts[at(req.GetChartId(), req.GetVersion())], c.err
}

func (c *clinical) has(chart string, version int32, answer *clinicalv1.GetChartFactsResponse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.facts == nil {
		c.facts = map[string]*clinicalv1.GetChartFactsResponse{}
	}
	c.facts[at(chart, version)] = answer
}

// importing delivers the event of an import as the inbox does.
func (r *rig) importing(agency int64, chart uuid.UUID, version int32, incident string, facts *clinicalv1.ChartFacts) error {
	r.clinical.has(chart.String(), version, &clinicalv1.GetChartFactsResponse{IncidentNumber: incident, Facts: facts})
	ctx := identity.With(context.Background(), identity.ForService("qa", agency))
	ev := inbox.Event{
		ID: uuid.New(), AgencyID: agency, Type: "fleet.clinical.v1.ChartImported",
		Message: &clinicalv1.ChartImported{ChartId: chart.String(), Version: version},
	}
	prepared, err := r.handler.Prepare(ctx, ev)
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return r.handler.Apply(ctx, tx, ev, prepared) })
}

func (r *rig) imports(agency int64, chart uuid.UUID, version int32, incident string, facts *clinicalv1.ChartFacts) {
	r.t.Helper()
	if err := r.importing(agency, chart, version, incident, facts); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) reviewer(agency int64) context.Context {
	return identity.With(r.t.Context(), identity.Principal{
		Subject: "r", Actor: identity.Human, Roles: []string{"qa"}, ActingRole: "qa", AgencyID: agency,
	})
}

func (r *rig) cases(agency int64, q review.Query) []review.Case {
	r.t.Helper()
	list, err := r.store.List(r.reviewer(agency), q, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// setState is what a reviewer's work leaves behind.
func (r *rig) setState(agency int64, s review.State) {
	r.t.Helper()
	err := r.db.Write(r.reviewer(agency), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE qa.review_case SET state = $1, update_time = now()", string(s))
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) scalar(sql string) (n int) {
	r.t.Helper()
	if err := r.raw.Superuser(r.t).QueryRow(context.Background(), sql).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

// events are what waits in the outbox, oldest first.
func (r *rig) events() []proto.Message {
	r.t.Helper()
	rows, err := r.raw.Superuser(r.t).Query(context.Background(), "SELECT payload FROM qa.outbox WHERE nats_subject LIKE 'qa.%' ORDER BY seq")
	if err != nil {
		r.t.Fatal(err)
	}
	payloads, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		r.t.Fatal(err)
	}
	var out []proto.Message
	for _, b := range payloads {
		var envelope commonv1.Event
		if err := proto.Unmarshal(b, &envelope); err != nil {
			r.t.Fatal(err)
		}
		m, err := envelope.GetPayload().UnmarshalNew()
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func (r *rig) wantEvents(want ...string) {
	r.t.Helper()
	var got []string
	for _, e := range r.events() {
		switch m := e.(type) {
		case *qav1.CaseOpened:
			got = append(got, "opened "+m.GetChartId()+" "+strings.Join(m.GetTriggerCodes(), " "))
		case *qav1.CaseWithdrawn:
			got = append(got, "withdrawn "+m.GetChartId())
		}
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("events %q, want %q", got, want)
	}
}

func codes(c review.Case) []string {
	var out []string
	for _, t := range c.Triggers {
		out = append(out, string(t.Code))
	}
	return out
}

func value(v string) *clinicalv1.Fact {
	return &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: v}
}

func arrest() *clinicalv1.ChartFacts {
	return &clinicalv1.ChartFacts{Arrest: &clinicalv1.Arrest{CardiacArrest: value("3001003")}}
}

func stemi() *clinicalv1.ChartFacts {
	return &clinicalv1.ChartFacts{Situation: &clinicalv1.Situation{PrimaryImpression: value("I21.3")}}
}

func refusal() *clinicalv1.ChartFacts {
	return &clinicalv1.ChartFacts{Disposition: &clinicalv1.Disposition{Transport: value("4230009")}}
}

func quiet() *clinicalv1.ChartFacts { return &clinicalv1.ChartFacts{} }

// late is a critical call with this response time.
func late(d time.Duration) *clinicalv1.ChartFacts {
	return &clinicalv1.ChartFacts{
		Times:     map[string]*clinicalv1.Fact{"eTimes.03": value("2026-01-01T00:00:00Z"), "eTimes.06": value("2026-01-01T00:10:00Z")},
		Intervals: &clinicalv1.Intervals{Response: &clinicalv1.Interval{Seconds: proto.Int32(int32(d.Seconds()))}},
		Response:  &clinicalv1.Response{DispatchPriority: value("2305001")},
	}
}
