package clinical_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/rpc"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
)

func (f *fleet) importDocument(c clinicalv1.ChartServiceClient, agencyID int64, xml []byte) (*clinicalv1.ImportChartsResponse, string, error) {
	var header metadata.MD
	res, err := c.ImportCharts(f.as("integration", agencyID, "epcr"), &clinicalv1.ImportChartsRequest{
		Document: &httpbody.HttpBody{ContentType: "application/xml; charset=utf-8", Data: xml},
	}, grpc.Header(&header))
	code := ""
	if v := header.Get(rpc.HeaderHTTPCode); len(v) == 1 {
		code = v[0]
	}
	return res, code, err
}

func mustImport(t *testing.T, f *fleet, c clinicalv1.ChartServiceClient, agencyID int64, xml []byte, wantCode string) *clinicalv1.Chart {
	t.Helper()
	res, code, err := f.importDocument(c, agencyID, xml)
	if err != nil {
		t.Fatal(err)
	}
	if code != wantCode || len(res.GetCharts()) != 1 {
		t.Fatalf("code %q, %d charts; want %q and 1", code, len(res.GetCharts()), wantCode)
	}
	return res.GetCharts()[0]
}

func TestAChartGoesInAndComesBack(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	doc := demo(t)[north]["stemi"]
	chart := mustImport(t, f, charts, north, doc.XML, "201")
	if again := mustImport(t, f, charts, north, doc.XML, "200"); again.GetId() != chart.GetId() || again.GetVersion() != 1 {
		t.Errorf("the same document again = %v", again)
	}
	if chart.GetAgencyId() != north || chart.GetPcrNumber() != doc.PCRNumber || chart.GetIncidentNumber() != doc.IncidentNumber ||
		chart.GetNemsisVersion() != "3.5.1" || chart.GetFacts() != nil {
		t.Errorf("chart = %v", chart)
	}
	mustImport(t, f, charts, south, demo(t)[south]["stemi"].XML, "201")
	supervisor := f.as("clinical_supervisor", north, "sup")
	got, err := charts.GetChart(supervisor, &clinicalv1.GetChartRequest{Id: chart.GetId()})
	if err != nil || got.GetFacts().GetTimes()["eTimes.03"].GetState() != clinicalv1.Fact_STATE_VALUE {
		t.Errorf("GetChart = %v, %v", got, err)
	}
	body, err := charts.GetChartNemsis(supervisor, &clinicalv1.GetChartNemsisRequest{Id: chart.GetId()})
	if err != nil || body.GetContentType() != "application/xml" || !bytes.Equal(body.GetData(), doc.XML) {
		t.Errorf("GetChartNemsis: %v", err)
	}
	for name, ctx := range map[string]context.Context{
		"supervisor of south": f.as("clinical_supervisor", south, "sup"),
		"crew of no chart":    f.as("clinical_staff", north, "nobody"),
		"qa without a case":   f.as("qa_reviewer", north, "qa"),
	} {
		if _, err := charts.GetChart(ctx, &clinicalv1.GetChartRequest{Id: chart.GetId()}); status.Code(err) != codes.NotFound {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	for _, role := range []string{"agency_administrator", "billing_staff", "compliance_officer", "peer_reviewer", "integration"} {
		if _, err := charts.GetChart(f.as(role, north, "x"), &clinicalv1.GetChartRequest{Id: chart.GetId()}); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: %v, want denied", role, err)
		}
	}
	all, err := charts.ListCharts(f.as("founder", 0, "founder"), &clinicalv1.ListChartsRequest{})
	if err != nil || len(all.GetCharts()) != 2 {
		t.Errorf("the founder across agencies: %v, %v", all, err)
	}
}

func TestListPages(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	n := 0
	for _, d := range demo(t)[north] {
		if n++; n <= 5 {
			mustImport(t, f, charts, north, d.XML, "201")
		}
	}
	ctx := f.as("clinical_supervisor", north, "sup")
	seen := map[string]bool{}
	req := &clinicalv1.ListChartsRequest{PageSize: 2}
	var pages int
	for {
		res, err := charts.ListCharts(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, c := range res.GetCharts() {
			seen[c.GetId()] = true
		}
		if req.PageToken = res.GetNextPageToken(); req.PageToken == "" {
			break
		}
		other := proto.CloneOf(req)
		other.PcrNumber = "x"
		if _, err := charts.ListCharts(ctx, other); status.Code(err) != codes.InvalidArgument {
			t.Errorf("a token with another filter: %v", err)
		}
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d charts on %d pages, want 5 on 3", len(seen), pages)
	}
}

func TestRefusalsNameElementLineAndRule(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	doc := demo(t)[north]["stemi"].XML
	i, j := bytes.Index(doc, []byte("<eTimes.03>")), bytes.Index(doc, []byte("</eTimes.03>"))
	missing := append(bytes.Clone(doc[:i]), doc[j+len("</eTimes.03>"):]...)
	_, _, err := f.importDocument(charts, north, missing)
	e := rpc.FromStatus(err)
	if e == nil || e.Reason != "NEMSIS_INVALID" || len(e.Fields) == 0 || e.Fields[0].Line == 0 || e.Fields[0].Rule != "nemsis.xsd.missing_mandatory" {
		t.Errorf("a missing element: %v %+v", err, e)
	}
	_, _, err = f.importDocument(charts, north, append(bytes.Clone(doc), bytes.Repeat([]byte("\n"), 20<<20)...))
	if e := rpc.FromStatus(err); e == nil || e.Reason != "DOCUMENT_TOO_LARGE" {
		t.Errorf("more than 20 MB: %v", err)
	}
	_, _, err = f.importDocument(charts, south, doc)
	if e := rpc.FromStatus(err); e == nil || e.Reason != "NEMSIS_AGENCY_MISMATCH" || status.Code(err) != codes.PermissionDenied {
		t.Errorf("a document of the other agency: %v", err)
	}
	if list, err := charts.ListCharts(f.as("founder", 0, "founder"), &clinicalv1.ListChartsRequest{}); err != nil || len(list.GetCharts()) != 0 {
		t.Errorf("after refusals: %v, %v", list, err)
	}
}

// Whose an identifier is cannot be guessed: while nobody can say, the document waits outside.
func TestWithoutTheAgencyServiceNothingIsStored(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway", grpc.WithDisableRetry()))
	chart := mustImport(t, f, charts, north, demo(t)[north]["stemi"].XML, "201")
	f.agency.Stop()
	_, _, err := f.importDocument(charts, south, demo(t)[south]["stemi"].XML)
	if e := rpc.FromStatus(err); e == nil || e.Reason != "DEPENDENCY_UNAVAILABLE" || status.Code(err) != codes.Unavailable {
		t.Errorf("import: %v", err)
	}
	// What north's identifiers are was asked a moment ago, and reading needs nobody.
	mustImport(t, f, charts, north, demo(t)[north]["stroke"].XML, "201")
	if _, err := charts.GetChart(f.as("clinical_supervisor", north, "sup"), &clinicalv1.GetChartRequest{Id: chart.GetId()}); err != nil {
		t.Errorf("read: %v", err)
	}
	list, err := charts.ListCharts(f.as("founder", 0, "founder"), &clinicalv1.ListChartsRequest{})
	if err != nil || len(list.GetCharts()) != 2 {
		t.Errorf("stored: %v, %v", list, err)
	}
}

// Cases of quality review open and close a chart, by events over the broker.
func TestQualityReviewSeesAChartWhileACaseIsOpen(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	chart := mustImport(t, f, charts, north, demo(t)[north]["stemi"].XML, "201")
	other := mustImport(t, f, charts, south, demo(t)[south]["stemi"].XML, "201")
	reads := func(agencyID int64, id string) bool {
		_, err := charts.GetChart(f.as("qa_reviewer", agencyID, "qa"), &clinicalv1.GetChartRequest{Id: id})
		return err == nil
	}
	caseID := uuid.NewString()
	f.publish(north, &qav1.CaseOpened{CaseId: caseID, ChartId: chart.GetId()})
	eventually(t, "the case opens the chart", func() bool { return reads(north, chart.GetId()) })
	if reads(south, other.GetId()) || reads(south, chart.GetId()) || reads(north, other.GetId()) {
		t.Error("a case of north opened a chart of south, or to south")
	}
	f.publish(north, &qav1.CaseWithdrawn{CaseId: caseID, ChartId: chart.GetId()})
	eventually(t, "the withdrawal closes the chart", func() bool { return !reads(north, chart.GetId()) })
}

func (f *fleet) publish(agencyID int64, event proto.Message) {
	f.t.Helper()
	m, err := outbox.Envelope(outbox.Fact{ID: uuid.Must(uuid.NewV7()), AgencyID: agencyID, Subject: "cases/x", Time: time.Now(), Event: event})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, err := range f.bus().Publish(f.t.Context(), []outbox.Message{m}) {
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestServicesReadFactsAsThemselves(t *testing.T) {
	f := boot(t)
	chart := mustImport(t, f, clinicalv1.NewChartServiceClient(f.dial("gateway")), north, demo(t)[north]["stemi"].XML, "201")
	req := &clinicalv1.GetChartFactsRequest{ChartId: chart.GetId(), Version: 1}
	ask := func(service string, agency string) error {
		ctx := f.t.Context()
		if agency != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, rpc.HeaderAgency, agency)
		}
		res, err := clinicalv1.NewChartFactsServiceClient(f.dial(service)).GetChartFacts(ctx, req)
		if err == nil && res.GetFacts().GetDisposition().GetTransported() != true {
			t.Errorf("facts = %v", res)
		}
		return err
	}
	for _, c := range []struct {
		service, agency string
		want            codes.Code
	}{
		{"qa", "11", codes.OK}, {"qa", "22", codes.NotFound}, {"qa", "", codes.PermissionDenied},
		{"billing", "11", codes.PermissionDenied}, {"gateway", "11", codes.PermissionDenied},
	} {
		if err := ask(c.service, c.agency); status.Code(err) != c.want {
			t.Errorf("%s for agency %q: %v, want %v", c.service, c.agency, err, c.want)
		}
	}
}

func TestPersonnelDecideOwnCharts(t *testing.T) {
	f := boot(t)
	conn := f.dial("gateway")
	charts, personnel := clinicalv1.NewChartServiceClient(conn), clinicalv1.NewPersonnelServiceClient(conn)
	chart := mustImport(t, f, charts, north, demo(t)[north]["stemi"].XML, "201")
	medic := f.as("clinical_staff", north, "medic")
	admin := f.as("agency_administrator", north, "admin")
	read := func() error {
		_, err := charts.GetChart(medic, &clinicalv1.GetChartRequest{Id: chart.GetId()})
		return err
	}
	if err := read(); status.Code(err) != codes.NotFound {
		t.Errorf("before binding: %v", err)
	}
	if _, err := personnel.UpdatePersonnel(admin, &clinicalv1.UpdatePersonnelRequest{Subject: "medic", CrewIds: []string{"N100", "N200"}}); err != nil {
		t.Fatal(err)
	}
	if err := read(); err != nil {
		t.Errorf("after binding: %v", err)
	}
	_, err := personnel.UpdatePersonnel(admin, &clinicalv1.UpdatePersonnelRequest{Subject: "other", CrewIds: []string{"N100"}})
	if e := rpc.FromStatus(err); e == nil || e.Reason != "CREW_ID_TAKEN" {
		t.Errorf("a taken crew id: %v", err)
	}
	list, err := personnel.ListPersonnel(admin, &clinicalv1.ListPersonnelRequest{})
	if err != nil || len(list.GetPersonnel()) != 1 || len(list.GetPersonnel()[0].GetCrewIds()) != 2 {
		t.Errorf("list = %v, %v", list, err)
	}
	if _, err := personnel.ListPersonnel(medic, &clinicalv1.ListPersonnelRequest{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("a medic lists personnel: %v", err)
	}
}

// Who wrote and who read what is in the audit stream, for both agencies, with the chart and without its content.
func TestAuditRecords(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	chart := mustImport(t, f, charts, north, demo(t)[north]["stemi"].XML, "201")
	get := &clinicalv1.GetChartRequest{Id: chart.GetId()}
	_, _ = charts.GetChart(f.as("clinical_supervisor", north, "sup"), get)
	_, _ = charts.GetChart(f.as("clinical_supervisor", south, "spy"), get)
	_, _ = charts.GetChart(f.as("billing_staff", north, "clerk"), get)
	want := map[string]auditv1.Outcome{
		"epcr fleet.clinical.v1.ChartService/ImportCharts": auditv1.Outcome_OUTCOME_SUCCESS,
		"sup fleet.clinical.v1.ChartService/GetChart":      auditv1.Outcome_OUTCOME_SUCCESS,
		"spy fleet.clinical.v1.ChartService/GetChart":      auditv1.Outcome_OUTCOME_ERROR,
		"clerk fleet.clinical.v1.ChartService/GetChart":    auditv1.Outcome_OUTCOME_DENIED,
	}
	got := map[string]*auditv1.Event{}
	for _, e := range f.audited() {
		got[e.GetActor()+" "+e.GetAction()] = e
	}
	for key, outcome := range want {
		e := got[key]
		if e == nil || e.GetOutcome() != outcome {
			t.Errorf("%s: record %v, want outcome %v", key, e, outcome)
			continue
		}
		if resource := "charts/" + chart.GetId(); outcome != auditv1.Outcome_OUTCOME_DENIED && e.GetResource() != resource {
			t.Errorf("%s is about %q, want %q", key, e.GetResource(), resource)
		}
	}
	if e := got["spy fleet.clinical.v1.ChartService/GetChart"]; e.GetAgencyId() != south {
		t.Errorf("the attempt from south is recorded for agency %d", e.GetAgencyId())
	}
}

// audited reads the records that reached the stream.
func (f *fleet) audited() []*auditv1.Event {
	f.t.Helper()
	var out []*auditv1.Event
	super := f.pg.Superuser(f.t)
	eventually(f.t, "the outbox is empty", func() bool {
		var n int
		return super.QueryRow(context.Background(), "SELECT count(*) FROM clinical.outbox").Scan(&n) == nil && n == 0
	})
	for _, raw := range f.stream("AUDIT") {
		var env commonv1.Event
		var rec auditv1.Recorded
		if err := proto.Unmarshal(raw, &env); err != nil {
			f.t.Fatal(err)
		}
		if err := env.GetPayload().UnmarshalTo(&rec); err != nil {
			f.t.Fatal(err)
		}
		out = append(out, rec.GetEvent())
	}
	return out
}
