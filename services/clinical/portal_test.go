package clinical_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/rpc"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

// An agency administrator hands a document in: it is stored, recorded as theirs, and closed to them.
func TestAPersonImports(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	for _, agency := range []int64{north, south} {
		doc := demo(t)[agency]["stemi"]
		admin := f.as("agency_administrator", agency, "admin")
		res, err := charts.ImportCharts(admin, documentOf(doc.XML))
		if err != nil || len(res.GetCharts()) != 1 || res.GetCharts()[0].GetPcrNumber() != doc.PCRNumber {
			t.Fatalf("import: %v, %v", res, err)
		}
		if _, err := charts.GetChart(admin, &clinicalv1.GetChartRequest{Id: res.GetCharts()[0].GetId()}); status.Code(err) != codes.PermissionDenied {
			t.Errorf("the administrator reads the chart: %v", err)
		}
	}
	if _, err := charts.ImportCharts(f.as("founder", 0, "founder"), documentOf(demo(t)[north]["stemi"].XML)); status.Code(err) != codes.PermissionDenied {
		t.Errorf("the founder without an agency: %v", err)
	}
	for _, role := range []string{"clinical_staff", "qa_reviewer", "billing_staff", "compliance_officer"} {
		if _, err := charts.ImportCharts(f.as(role, north, role), documentOf(demo(t)[north]["stemi"].XML)); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s imports: %v", role, err)
		}
	}
	recorded := map[int64]bool{}
	for _, e := range f.audited() {
		if e.GetActor() == "admin" && strings.HasSuffix(e.GetAction(), "ImportCharts") && e.GetOutcome() == auditv1.Outcome_OUTCOME_SUCCESS {
			recorded[e.GetAgencyId()] = e.GetActorKind() == "human" && e.GetRole() == "agency_administrator"
		}
	}
	if !recorded[north] || !recorded[south] {
		t.Errorf("the records name person and role for %v", recorded)
	}
}

func TestSearchAndCountOverTheEdge(t *testing.T) {
	f := boot(t)
	charts := clinicalv1.NewChartServiceClient(f.dial("gateway"))
	n := 0
	for _, d := range demo(t)[north] {
		if n++; n <= 3 {
			mustImport(t, f, charts, north, d.XML, "201")
		}
	}
	mustImport(t, f, charts, south, demo(t)[south]["stemi"].XML, "201")
	sup := f.as("clinical_supervisor", north, "sup")
	first, err := charts.SearchCharts(sup, &clinicalv1.SearchChartsRequest{Query: " m1 ", PageSize: 2})
	if err != nil || len(first.GetCharts()) != 2 || first.GetNextPageToken() == "" {
		t.Fatalf("first page: %v, %v", first, err)
	}
	second, err := charts.SearchCharts(sup, &clinicalv1.SearchChartsRequest{Query: "M1", PageSize: 2, PageToken: first.GetNextPageToken()})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("a token with another query: %v, %v", second, err)
	}
	second, err = charts.SearchCharts(sup, &clinicalv1.SearchChartsRequest{Query: "m1", PageSize: 2, PageToken: first.GetNextPageToken()})
	if err != nil || len(second.GetCharts()) != 1 || second.GetNextPageToken() != "" {
		t.Errorf("second page: %v, %v", second, err)
	}
	if _, err := charts.SearchCharts(sup, &clinicalv1.SearchChartsRequest{Query: "  a  "}); rpc.FromStatus(err) == nil || rpc.FromStatus(err).Reason != "QUERY_TOO_SHORT" {
		t.Errorf("one letter between spaces: %v", err)
	}
	sum, err := charts.GetChartSummary(f.as("agency_administrator", north, "admin"), &clinicalv1.GetChartSummaryRequest{TimeZone: "America/Chicago"})
	if err != nil || sum.GetCharts() != 3 || len(sum.GetDays()) != 30 || sum.GetDays()[29].GetCharts() != 3 || sum.GetTimeZone() != "America/Chicago" {
		t.Errorf("summary: %v, %v", sum, err)
	}
	if _, err := charts.GetChartSummary(sup, &clinicalv1.GetChartSummaryRequest{TimeZone: "Mars/Olympus"}); rpc.FromStatus(err) == nil || rpc.FromStatus(err).Reason != "TIME_ZONE_UNKNOWN" {
		t.Errorf("a zone of another planet: %v", err)
	}
}
