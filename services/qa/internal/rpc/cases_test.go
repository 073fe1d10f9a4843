package rpc_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/rpc"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

const agencyA, agencyB = int64(11), int64(22)

// world is the server over a database in which the real role table decides which database role a caller gets.
type world struct {
	t     *testing.T
	db    *db.DB
	cases *rpc.Cases
	now   time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := pg.Open(t, pg.Service{Schema: "qa", Migrations: store.Migrations, Groups: table.DatabaseGroup})
	pages, err := page.NewSealer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: d, cases: rpc.NewCases(store.NewCases(d), pages), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

// judged files a chart of its own incident and moves the clock.
func (w *world) judged(agency int64, codes ...trigger.Code) (chart string) {
	w.t.Helper()
	id := uuid.New()
	w.now = w.now.Add(time.Minute)
	minutes, limit := 12.5, 10.0
	var fired []trigger.Fired
	for _, c := range codes {
		f := trigger.Fired{Code: c, Class: trigger.Mandatory, Explanation: "because", Elements: []string{"eTimes.03"}}
		switch c {
		case trigger.ResponseCritical:
			f.Measured, f.Threshold, f.Unit = &minutes, &limit, "min"
		case trigger.Refusal:
			f.Class = trigger.Optional
		}
		fired = append(fired, f)
	}
	err := w.db.Write(identity.With(w.t.Context(), identity.ForService("qa", agency)), func(ctx context.Context, tx *db.Tx) error {
		return review.File(ctx, store.NewRecords(tx), review.Judgement{
			AgencyID: agency, Chart: review.Chart{ID: id, Version: 1}, IncidentNumber: "I-" + id.String()[:8],
			Policy: review.PolicyVersion{Key: trigger.PolicyKey, Version: 3, SHA256: strings.Repeat("a", 64)}, Fired: fired, Time: w.now,
		}, uuid.NewV7)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id.String()
}

func member(role string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: role, Actor: identity.Human, Roles: []string{role}, ActingRole: role, AgencyID: agency,
	})
}

func founderAcross() context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "f", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", CrossAgency: true, AccessReason: "quality of the fleet",
	})
}

func (w *world) list(ctx context.Context, req *qav1.ListCasesRequest) *qav1.ListCasesResponse {
	w.t.Helper()
	out, err := w.cases.ListCases(ctx, req)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestACaseInFull(t *testing.T) {
	w := newWorld(t)
	chart := w.judged(agencyA, trigger.Arrest, trigger.ResponseCritical)
	list := w.list(member("qa_reviewer", agencyA), &qav1.ListCasesRequest{ChartId: chart})
	if len(list.GetCases()) != 1 || list.GetNextPageToken() != "" {
		t.Fatalf("list %v", list)
	}
	c, err := w.cases.GetCase(member("qa_reviewer", agencyA), &qav1.GetCaseRequest{Id: list.GetCases()[0].GetId()})
	if err != nil {
		t.Fatal(err)
	}
	if c.GetChartId() != chart || c.GetChartVersion() != 1 || c.GetAgencyId() != agencyA || !slices.Equal(c.GetChartIds(), []string{chart}) ||
		c.GetState() != qav1.Case_STATE_PENDING || c.GetPriority() != qav1.Case_PRIORITY_HIGH ||
		c.GetTriggerClass() != qav1.TriggerClass_TRIGGER_CLASS_MANDATORY || c.GetPolicyVersion().GetVersion() != 3 ||
		c.GetPolicyVersion().GetKey() != "qa.triggers" || !c.GetCreateTime().AsTime().Equal(w.now) {
		t.Errorf("case %v", c)
	}
	if len(c.GetTriggers()) != 2 {
		t.Fatalf("triggers %v", c.GetTriggers())
	}
	event, timed := c.GetTriggers()[0], c.GetTriggers()[1]
	if event.GetCode() != "CLIN.ARREST" || event.MeasuredValue != nil || event.Threshold != nil || event.GetRuleVersion() != 3 || event.GetChartId() != chart {
		t.Errorf("event %v", event)
	}
	if timed.GetCode() != "TIME.RESP_CRIT" || timed.GetMeasuredValue() != 12.5 || timed.GetThreshold() != 10 || timed.GetUnit() != "min" ||
		timed.GetExplanation() != "because" || !slices.Equal(timed.GetElements(), []string{"eTimes.03"}) {
		t.Errorf("measured %v", timed)
	}
}

func TestAnotherAgencysCaseDoesNotExist(t *testing.T) {
	w := newWorld(t)
	a, b := w.judged(agencyA, trigger.Arrest), w.judged(agencyB, trigger.STEMI)
	for _, role := range []string{"qa_reviewer", "medical_director", "founder"} {
		own := w.list(member(role, agencyA), &qav1.ListCasesRequest{})
		if len(own.GetCases()) != 1 || own.GetCases()[0].GetChartId() != a {
			t.Errorf("%s: list %v", role, own)
		}
		if foreign := w.list(member(role, agencyA), &qav1.ListCasesRequest{ChartId: b}); len(foreign.GetCases()) != 0 {
			t.Errorf("%s: found by the chart of another agency: %v", role, foreign)
		}
		_, err := w.cases.GetCase(member(role, agencyB), &qav1.GetCaseRequest{Id: own.GetCases()[0].GetId()})
		if !errs.IsKind(err, errs.NotFound) || errs.Reason(err) != store.ReasonCaseNotFound {
			t.Errorf("%s: another agency's case: %v", role, err)
		}
	}
}

// The server's own rule is not asked here: the database alone refuses these roles.
func TestRolesWithoutQualityReview(t *testing.T) {
	w := newWorld(t)
	w.judged(agencyA, trigger.Arrest)
	for _, role := range []string{
		"agency_administrator", "peer_reviewer", "clinical_supervisor", "clinical_staff", "billing_administrator", "billing_operations",
		"billing_staff", "compliance_officer", "controlled_substance_officer", "integration",
	} {
		if _, err := w.cases.ListCases(member(role, agencyA), &qav1.ListCasesRequest{}); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s lists cases: %v", role, err)
		}
	}
}

func TestTheFounderAcrossAgencies(t *testing.T) {
	w := newWorld(t)
	w.judged(agencyA, trigger.Arrest)
	b := w.judged(agencyB, trigger.STEMI)
	list := w.list(founderAcross(), &qav1.ListCasesRequest{}).GetCases()
	if len(list) != 2 || list[0].GetAgencyId() != agencyB || list[1].GetAgencyId() != agencyA {
		t.Fatalf("list %v", list)
	}
	if len(list[0].GetTriggers()) != 1 || list[0].GetTriggers()[0].GetCode() != "CLIN.STEMI" {
		t.Errorf("triggers %v", list[0].GetTriggers())
	}
	if c := w.list(founderAcross(), &qav1.ListCasesRequest{ChartId: b}).GetCases(); len(c) != 1 {
		t.Errorf("by chart: %v", c)
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	reviewer := member("qa_reviewer", agencyA)
	arrest := w.judged(agencyA, trigger.Arrest, trigger.Refusal)
	timed := w.judged(agencyA, trigger.ResponseCritical)
	refusal := w.judged(agencyA, trigger.Refusal)
	w.judged(agencyB, trigger.Arrest, trigger.Refusal)
	for name, tc := range map[string]struct {
		req  *qav1.ListCasesRequest
		want []string
	}{
		"all, newest first":      {&qav1.ListCasesRequest{}, []string{refusal, timed, arrest}},
		"trigger":                {&qav1.ListCasesRequest{TriggerCode: "PRAC.REFUSAL"}, []string{refusal, arrest}},
		"high":                   {&qav1.ListCasesRequest{Priority: qav1.Case_PRIORITY_HIGH}, []string{arrest}},
		"medium":                 {&qav1.ListCasesRequest{Priority: qav1.Case_PRIORITY_MEDIUM}, []string{timed}},
		"low":                    {&qav1.ListCasesRequest{Priority: qav1.Case_PRIORITY_LOW}, []string{refusal}},
		"pending":                {&qav1.ListCasesRequest{State: qav1.Case_STATE_PENDING}, []string{refusal, timed, arrest}},
		"closed":                 {&qav1.ListCasesRequest{State: qav1.Case_STATE_CLOSED}, nil},
		"trigger and priority":   {&qav1.ListCasesRequest{TriggerCode: "PRAC.REFUSAL", Priority: qav1.Case_PRIORITY_LOW}, []string{refusal}},
		"chart":                  {&qav1.ListCasesRequest{ChartId: timed}, []string{timed}},
		"chart and its trigger":  {&qav1.ListCasesRequest{ChartId: timed, TriggerCode: "TIME.RESP_CRIT"}, []string{timed}},
		"chart, another trigger": {&qav1.ListCasesRequest{ChartId: timed, TriggerCode: "CLIN.ARREST"}, nil},
		"a trigger nobody fired": {&qav1.ListCasesRequest{TriggerCode: "' OR true --"}, nil},
		"a chart without a case": {&qav1.ListCasesRequest{ChartId: uuid.NewString()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range w.list(reviewer, tc.req).GetCases() {
				got = append(got, c.GetChartId())
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("charts %v, want %v", got, tc.want)
			}
		})
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	reviewer := member("qa_reviewer", agencyA)
	var want []string
	for range 5 {
		want = append(want, w.judged(agencyA, trigger.Arrest))
		w.judged(agencyB, trigger.Arrest)
	}
	slices.Reverse(want)
	var got []string
	req := &qav1.ListCasesRequest{PageSize: 2}
	for pages := 1; ; pages++ {
		out := w.list(reviewer, req)
		for _, c := range out.GetCases() {
			got = append(got, c.GetChartId())
		}
		if req.PageToken = out.GetNextPageToken(); req.GetPageToken() == "" {
			if pages != 3 {
				t.Errorf("%d pages, want 3", pages)
			}
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("charts %v, want %v", got, want)
	}
	token := w.list(reviewer, &qav1.ListCasesRequest{PageSize: 2}).GetNextPageToken()
	for name, try := range map[string]func() error{
		"another agency": func() error {
			_, err := w.cases.ListCases(member("qa_reviewer", agencyB), &qav1.ListCasesRequest{PageSize: 2, PageToken: token})
			return err
		},
		"another filter": func() error {
			_, err := w.cases.ListCases(reviewer, &qav1.ListCasesRequest{PageToken: token, TriggerCode: "CLIN.STEMI"})
			return err
		},
		"forged": func() error {
			_, err := w.cases.ListCases(reviewer, &qav1.ListCasesRequest{PageToken: "x" + token})
			return err
		},
	} {
		if err := try(); errs.Reason(err) != page.ReasonTokenInvalid {
			t.Errorf("a token of %s: %v", name, err)
		}
	}
}

func TestBadRequests(t *testing.T) {
	w := newWorld(t)
	reviewer := member("qa_reviewer", agencyA)
	for name, try := range map[string]func() error{
		"id":        func() error { _, err := w.cases.GetCase(reviewer, &qav1.GetCaseRequest{Id: "7"}); return err },
		"chart_id":  func() error { _, err := w.cases.ListCases(reviewer, &qav1.ListCasesRequest{ChartId: "7"}); return err },
		"page_size": func() error { _, err := w.cases.ListCases(reviewer, &qav1.ListCasesRequest{PageSize: -1}); return err },
	} {
		e, ok := errs.As(try())
		if !ok || e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != name {
			t.Errorf("%s: %v", name, fmt.Sprint(e))
		}
	}
	if _, err := w.cases.GetCase(reviewer, &qav1.GetCaseRequest{Id: uuid.NewString()}); !errs.IsKind(err, errs.NotFound) {
		t.Errorf("a case that does not exist: %v", err)
	}
}
