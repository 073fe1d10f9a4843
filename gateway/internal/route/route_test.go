package route_test

import (
	"slices"
	"testing"

	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/authz"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

func load(t *testing.T) *route.Table {
	t.Helper()
	rules, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	table, err := route.Load(rules)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestRoutes(t *testing.T) {
	table := load(t)
	for _, tc := range []struct {
		method, template, rpc, owner string
		body                         route.Body
		xml, writes                  bool
		query                        int
	}{
		{"POST", "/api/clinical/charts", "/fleet.clinical.v1.ChartService/ImportCharts", "clinical", route.XML, false, true, 0},
		{"GET", "/api/clinical/charts/{id=*}/nemsis", "/fleet.clinical.v1.ChartService/GetChartNemsis", "clinical", route.NoBody, true, false, 1},
		{"PUT", "/api/agencies/{agency_id=*}/modules/{module=*}", "/fleet.agency.v1.ModuleService/UpdateModule", "agency", route.JSON, false, true, 0},
		{"POST", "/api/agencies", "/fleet.agency.v1.AgencyService/CreateAgency", "agency", route.JSON, false, true, 1},
		{"GET", "/api/qa/cases", "/fleet.qa.v1.CaseService/ListCases", "qa", route.NoBody, false, false, 7},
		{"DELETE", "/api/sessions/{id=*}", "/fleet.gateway.v1.SessionService/EndSession", "gateway", route.NoBody, false, true, 0},
	} {
		r, ok := table.Lookup(tc.method, tc.template)
		if !ok || r.Method != tc.rpc || r.Owner != tc.owner || r.Body != tc.body || r.AnswersDocument != tc.xml || r.Writes() != tc.writes || len(r.Query) != tc.query {
			t.Errorf("%s %s: %+v", tc.method, tc.template, r)
		}
	}
	if _, ok := table.Lookup("DELETE", "/api/agencies"); ok {
		t.Error("a route that nobody declared")
	}
	for _, r := range table.All() {
		if r.Rule == nil || r.NewInput() == nil {
			t.Errorf("%s has no rule or no message", r.Method)
		}
	}
}

func TestAllowed(t *testing.T) {
	table := load(t)
	for path, want := range map[string][]string{
		"/api/clinical/charts":                           {"GET", "POST"},
		"/api/qa/cases/17":                               {"GET"},
		"/api/nothing":                                   nil,
		"/api/qa/cases/17/x":                             nil,
		"/api/qa/cases/":                                 nil,
		"/api/agencies/7/modules/qa":                     {"PUT"},
		"/api/reports/templates/response-time:run":       {"POST"},
		"/api/governance/policies/k/versions/3:activate": {"GET", "POST"},
	} {
		if got := table.Allowed(path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
