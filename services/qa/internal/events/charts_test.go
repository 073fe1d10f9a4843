package events_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
)

const agencyA, agencyB = int64(11), int64(22)

func TestACaseForEachAgencysIncident(t *testing.T) {
	r := newRig(t)
	chartA, chartB := uuid.New(), uuid.New()
	// The same incident number in two agencies is two incidents.
	r.imports(agencyA, chartA, 1, "I-1", arrest())
	r.imports(agencyB, chartB, 1, "I-1", stemi())
	for agency, want := range map[int64]struct {
		chart uuid.UUID
		code  string
	}{agencyA: {chartA, "CLIN.ARREST"}, agencyB: {chartB, "CLIN.STEMI"}} {
		list := r.cases(agency, review.Query{})
		if len(list) != 1 || list[0].Chart.ID != want.chart || list[0].AgencyID != agency {
			t.Fatalf("agency %d: %+v", agency, list)
		}
		c := list[0]
		if got := codes(c); !slices.Equal(got, []string{want.code}) {
			t.Errorf("agency %d: triggers %v", agency, got)
		}
		if c.State != review.Pending || c.Priority != review.High || c.Policy.Version != 1 || c.Policy.SHA256 != r.policy.SHA256 {
			t.Errorf("agency %d: case %+v", agency, c)
		}
	}
	r.wantEvents("opened "+chartA.String()+" CLIN.ARREST", "opened "+chartB.String()+" CLIN.STEMI")
}

func TestNothingFiresNoCase(t *testing.T) {
	r := newRig(t)
	r.imports(agencyA, uuid.New(), 1, "I-1", quiet())
	if list := r.cases(agencyA, review.Query{}); len(list) != 0 {
		t.Errorf("cases %+v", list)
	}
	r.wantEvents()
}

func TestTheSameEventTwice(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	before := r.cases(agencyA, review.Query{})
	r.imports(agencyA, chart, 1, "I-1", arrest())
	after := r.cases(agencyA, review.Query{})
	if fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", after) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	r.wantEvents("opened " + chart.String() + " CLIN.ARREST")
}

func TestANewVersionReplacesTheTriggersAndKeepsHistory(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	id := r.cases(agencyA, review.Query{})[0].ID
	r.imports(agencyA, chart, 2, "I-1", refusal())
	list := r.cases(agencyA, review.Query{})
	if len(list) != 1 || list[0].ID != id || list[0].Chart.Version != 2 {
		t.Fatalf("cases %+v", list)
	}
	if got := codes(list[0]); !slices.Equal(got, []string{"DOC.REFUSAL_SIG", "PRAC.REFUSAL"}) {
		t.Errorf("triggers %v", got)
	}
	if list[0].Priority != review.Medium {
		t.Errorf("priority %s", list[0].Priority)
	}
	if n := r.scalar("SELECT count(*) FROM qa.case_trigger WHERE supersede_time IS NOT NULL AND chart_version = 1 AND code = 'CLIN.ARREST'"); n != 1 {
		t.Errorf("%d rows of history, want 1", n)
	}
	r.wantEvents("opened " + chart.String() + " CLIN.ARREST")
}

func TestAnOlderVersionThatArrivesLateIsIgnored(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 3, "I-1", arrest())
	r.imports(agencyA, chart, 2, "I-1", stemi())
	c := r.cases(agencyA, review.Query{})[0]
	if got := codes(c); c.Chart.Version != 3 || !slices.Equal(got, []string{"CLIN.ARREST"}) {
		t.Errorf("version %d with %v", c.Chart.Version, got)
	}
	// Also when the newer version fired nothing and left no case.
	other := uuid.New()
	r.imports(agencyA, other, 2, "I-2", quiet())
	r.imports(agencyA, other, 1, "I-2", arrest())
	if n := len(r.cases(agencyA, review.Query{})); n != 1 {
		t.Errorf("%d cases, want 1", n)
	}
}

func TestWithdrawnAndRevived(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	id := r.cases(agencyA, review.Query{})[0].ID
	r.imports(agencyA, chart, 2, "I-1", quiet())
	if list := r.cases(agencyA, review.Query{}); len(list) != 0 {
		t.Errorf("a withdrawn case is listed: %+v", list)
	}
	if _, err := r.store.Get(r.reviewer(agencyA), id); !errs.IsKind(err, errs.NotFound) {
		t.Errorf("a withdrawn case is read: %v", err)
	}
	r.imports(agencyA, chart, 3, "I-1", stemi())
	list := r.cases(agencyA, review.Query{})
	if len(list) != 1 || list[0].ID != id || !slices.Equal(codes(list[0]), []string{"CLIN.STEMI"}) {
		t.Errorf("revived as %+v", list)
	}
	r.wantEvents("opened "+chart.String()+" CLIN.ARREST", "withdrawn "+chart.String(), "opened "+chart.String()+" CLIN.STEMI")
}

func TestTwoUnitsOfOneIncident(t *testing.T) {
	r := newRig(t)
	first, second := uuid.New(), uuid.New()
	r.imports(agencyA, first, 1, "I-1", arrest())
	r.imports(agencyA, second, 1, "I-1", refusal())
	list := r.cases(agencyA, review.Query{})
	if len(list) != 1 || len(list[0].Charts) != 2 || list[0].Chart.ID != first {
		t.Fatalf("cases %+v", list)
	}
	if got := codes(list[0]); !slices.Equal(got, []string{"CLIN.ARREST", "DOC.REFUSAL_SIG", "PRAC.REFUSAL"}) {
		t.Errorf("triggers %v", got)
	}
	for _, chart := range []uuid.UUID{first, second} {
		if got := r.cases(agencyA, review.Query{ChartID: chart}); len(got) != 1 || got[0].ID != list[0].ID {
			t.Errorf("by chart %s: %+v", chart, got)
		}
	}
	// The chart that opened the case leaves; the other holds it.
	r.imports(agencyA, first, 2, "I-1", quiet())
	c := r.cases(agencyA, review.Query{})[0]
	if c.Chart.ID != second || c.Priority != review.Medium || len(c.Charts) != 1 {
		t.Errorf("after the first left: %+v", c)
	}
	if got := r.cases(agencyA, review.Query{ChartID: first}); len(got) != 0 {
		t.Errorf("the case is still found by the chart that left: %+v", got)
	}
	r.wantEvents("opened "+first.String()+" CLIN.ARREST", "opened "+second.String()+" DOC.REFUSAL_SIG PRAC.REFUSAL", "withdrawn "+first.String())
}

func TestAChartMovesToAnotherIncident(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	r.imports(agencyA, chart, 2, "I-2", arrest())
	list := r.cases(agencyA, review.Query{})
	if len(list) != 1 || list[0].IncidentNumber != "I-2" {
		t.Fatalf("cases %+v", list)
	}
	r.wantEvents("opened "+chart.String()+" CLIN.ARREST", "withdrawn "+chart.String(), "opened "+chart.String()+" CLIN.ARREST")
}

func TestAReviewThatHasBegun(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	r.setState(agencyA, review.UnderReview)
	r.imports(agencyA, chart, 2, "I-1", quiet())
	list := r.cases(agencyA, review.Query{State: review.UnderReview})
	if len(list) != 1 || len(list[0].Triggers) != 0 || list[0].Priority != review.High || len(list[0].Charts) != 1 {
		t.Errorf("a case under review was taken away: %+v", list)
	}
	r.wantEvents("opened " + chart.String() + " CLIN.ARREST")
}

func TestTheNextCycle(t *testing.T) {
	r := newRig(t)
	chart := uuid.New()
	r.imports(agencyA, chart, 1, "I-1", arrest())
	r.setState(agencyA, review.Closed)
	r.imports(agencyA, chart, 2, "I-1", arrest())
	if n := len(r.cases(agencyA, review.Query{})); n != 1 {
		t.Errorf("%d cases after a version that says nothing new, want the closed one", n)
	}
	r.imports(agencyA, chart, 3, "I-1", stemi())
	list := r.cases(agencyA, review.Query{})
	if len(list) != 2 || list[0].Cycle != 2 || list[0].State != review.Pending || list[1].State != review.Closed {
		t.Fatalf("cases %+v", list)
	}
	if !slices.Equal(codes(list[1]), []string{"CLIN.ARREST"}) {
		t.Errorf("the closed case changed to %v", codes(list[1]))
	}
	r.imports(agencyA, chart, 4, "I-1", quiet())
	if got := r.cases(agencyA, review.Query{}); len(got) != 1 || got[0].State != review.Closed {
		t.Errorf("after the second cycle was withdrawn: %+v", got)
	}
}

func TestJudgedByThePolicyInForce(t *testing.T) {
	r := newRig(t)
	slow := late(11 * time.Minute)
	r.imports(agencyA, uuid.New(), 1, "I-1", slow)
	r.activate(2, 12)
	r.imports(agencyA, uuid.New(), 1, "I-2", slow)
	r.imports(agencyA, uuid.New(), 1, "I-3", late(13*time.Minute))
	list := r.cases(agencyA, review.Query{})
	if len(list) != 2 {
		t.Fatalf("cases %+v", list)
	}
	newer, older := list[0], list[1]
	if older.Policy.Version != 1 || *older.Triggers[0].Threshold != 10 || older.Triggers[0].PolicyVersion != 1 {
		t.Errorf("under version 1: %+v", older)
	}
	if newer.Policy.Version != 2 || *newer.Triggers[0].Threshold != 12 || *newer.Triggers[0].Measured != 13 {
		t.Errorf("under version 2: %+v", newer)
	}
}

func TestFactsThatCannotBeHadAreNotInvented(t *testing.T) {
	r := newRig(t)
	r.clinical.err = context.DeadlineExceeded
	if err := r.importing(agencyA, uuid.New(), 1, "I-1", arrest()); err == nil {
		t.Error("judged without facts")
	}
	if n := r.scalar("SELECT count(*) FROM qa.chart_evaluation"); n != 0 {
		t.Errorf("%d evaluations", n)
	}
}

// Several units' charts of one incident at once: one case.
func TestChartsOfOneIncidentAtTheSameTime(t *testing.T) {
	r := newRig(t)
	const units = 8
	done := make(chan error, units)
	for range units {
		go func() { done <- r.importing(agencyA, uuid.New(), 1, "I-1", arrest()) }()
	}
	for range units {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	list := r.cases(agencyA, review.Query{})
	if len(list) != 1 || len(list[0].Charts) != units || len(list[0].Triggers) != units {
		t.Errorf("%d cases, %+v", len(list), list)
	}
	opened := 0
	for _, e := range r.events() {
		if _, ok := e.(*qav1.CaseOpened); ok {
			opened++
		}
	}
	if opened != units {
		t.Errorf("%d events, want one for each chart", opened)
	}
}
