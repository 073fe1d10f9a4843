package reporting_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
	"github.com/fusionems/quantum/services/reporting"
)

const agencyA, agencyB = int64(11), int64(22)

type world struct {
	*servicetest.Running
	t       *testing.T
	bus     *bus.Bus
	reports reportingv1.ReportServiceClient
}

func start(t *testing.T, open bool) *world {
	t.Helper()
	w := &world{t: t}
	w.Running = servicetest.Start(t, reporting.Definition(), servicetest.Options{AuthzOpen: open})
	w.bus = w.NATS.Bus("test")
	w.reports = reportingv1.NewReportServiceClient(w.Gateway())
	return w
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// calls publishes one call for each response time, in seconds, and waits until they are in the read model.
func (w *world) calls(agency int64, unit string, seconds ...int32) {
	w.t.Helper()
	var messages []outbox.Message
	for _, s := range seconds {
		chart := uuid.NewString()
		m, err := outbox.Envelope(outbox.Fact{
			ID: uuid.Must(uuid.NewV7()), AgencyID: agency, Subject: "charts/" + chart, Time: time.Now(),
			Event: &clinicalv1.ReportFactsReady{
				ChartId: chart, Version: 1, UnitNotifiedTime: timestamppb.New(noon), UnitCallSign: unit, ResponseSeconds: proto.Int32(s),
			},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		messages = append(messages, m)
	}
	want := w.facts(agency) + len(messages)
	for _, err := range w.bus.Publish(w.t.Context(), messages) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); w.facts(agency) < want; time.Sleep(30 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("agency %d has %d facts, want %d", agency, w.facts(agency), want)
		}
	}
}

func (w *world) facts(agency int64) (n int) {
	w.t.Helper()
	if err := w.Database.Superuser(w.t).QueryRow(w.t.Context(), "SELECT count(*) FROM reporting.call_fact WHERE agency_id = $1", agency).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// chart is one chart of the agency.
func (w *world) chart(agency int64) (id string) {
	w.t.Helper()
	err := w.Database.Superuser(w.t).QueryRow(w.t.Context(), "SELECT chart_id::text FROM reporting.call_fact WHERE agency_id = $1 LIMIT 1", agency).Scan(&id)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func march(groupBy string) *reportingv1.RunTemplateRequest {
	return &reportingv1.RunTemplateRequest{
		Template: "response-time", GroupBy: groupBy,
		From: "2026-03-01", To: "2026-03-31",
	}
}

func TestFromFactsToReport(t *testing.T) {
	w := start(t, false)
	w.calls(agencyA, "M1", 300, 400, 500, 600)
	w.calls(agencyB, "M1", 100, 200)
	admin := w.As("agency_administrator", agencyA)
	e, err := w.reports.RunTemplate(admin, march("unit"))
	if err != nil {
		t.Fatal(err)
	}
	if e.GetN() != 4 || len(e.GetRows()) != 1 || e.GetRows()[0].GetMedianSeconds() != 450 || e.GetRows()[0].GetP90Seconds() != 570 ||
		e.GetRows()[0].GetMeanSeconds() != 450 || e.GetRows()[0].GetP10Seconds() != 330 || e.GetRows()[0].GetP25Seconds() != 375 ||
		e.GetRows()[0].GetP75Seconds() != 525 || e.GetTimeZone() != "UTC" || e.GetAgencyId() != agencyA || e.GetExecutedBy() != "test-agency_administrator" ||
		e.GetWatermark() == 0 || e.GetDataAsOf() == nil || len(e.GetDefinitionSha256()) != 64 || len(e.GetResultSha256()) != 64 {
		t.Errorf("got %v", e)
	}
	// New facts change a new run, not the one that was.
	w.calls(agencyA, "M2", 900)
	again, err := w.reports.GetExecution(admin, &reportingv1.GetExecutionRequest{Id: e.GetId()})
	if err != nil || !proto.Equal(again, e) {
		t.Errorf("repeated as %v, %v; it was %v", again, err, e)
	}
	if _, err := w.reports.GetExecution(w.As("agency_administrator", agencyB), &reportingv1.GetExecutionRequest{Id: e.GetId()}); status.Code(err) != codes.NotFound {
		t.Errorf("the other agency reads it: %v", err)
	}

	all, err := w.reports.RunTemplate(w.As("founder", 0), march("unit"))
	if err != nil {
		t.Fatal(err)
	}
	if all.GetAgencyId() != 0 || len(all.GetRows()) != 2 || all.GetRows()[0].GetGroup() != "11" || all.GetRows()[0].GetN() != 5 ||
		all.GetRows()[1].GetGroup() != "22" || all.GetRows()[1].GetMeanSeconds() != 150 || all.GetAccessReason() == "" {
		t.Errorf("across agencies: %v", all)
	}
	repeated, err := w.reports.GetExecution(w.As("founder", 0), &reportingv1.GetExecutionRequest{Id: all.GetId()})
	if err != nil || !proto.Equal(repeated, all) {
		t.Errorf("repeated as %v, %v; it was %v", repeated, err, all)
	}
	if _, err := w.reports.GetExecution(w.As("founder", agencyA), &reportingv1.GetExecutionRequest{Id: all.GetId()}); status.Code(err) != codes.NotFound {
		t.Errorf("inside an agency the founder reads a run across agencies: %v", err)
	}
	w.audited(e.GetId(), agencyA, "agency_administrator")
	w.audited(all.GetId(), 0, "founder")
}

// audited waits for the one record of a run on the audit stream; it names the run.
func (w *world) audited(id string, agency int64, role string) {
	w.t.Helper()
	consumer, err := w.bus.JetStream().OrderedConsumer(w.t.Context(), "AUDIT", jetstream.OrderedConsumerConfig{})
	if err != nil {
		w.t.Fatal(err)
	}
	for {
		msg, err := consumer.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			w.t.Fatalf("no audit record of executions/%s: %v", id, err)
		}
		r := recordOf(w.t, msg.Data())
		if r.GetResource() != "executions/"+id || r.GetAction() != "fleet.reporting.v1.ReportService/RunTemplate" {
			continue
		}
		if r.GetAgencyId() != agency || r.GetRole() != role || r.GetOutcome() != auditv1.Outcome_OUTCOME_SUCCESS || (agency == 0) != (r.GetAccessReason() != "") {
			w.t.Errorf("record of executions/%s: %v", id, r)
		}
		return
	}
}

func recordOf(t *testing.T, data []byte) *auditv1.Event {
	t.Helper()
	envelope, m := new(commonv1.Event), new(auditv1.Recorded)
	if err := proto.Unmarshal(data, envelope); err != nil {
		t.Fatal(err)
	}
	if err := envelope.GetPayload().UnmarshalTo(m); err != nil {
		t.Fatal(err)
	}
	return m.GetEvent()
}

func TestTemplatesAndLists(t *testing.T) {
	w := start(t, false)
	admin := w.As("agency_administrator", agencyA)
	var templates []string
	for pages, req := 0, (&reportingv1.ListTemplatesRequest{PageSize: 4}); pages == 0 || req.GetPageToken() != ""; pages++ {
		page, err := w.reports.ListTemplates(admin, req)
		if err != nil || pages > 1 {
			t.Fatalf("page %d of templates: %v, %v", pages, page, err)
		}
		for _, tpl := range page.GetTemplates() {
			templates = append(templates, tpl.GetId())
			if tpl.GetCatalogueVersion() != "2" || tpl.GetDescription() == "" || len(tpl.GetGroupBy()) == 0 {
				t.Errorf("template %v", tpl)
			}
		}
		req.PageToken = page.GetNextPageToken()
	}
	if got := strings.Join(templates, " "); got != "on-scene-time response-time system-response-time transport-time turnaround-time turnout-time" {
		t.Errorf("templates %s", got)
	}
	ids := map[string]bool{}
	for range 3 {
		e, err := w.reports.RunTemplate(admin, march(""))
		if err != nil {
			t.Fatal(err)
		}
		ids[e.GetId()] = true
	}
	if _, err := w.reports.RunTemplate(w.As("agency_administrator", agencyB), march("")); err != nil {
		t.Fatal(err)
	}
	req := &reportingv1.ListExecutionsRequest{PageSize: 2, Template: "response-time"}
	first, err := w.reports.ListExecutions(admin, req)
	if err != nil || len(first.GetExecutions()) != 2 || first.GetNextPageToken() == "" {
		t.Fatalf("first page %v, %v", first, err)
	}
	req.PageToken = first.GetNextPageToken()
	second, err := w.reports.ListExecutions(admin, req)
	if err != nil || len(second.GetExecutions()) != 1 || second.GetNextPageToken() != "" {
		t.Fatalf("second page %v, %v", second, err)
	}
	for _, e := range append(first.GetExecutions(), second.GetExecutions()...) {
		if !ids[e.GetId()] || len(e.GetRows()) != 0 {
			t.Errorf("listed %v", e)
		}
		delete(ids, e.GetId())
	}
	all, err := w.reports.ListExecutions(w.As("founder", 0), &reportingv1.ListExecutionsRequest{})
	if err != nil || len(all.GetExecutions()) != 4 {
		t.Errorf("founder across agencies: %v, %v", all, err)
	}
}

// The ninth of ten between 840 and 960 is 948 and not 948.0000000000002.
func TestFiguresAreNoBinaryFractions(t *testing.T) {
	w := start(t, false)
	seconds := []int32{840, 960, 960, 960}
	for range 18 {
		seconds = append(seconds, 100)
	}
	w.calls(agencyA, "M1", seconds...)
	w.calls(agencyB, "M1", 300)
	e, err := w.reports.RunTemplate(w.As("agency_administrator", agencyA), march("unit"))
	if err != nil {
		t.Fatal(err)
	}
	if row := e.GetRows()[0]; row.GetN() != 22 || row.GetP90Seconds() != 948 || row.GetMeanSeconds() != 250.909091 {
		t.Errorf("got %v", row)
	}
}

func TestRefusalsNameTheField(t *testing.T) {
	w := start(t, false)
	admin := w.As("agency_administrator", agencyA)
	backwards, long, crew, unknown := march(""), march(""), march("crew"), march("")
	backwards.From, backwards.To = backwards.To, backwards.From
	long.To = "2028-03-01"
	unknown.Template = "nothing"
	zone := march("")
	zone.TimeZone = "Lakeshore"
	for reason, c := range map[string]struct {
		req  *reportingv1.RunTemplateRequest
		code codes.Code
	}{
		"PERIOD_INVALID": {backwards, codes.InvalidArgument}, "GROUP_BY_UNKNOWN": {crew, codes.InvalidArgument}, "TEMPLATE_NOT_FOUND": {unknown, codes.NotFound},
		"TIME_ZONE_UNKNOWN": {zone, codes.InvalidArgument},
	} {
		_, err := w.reports.RunTemplate(admin, c.req)
		if status.Code(err) != c.code || reasonOf(err) != reason {
			t.Errorf("%s: %v with reason %s", reason, err, reasonOf(err))
		}
	}
	if _, err := w.reports.RunTemplate(admin, long); reasonOf(err) != "PERIOD_INVALID" {
		t.Errorf("two years: %v", err)
	}
	if _, err := w.reports.RunTemplate(admin, &reportingv1.RunTemplateRequest{Template: "response-time"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("without a period: %v", err)
	}
	for _, role := range []string{"qa_reviewer", "billing_staff", "clinical_staff", "integration"} {
		if _, err := w.reports.RunTemplate(w.As(role, agencyA), march("")); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// TestTheDatabaseRefusesToo: with the service's own check open, grants and row-level security give the same verdicts.
func TestTheDatabaseRefusesToo(t *testing.T) {
	w := start(t, true)
	w.calls(agencyA, "M1", 300)
	e, err := w.reports.RunTemplate(w.As("agency_administrator", agencyA), march(""))
	if err != nil {
		t.Fatal(err)
	}
	w.DatabaseRefuses(t, agencyA, []servicetest.Probe{
		{Method: reportingv1.ReportService_RunTemplate_FullMethodName, Request: march("")},
		{Method: reportingv1.ReportService_GetExecution_FullMethodName, Request: &reportingv1.GetExecutionRequest{Id: e.GetId()}},
		{Method: reportingv1.ReportService_ListExecutions_FullMethodName, Request: &reportingv1.ListExecutionsRequest{}},
		{Method: reportingv1.ReportService_ExportExecution_FullMethodName, Request: &reportingv1.ExportExecutionRequest{Id: e.GetId()}},
		{Method: reportingv1.ReportService_GetCallFact_FullMethodName, Request: &reportingv1.GetCallFactRequest{ChartId: w.chart(agencyA)}},
	}, map[string]string{reportingv1.ReportService_ListTemplates_FullMethodName: "the catalogue is no row of anybody"})
}
