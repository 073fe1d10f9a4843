package rpc_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// file files one version of a chart of an incident and moves the clock.
func (w *world) file(agency int64, incident string, chart uuid.UUID, version int, codes ...trigger.Code) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	var fired []trigger.Fired
	for _, c := range codes {
		fired = append(fired, trigger.Fired{Code: c, Class: trigger.Mandatory, Explanation: "because", Elements: []string{"eTimes.03"}})
	}
	err := w.db.Write(identity.With(w.t.Context(), identity.ForService("qa", agency)), func(ctx context.Context, tx *db.Tx) error {
		return review.File(ctx, store.NewRecords(tx), review.Judgement{
			AgencyID: agency, Chart: review.Chart{ID: chart, Version: version}, IncidentNumber: incident,
			Policy: review.PolicyVersion{Key: trigger.PolicyKey, Version: 3, SHA256: strings.Repeat("a", 64)}, Fired: fired, Time: w.now,
		}, uuid.NewV7)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// pages walks a list in pages of two and answers the charts that it names.
func (w *world) pages(req *qav1.ListCasesRequest) (charts []string) {
	w.t.Helper()
	req.PageSize = 2
	for {
		out := w.list(member("qa_reviewer", agencyA), req)
		for _, c := range out.GetCases() {
			charts = append(charts, c.GetChartId())
		}
		if req.PageToken = out.GetNextPageToken(); req.GetPageToken() == "" {
			return charts
		}
	}
}

func TestOrders(t *testing.T) {
	w := newWorld(t)
	low1 := w.judged(agencyA, trigger.Refusal)
	high1 := w.judged(agencyA, trigger.Arrest)
	w.judged(agencyB, trigger.Arrest)
	medium := w.judged(agencyA, trigger.ResponseCritical)
	high2 := w.judged(agencyA, trigger.Arrest, trigger.Refusal)
	low2 := w.judged(agencyA, trigger.Refusal)
	pending, refusal := qav1.Case_STATE_PENDING, string(trigger.Refusal)
	for name, tc := range map[string]struct {
		req  *qav1.ListCasesRequest
		want []string
	}{
		"newest by name":       {&qav1.ListCasesRequest{OrderBy: "createTime desc"}, []string{low2, high2, medium, high1, low1}},
		"oldest":               {&qav1.ListCasesRequest{OrderBy: "createTime"}, []string{low1, high1, medium, high2, low2}},
		"urgent":               {&qav1.ListCasesRequest{OrderBy: "priority desc"}, []string{high1, high2, medium, low1, low2}},
		"urgent and pending":   {&qav1.ListCasesRequest{OrderBy: "priority desc", State: pending}, []string{high1, high2, medium, low1, low2}},
		"urgent and closed":    {&qav1.ListCasesRequest{OrderBy: "priority desc", State: qav1.Case_STATE_CLOSED}, nil},
		"urgent, one trigger":  {&qav1.ListCasesRequest{OrderBy: "priority desc", TriggerCode: refusal}, []string{high2, low1, low2}},
		"oldest, one priority": {&qav1.ListCasesRequest{OrderBy: "createTime", Priority: qav1.Case_PRIORITY_LOW}, []string{low1, low2}},
		"of a chart":           {&qav1.ListCasesRequest{OrderBy: "priority desc", ChartId: medium}, []string{medium}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.pages(tc.req); !slices.Equal(got, tc.want) {
				t.Errorf("charts %v, want %v", got, tc.want)
			}
		})
	}
	reviewer := member("qa_reviewer", agencyA)
	token := w.list(reviewer, &qav1.ListCasesRequest{PageSize: 2, OrderBy: "priority desc"}).GetNextPageToken()
	if _, err := w.cases.ListCases(reviewer, &qav1.ListCasesRequest{PageToken: token, OrderBy: "createTime"}); errs.Reason(err) != page.ReasonTokenInvalid {
		t.Errorf("a token of another order: %v", err)
	}
	across := w.list(founderAcross(), &qav1.ListCasesRequest{OrderBy: "priority desc", PageSize: 3}).GetCases()
	if len(across) != 3 || across[1].GetAgencyId() != agencyB {
		t.Errorf("urgent across agencies: %v", across)
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	low, high, other := uuid.New(), uuid.New(), uuid.New()
	w.file(agencyA, "26-Alpha-1", low, 1, trigger.ResponseCritical)
	w.file(agencyA, "26-Alpha-2", high, 1, trigger.Arrest)
	w.file(agencyA, "25-Alpha-2", other, 1, trigger.Arrest)
	w.file(agencyB, "26-Alpha-1", uuid.New(), 1, trigger.Arrest)
	reviewer := member("qa_reviewer", agencyA)
	for query, want := range map[string][]uuid.UUID{
		"26-alpha": {high, low}, "26-ALPHA-1": {low}, "25": {other}, "alpha": nil, "2_": nil, "2%": nil, "26-Alpha-11": nil, "' OR true --": nil,
	} {
		out, err := w.cases.SearchCases(reviewer, &qav1.SearchCasesRequest{Query: query})
		var got []uuid.UUID
		for _, c := range out.GetCases() {
			got = append(got, uuid.MustParse(c.GetChartId()))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: charts %v, %v; want %v", query, got, err, want)
		}
	}
	first, err := w.cases.SearchCases(reviewer, &qav1.SearchCasesRequest{Query: "26-", PageSize: 1})
	if err != nil || first.GetNextPageToken() == "" {
		t.Fatalf("first page %v, %v", first, err)
	}
	second, err := w.cases.SearchCases(reviewer, &qav1.SearchCasesRequest{Query: "26-", PageSize: 1, PageToken: first.GetNextPageToken()})
	if err != nil || len(second.GetCases()) != 1 || second.GetCases()[0].GetChartId() != low.String() || second.GetNextPageToken() != "" {
		t.Errorf("second page %v, %v", second, err)
	}
	if _, err := w.cases.SearchCases(reviewer, &qav1.SearchCasesRequest{Query: "25", PageToken: first.GetNextPageToken()}); errs.Reason(err) != page.ReasonTokenInvalid {
		t.Errorf("a token of another search: %v", err)
	}
	if both, err := w.cases.SearchCases(founderAcross(), &qav1.SearchCasesRequest{Query: "26-Alpha-1"}); err != nil || len(both.GetCases()) != 2 {
		t.Errorf("across agencies: %v, %v", both, err)
	}
}

func TestHistoryOfACase(t *testing.T) {
	w := newWorld(t)
	chart, second := uuid.New(), uuid.New()
	w.file(agencyA, "I-1", chart, 1, trigger.Arrest, trigger.Refusal)
	reviewer := member("qa_reviewer", agencyA)
	id := w.list(reviewer, &qav1.ListCasesRequest{}).GetCases()[0].GetId()
	w.file(agencyA, "I-1", second, 1, trigger.ResponseCritical)
	w.file(agencyA, "I-1", chart, 2, trigger.Arrest)
	w.file(agencyA, "I-1", chart, 3)
	w.file(agencyA, "I-1", second, 2)
	if _, err := w.cases.GetCase(reviewer, &qav1.GetCaseRequest{Id: id}); !errs.IsKind(err, errs.NotFound) {
		t.Fatalf("the case is not withdrawn: %v", err)
	}
	out, err := w.cases.GetCaseHistory(reviewer, &qav1.GetCaseHistoryRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		kind    qav1.CaseHistory_Kind
		chart   string
		version int32
		codes   string
		policy  int32
	}
	var got []entry
	for i, e := range out.GetEntries() {
		got = append(got, entry{e.GetKind(), e.GetChartId(), e.GetChartVersion(), strings.Join(e.GetTriggerCodes(), " "), e.GetPolicyVersion()})
		if i > 0 && e.GetTime().AsTime().Before(out.GetEntries()[i-1].GetTime().AsTime()) {
			t.Errorf("entry %d is older than the one before", i)
		}
	}
	a, b := chart.String(), second.String()
	want := []entry{
		{qav1.CaseHistory_KIND_OPENED, a, 1, "", 0},
		{qav1.CaseHistory_KIND_TRIGGERED, a, 1, "CLIN.ARREST PRAC.REFUSAL", 3},
		{qav1.CaseHistory_KIND_CHART_JOINED, b, 1, "", 0},
		{qav1.CaseHistory_KIND_TRIGGERED, b, 1, "TIME.RESP_CRIT", 3},
		{qav1.CaseHistory_KIND_SUPERSEDED, a, 1, "PRAC.REFUSAL", 0},
		{qav1.CaseHistory_KIND_TRIGGERED, a, 2, "CLIN.ARREST", 3},
		{qav1.CaseHistory_KIND_CHART_LEFT, a, 3, "CLIN.ARREST", 0},
		{qav1.CaseHistory_KIND_CHART_LEFT, b, 2, "TIME.RESP_CRIT", 0},
		{qav1.CaseHistory_KIND_WITHDRAWN, "", 0, "", 0},
	}
	if !slices.Equal(got, want) {
		t.Errorf("history\n%v\nwant\n%v", got, want)
	}
	if _, err := w.cases.GetCaseHistory(member("qa_reviewer", agencyB), &qav1.GetCaseHistoryRequest{Id: id}); errs.Reason(err) != store.ReasonCaseNotFound {
		t.Errorf("the history of another agency's case: %v", err)
	}
	if _, err := w.cases.GetCaseHistory(reviewer, &qav1.GetCaseHistoryRequest{Id: "7"}); !errs.IsKind(err, errs.Invalid) {
		t.Errorf("an id that is none: %v", err)
	}
}

func TestSummary(t *testing.T) {
	w := newWorld(t)
	w.judged(agencyA, trigger.Arrest, trigger.Refusal)
	oldest := w.now
	w.judged(agencyA, trigger.Arrest)
	w.judged(agencyA, trigger.Refusal)
	w.judged(agencyB, trigger.STEMI)
	// Two charts of one incident: one case, on which the rule fires twice.
	one, two := uuid.New(), uuid.New()
	w.file(agencyA, "I-1", one, 1, trigger.Arrest)
	w.file(agencyA, "I-1", two, 1, trigger.Arrest)
	// What is withdrawn, superseded or closed is not counted.
	gone, closed := uuid.New(), uuid.New()
	w.file(agencyA, "I-2", gone, 1, trigger.STEMI)
	w.file(agencyA, "I-2", gone, 2)
	w.file(agencyA, "I-3", closed, 1, trigger.Stroke)
	w.file(agencyA, "I-4", closed, 2, trigger.Stroke)
	err := w.db.Write(member("qa_reviewer", agencyA), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE qa.review_case SET state = 'closed' WHERE incident_number = 'I-4'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"agency_administrator", "qa_reviewer", "medical_director", "founder"} {
		s, err := w.cases.GetCaseSummary(member(role, agencyA), &qav1.GetCaseSummaryRequest{})
		if err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		counts := map[qav1.Case_Priority]int32{}
		for _, c := range s.GetCounts() {
			counts[c.GetPriority()] = c.GetCases()
			if c.GetState() != qav1.Case_STATE_PENDING {
				t.Errorf("%s: counted %v", role, c)
			}
			if c.GetPriority() == qav1.Case_PRIORITY_HIGH && !c.GetOldestCreateTime().AsTime().Equal(oldest) {
				t.Errorf("%s: the oldest is of %v, want %v", role, c.GetOldestCreateTime().AsTime(), oldest)
			}
		}
		if len(counts) != 2 || counts[qav1.Case_PRIORITY_HIGH] != 3 || counts[qav1.Case_PRIORITY_LOW] != 1 {
			t.Errorf("%s: counts %v", role, counts)
		}
		tr := s.GetTriggers()
		if len(tr) != 2 || tr[0].GetCode() != "CLIN.ARREST" || tr[0].GetCases() != 3 || tr[1].GetCode() != "PRAC.REFUSAL" || tr[1].GetCases() != 2 {
			t.Errorf("%s: triggers %v", role, tr)
		}
	}
	across, err := w.cases.GetCaseSummary(founderAcross(), &qav1.GetCaseSummaryRequest{})
	if err != nil || len(across.GetCounts()) != 2 || across.GetCounts()[0].GetCases() != 4 || len(across.GetTriggers()) != 3 {
		t.Errorf("across agencies: %v, %v", across, err)
	}
	for _, role := range []string{"peer_reviewer", "clinical_supervisor", "clinical_staff", "billing_administrator", "compliance_officer", "integration"} {
		if _, err := w.cases.GetCaseSummary(member(role, agencyA), &qav1.GetCaseSummaryRequest{}); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s counts cases: %v", role, err)
		}
	}
}
