package report_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
	"github.com/fusionems/quantum/services/reporting/internal/events"
	"github.com/fusionems/quantum/services/reporting/internal/report"
	"github.com/fusionems/quantum/services/reporting/internal/store"
)

const (
	agencyA = int64(11)
	agencyB = int64(22)
)

type world struct {
	t       *testing.T
	db      *db.DB
	facts   store.Facts
	handler inbox.Handler
	service *report.Service
	clock   *clock.Fake
}

func open(t *testing.T) *world {
	t.Helper()
	c, err := catalogue.Load(store.Answered())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: clock.NewFake(time.Date(2026, 4, 1, 8, 0, 0, 123456789, time.UTC))}
	w.db, _ = pg.Open(t, pg.Service{Schema: "reporting", Migrations: store.Migrations})
	w.facts = store.NewFacts(w.db)
	w.handler = events.Handler(w.facts)
	w.service = report.New(c, w.facts, store.NewExecutions(w.db), w.clock.Now)
	return w
}

func person(role string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{Subject: "user-" + role, Actor: identity.Human, ActingRole: role, AgencyID: agency})
}

func across() context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "founder-1", Actor: identity.Human, ActingRole: "founder", CrossAgency: true, AccessReason: "quarterly review",
	})
}

// deliver applies an event as the inbox does.
func (w *world) deliver(agency int64, m *clinicalv1.ReportFactsReady) {
	w.t.Helper()
	ev := inbox.Event{AgencyID: agency, Type: "fleet.clinical.v1.ReportFactsReady", Message: m}
	err := w.db.Write(identity.With(w.t.Context(), identity.ForService("reporting", agency)), func(ctx context.Context, tx *db.Tx) error {
		return w.handler.Apply(ctx, tx, ev, nil)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// call is one chart; seconds < 0 means unknown.
func call(at, unit string, seconds int32, change ...func(*clinicalv1.ReportFactsReady)) *clinicalv1.ReportFactsReady {
	notified, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	m := &clinicalv1.ReportFactsReady{
		ChartId: uuid.NewString(), Version: 1, UnitNotifiedTime: timestamppb.New(notified), UnitCallSign: unit, Priority: "standard",
		ServiceType: "2205001", ResponseMode: "2223001",
	}
	if seconds >= 0 {
		m.ResponseSeconds = proto.Int32(seconds)
	}
	for _, f := range change {
		f(m)
	}
	return m
}

func cancelled(m *clinicalv1.ReportFactsReady)     { m.CancelledBeforeArrival = true }
func wrongOrder(m *clinicalv1.ReportFactsReady)    { m.InvalidIntervals = []string{"turnout", "response"} }
func otherInterval(m *clinicalv1.ReportFactsReady) { m.InvalidIntervals = []string{"transport"} }
func critical(m *clinicalv1.ReportFactsReady)      { m.Priority = "critical" }
func unplaced(m *clinicalv1.ReportFactsReady)      { m.UnitNotifiedTime = nil }

// march are the calls of agency A; the figures below are computed by hand from them.
func march(w *world) {
	for _, m := range []*clinicalv1.ReportFactsReady{
		// M1: 300, 400, 500, 600.
		call("2026-03-01T00:00:00Z", "M1", 500, critical), // the first instant of the period
		call("2026-03-01T23:59:59Z", "M1", 300),
		call("2026-03-02T10:00:00Z", "M1", 600, otherInterval),
		call("2026-03-03T10:00:00Z", "M1", 400),
		call("2026-03-03T11:00:00Z", "M1", -1, cancelled),
		call("2026-03-03T11:30:00Z", "M1", 700, cancelled), // cancelled comes before any time
		call("2026-03-03T12:00:00Z", "M1", -1, wrongOrder),
		call("2026-03-03T13:00:00Z", "M1", -1),
		// M2: 480, and one of more than 24 hours.
		call("2026-03-02T12:00:00Z", "M2", 480, critical),
		call("2026-03-02T13:00:00Z", "M2", 86401),
		// M3: nothing that counts. No unit: 0 seconds, which is a time.
		call("2026-03-04T12:00:00Z", "M3", -1),
		call("2026-03-05T12:00:00Z", "", 0),
		// Outside of the period.
		call("2026-02-28T23:59:59Z", "M1", 9000),
		call("2026-04-01T00:00:00Z", "M1", 9000),
		call("2026-03-04T12:00:00Z", "M1", 9000, unplaced),
	} {
		w.deliver(agencyA, m)
	}
}

func request(groupBy string) report.Request {
	return report.Request{
		Template: "response-time", GroupBy: groupBy,
		From: "2026-03-01T00:00:00Z", To: "2026-04-01T00:00:00Z",
	}
}

func figures(r report.Row) string {
	text := fmt.Sprintf("%s n=%d", r.Group, r.N)
	if r.MedianSeconds != nil {
		text += fmt.Sprintf(" %.4g/%.4g/%.4g", *r.MedianSeconds, *r.P90Seconds, *r.MeanSeconds)
	}
	return text + excluded(r.Excluded)
}

func excluded(list []report.Exclusion) (text string) {
	for _, e := range list {
		text += fmt.Sprintf(" %s=%d", e.Reason, e.N)
	}
	return text
}

func run(t *testing.T, w *world, ctx context.Context, r report.Request) report.Execution {
	t.Helper()
	e, err := w.service.Run(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestResponseTimeByHand(t *testing.T) {
	w := open(t)
	march(w)
	w.deliver(agencyB, call("2026-03-01T12:00:00Z", "M1", 9000)) // the same call sign elsewhere
	for groupBy, want := range map[string][]string{
		// median of 300 400 500 600 = 450; 90th percentile lies 0.9×3 = 2.7 steps up: 500 + 0.7×100 = 570; mean 450.
		"unit": {
			"M1 n=4 450/570/450 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=1 TIME_UNKNOWN=1",
			"M2 n=1 480/480/480 TIME_INVALID=1",
			"M3 n=0 TIME_UNKNOWN=1",
			"unknown n=1 0/0/0",
		},
		// critical: 480 500; standard: 0 300 400 600: median 350, p90 at 2.7: 400 + 0.7×200 = 540, mean 325.
		"priority": {
			"critical n=2 490/498/490",
			"standard n=4 350/540/325 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=2 TIME_UNKNOWN=2",
		},
		// 1st: 300 500; 2nd: 480 600.
		"day": {
			"2026-03-01 n=2 400/480/400",
			"2026-03-02 n=2 540/588/540 TIME_INVALID=1",
			"2026-03-03 n=1 400/400/400 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=1 TIME_UNKNOWN=1",
			"2026-03-04 n=0 TIME_UNKNOWN=1",
			"2026-03-05 n=1 0/0/0",
		},
		// 0 300 400 480 500 600: median 440; p90 at 4.5: 550; mean 380.
		"service_type":  {"2205001 n=6 440/550/380 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=2 TIME_UNKNOWN=2"},
		"response_mode": {"2223001 n=6 440/550/380 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=2 TIME_UNKNOWN=2"},
	} {
		e := run(t, w, person("agency", agencyA), request(groupBy))
		var got []string
		for _, r := range e.Result.Rows {
			got = append(got, figures(r))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("by %s:\n got %s\nwant %s", groupBy, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		if whole := fmt.Sprint(e.Result.N, excluded(e.Result.Excluded)); whole != "6 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=2 TIME_UNKNOWN=2" {
			t.Errorf("by %s, whole report: %s", groupBy, whole)
		}
	}
	byDefault := run(t, w, person("agency", agencyA), request(""))
	if byDefault.GroupBy != "unit" {
		t.Errorf("default grouping %q", byDefault.GroupBy)
	}
	if e := run(t, w, person("agency", agencyB), request("unit")); e.Result.N != 1 || figures(e.Result.Rows[0]) != "M1 n=1 9000/9000/9000" {
		t.Errorf("agency B: %+v", e.Result)
	}
}

func TestTheAnswerIsRepeatedToTheByte(t *testing.T) {
	w := open(t)
	march(w)
	ctx := person("agency", agencyA)
	e := run(t, w, ctx, request("unit"))
	again, err := w.service.Get(ctx, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if again.ResultText.Canonical != e.ResultText.Canonical || !reflect.DeepEqual(again.Result, e.Result) || again.Mark.Seq != e.Mark.Seq ||
		!again.Mark.Time.Equal(e.Mark.Time) || !again.CreateTime.Equal(e.CreateTime) || !again.From.Equal(e.From) || !again.To.Equal(e.To) ||
		again.Duration != e.Duration || again.ExecutedBy != "user-agency" || again.AgencyID != agencyA {
		t.Errorf("ran   %+v\nagain %+v", e, again)
	}
	// The hashes are those of the canonical texts, which anybody can check.
	for name, text := range map[string]report.Text{"definition": e.Definition, "result": e.ResultText} {
		sum := sha256.Sum256([]byte(text.Canonical))
		if hex.EncodeToString(sum[:]) != text.SHA256 {
			t.Errorf("%s: %s is not the hash of %s", name, text.SHA256, text.Canonical)
		}
	}
	var d map[string]any
	if err := json.Unmarshal([]byte(e.Definition.Canonical), &d); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"agency": "11", "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00Z", "groupBy": "unit", "metric": "response",
		"percentileMethod": "percentile_cont", "catalogueVersion": "2", "template": "response-time", "maximumSeconds": 86400.0, "timeZone": "UTC",
	} {
		if d[field] != want {
			t.Errorf("definition: %s is %v, want %v", field, d[field], want)
		}
	}
}

// TestAtTheSameMarkTheAnswerIsTheSame although facts arrived since: new calls, and new versions of calls in the answer.
func TestAtTheSameMarkTheAnswerIsTheSame(t *testing.T) {
	w := open(t)
	ctx := person("agency", agencyA)
	first := call("2026-03-01T12:00:00Z", "M1", 300)
	w.deliver(agencyA, first)
	w.deliver(agencyA, call("2026-03-02T12:00:00Z", "M2", 500))
	before := run(t, w, ctx, request("unit"))

	corrected := proto.Clone(first).(*clinicalv1.ReportFactsReady)
	corrected.Version, corrected.ResponseSeconds, corrected.UnitCallSign = 3, proto.Int32(900), "M9"
	late := proto.Clone(first).(*clinicalv1.ReportFactsReady)
	late.Version, late.ResponseSeconds = 2, proto.Int32(1)
	w.deliver(agencyB, call("2026-03-02T12:00:00Z", "M1", 700))
	w.deliver(agencyA, corrected)
	w.deliver(agencyA, late)
	w.deliver(agencyA, call("2026-03-05T12:00:00Z", "M1", 700))

	after := run(t, w, ctx, request("unit"))
	if after.Definition.SHA256 != before.Definition.SHA256 {
		t.Error("the same question has two hashes")
	}
	if after.ResultText.SHA256 == before.ResultText.SHA256 || after.Mark.Seq <= before.Mark.Seq || after.Mark.Time.Before(before.Mark.Time) {
		t.Errorf("new facts are not in the new answer: marks %d and %d", before.Mark.Seq, after.Mark.Seq)
	}
	if got := fmt.Sprint(figures(after.Result.Rows[0]), ", ", figures(after.Result.Rows[2])); got != "M1 n=1 700/700/700, M9 n=1 900/900/900" {
		t.Errorf("new answer: %s", got)
	}
	for _, e := range []report.Execution{before, after} {
		if got := w.at(ctx, e); got != e.ResultText.SHA256 {
			t.Errorf("at mark %d: %s, want %s", e.Mark.Seq, got, e.ResultText.SHA256)
		}
	}
}

// at computes the definition of an execution again at its mark and returns the hash.
func (w *world) at(ctx context.Context, e report.Execution) string {
	w.t.Helper()
	d, err := report.Define(e)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.facts.ComputeAt(ctx, d, e.Mark.Seq)
	if err != nil {
		w.t.Fatal(err)
	}
	_, sum, err := report.Canonical(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return sum
}

func TestAcrossAgencies(t *testing.T) {
	w := open(t)
	march(w)
	w.deliver(agencyB, call("2026-03-01T12:00:00Z", "M1", 100))
	w.deliver(agencyB, call("2026-03-01T13:00:00Z", "M1", 200))
	for _, groupBy := range []string{"unit", "agency", ""} {
		e := run(t, w, across(), request(groupBy))
		var got []string
		for _, r := range e.Result.Rows {
			got = append(got, figures(r))
		}
		want := []string{"11 n=6 440/550/380 CANCELLED_BEFORE_ARRIVAL=2 TIME_INVALID=2 TIME_UNKNOWN=2", "22 n=2 150/190/150"}
		if !reflect.DeepEqual(got, want) || e.GroupBy != "agency" || e.AgencyID != 0 || e.AccessReason != "quarterly review" || e.ExecutedBy != "founder-1" {
			t.Errorf("asked by %q: %v; %+v", groupBy, got, e)
		}
		again, err := w.service.Get(across(), e.ID)
		if err != nil || again.ResultText != e.ResultText || again.AccessReason != e.AccessReason || again.AgencyID != 0 {
			t.Errorf("again: %+v, %v", again, err)
		}
		w.deliver(agencyB, call("2026-03-09T13:00:00Z", "M1", 10))
		if got := w.at(across(), e); got != e.ResultText.SHA256 {
			t.Errorf("at mark %d: %s, want %s", e.Mark.Seq, got, e.ResultText.SHA256)
		}
		for _, ctx := range []context.Context{person("agency", agencyA), person("founder", agencyA)} {
			if _, err := w.service.Get(ctx, e.ID); errs.Reason(err) != report.ReasonExecutionNotFound {
				t.Errorf("inside an agency the run of the platform answers %v", err)
			}
		}
		w.resetB()
	}
}

// resetB takes the last call of agency B out of the period again, by a new version, so that each round asks the same.
func (w *world) resetB() {
	w.t.Helper()
	err := w.db.Read(person("agency", agencyB), func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, "SELECT chart_id::text FROM reporting.call_fact WHERE response_seconds = 10 AND superseded_seq IS NULL")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			m := call("2025-01-01T00:00:00Z", "M1", 10)
			m.ChartId, m.Version = id, 2
			defer w.deliver(agencyB, m)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestListsAreOfTheCaller(t *testing.T) {
	w := open(t)
	march(w)
	a := run(t, w, person("agency", agencyA), request("unit"))
	b := run(t, w, person("agency", agencyB), request("unit"))
	all := run(t, w, across(), request(""))
	for name, c := range map[string]struct {
		ctx  context.Context
		want []uuid.UUID
	}{
		"agency A":             {person("agency", agencyA), []uuid.UUID{a.ID}},
		"agency B":             {person("agency", agencyB), []uuid.UUID{b.ID}},
		"founder in agency B":  {person("founder", agencyB), []uuid.UUID{b.ID}},
		"founder, all of them": {across(), []uuid.UUID{all.ID, b.ID, a.ID}},
	} {
		list, err := w.service.List(c.ctx, report.Filter{Template: "response-time"}, uuid.Nil, 10)
		var got []uuid.UUID
		for _, e := range list {
			got = append(got, e.ID)
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	if list, err := w.service.List(across(), report.Filter{}, b.ID, 10); err != nil || len(list) != 1 || list[0].ID != a.ID {
		t.Errorf("after b: %v, %v", list, err)
	}
	if list, err := w.service.List(across(), report.Filter{Template: "other"}, uuid.Nil, 10); err != nil || len(list) != 0 {
		t.Errorf("another template: %v, %v", list, err)
	}
	for _, id := range []uuid.UUID{b.ID, all.ID, uuid.New()} {
		if _, err := w.service.Get(person("agency", agencyA), id); errs.Reason(err) != report.ReasonExecutionNotFound {
			t.Errorf("a run of somebody else: %v", err)
		}
	}
}

func TestOthersRunNothing(t *testing.T) {
	w := open(t)
	march(w)
	for _, role := range []string{"qa", "peer", "clinical", "supervisor", "billing", "compliance", "integration", "ai"} {
		if _, err := w.service.Run(person(role, agencyA), request("unit")); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s: %v", role, err)
		}
	}
	noReason := identity.With(t.Context(), identity.Principal{Subject: "f", Actor: identity.Human, ActingRole: "founder", CrossAgency: true})
	if _, err := w.service.Run(noReason, request("unit")); !errs.IsKind(err, errs.Denied) {
		t.Errorf("founder without a reason: %v", err)
	}
}

func TestWithoutFactsTheMarkIsTheTimeOfTheRun(t *testing.T) {
	w := open(t)
	e := run(t, w, person("agency", agencyA), request("unit"))
	want := w.clock.Now().Truncate(time.Microsecond)
	if e.Mark.Seq != 0 || !e.Mark.Time.Equal(want) || e.Result.N != 0 || len(e.Result.Rows) != 0 {
		t.Errorf("got %+v", e)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	w := open(t)
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	text := func(t time.Time) string { return t.Format(time.RFC3339Nano) }
	for name, c := range map[string]struct {
		change func(*report.Request)
		reason string
		fields []string
	}{
		"unknown template":  {func(r *report.Request) { r.Template = "response" }, report.ReasonTemplateNotFound, nil},
		"no period":         {func(r *report.Request) { r.From, r.To = "", "" }, report.ReasonPeriodInvalid, []string{"from required", "to required"}},
		"no times":          {func(r *report.Request) { r.From, r.To = "March", "2026-02-30" }, report.ReasonPeriodInvalid, []string{"from period.time", "to period.time"}},
		"no offset":         {func(r *report.Request) { r.From = "2026-03-01T00:00:00" }, report.ReasonPeriodInvalid, []string{"from period.time"}},
		"before the years":  {func(r *report.Request) { r.From = "0000-01-01" }, report.ReasonPeriodInvalid, []string{"from period.time"}},
		"empty period":      {func(r *report.Request) { r.To = text(from) }, report.ReasonPeriodInvalid, []string{"to period.order"}},
		"less than is kept": {func(r *report.Request) { r.To = text(from.Add(500 * time.Nanosecond)) }, report.ReasonPeriodInvalid, []string{"to period.order"}},
		"end before start":  {func(r *report.Request) { r.To = text(from.Add(-time.Second)) }, report.ReasonPeriodInvalid, []string{"to period.order"}},
		"367 days":          {func(r *report.Request) { r.To = text(from.AddDate(0, 0, 367)) }, report.ReasonPeriodInvalid, []string{"to period.length"}},
		"unknown grouping":  {func(r *report.Request) { r.GroupBy = "crew" }, report.ReasonGroupByUnknown, []string{"groupBy in"}},
		"agency by agency":  {func(r *report.Request) { r.GroupBy = "agency" }, report.ReasonGroupByUnknown, []string{"groupBy in"}},
		"grouping is exact": {func(r *report.Request) { r.GroupBy = "Unit" }, report.ReasonGroupByUnknown, []string{"groupBy in"}},
	} {
		r := request("unit")
		c.change(&r)
		_, err := w.service.Run(person("agency", agencyA), r)
		e, ok := errs.As(err)
		if !ok || e.Reason != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
			continue
		}
		var fields []string
		for _, f := range e.Fields {
			fields = append(fields, f.Field+" "+f.Rule)
			if f.Message == "" {
				t.Errorf("%s: %s says nothing", name, f.Field)
			}
		}
		if !reflect.DeepEqual(fields, c.fields) {
			t.Errorf("%s: fields %v, want %v", name, fields, c.fields)
		}
	}
	year := request("unit")
	year.To = text(from.AddDate(0, 0, 366))
	if _, err := w.service.Run(person("agency", agencyA), year); err != nil {
		t.Errorf("366 days: %v", err)
	}
}

// A month named by its first and last day is the same period as the one of its instants.
func TestPeriodOfDates(t *testing.T) {
	w := open(t)
	instants, err := w.service.Run(person("agency", agencyA), request("unit"))
	if err != nil {
		t.Fatal(err)
	}
	for _, days := range [][2]string{{"2026-03-01", "2026-03-31"}, {"2026-03-01T00:00:00Z", "2026-03-31"}, {"2026-02-28T18:00:00-06:00", "2026-03-31T19:00:00-05:00"}} {
		r := request("unit")
		r.From, r.To = days[0], days[1]
		dates, err := w.service.Run(person("agency", agencyA), r)
		if err != nil || dates.Definition.SHA256 != instants.Definition.SHA256 {
			t.Errorf("%v: %s to %s, %v", days, dates.From, dates.To, err)
		}
	}
}
