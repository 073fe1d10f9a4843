//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

func TestHealthAndReadiness(t *testing.T) {
	nobody := caller{}
	nobody.get(t, "/healthz").want(t, 200)
	nobody.get(t, "/readyz").want(t, 200)
	var doc map[string]any
	if err := json.Unmarshal(nobody.get(t, "/openapi.json").want(t, 200).body, &doc); err != nil || doc["openapi"] == "" {
		t.Errorf("openapi.json: %v", err)
	}
	if page := nobody.get(t, "/docs").want(t, 200); !strings.Contains(page.header.Get("Content-Type"), "text/html") {
		t.Errorf("docs: %v", page.header)
	}
	nobody.get(t, "/api/no-such-route").refused(t, 404)
	nobody.get(t, "/api/qa/cases").refused(t, 401)
}

func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTokensLookLikeKeycloaks(t *testing.T) {
	agency := agencies(t)[0]
	c := claims(t, as(t, "qa_reviewer", agency).token)
	roles, _ := c["realm_access"].(map[string]any)
	if list, _ := roles["roles"].([]any); !slices.Contains(list, any("qa_reviewer")) {
		t.Errorf("realm_access %v", c["realm_access"])
	}
	if c["agency_id"] != float64(agency) || c["acr"] != "2" || c["typ"] != "Bearer" {
		t.Errorf("claims %v", c)
	}
	if scope, _ := c["scope"].(string); !slices.Contains(strings.Fields(scope), "qa:read") {
		t.Errorf("scope %q", c["scope"])
	}
	if life := c["exp"].(float64) - c["iat"].(float64); life != 900 {
		t.Errorf("life %v s, want 900", life)
	}
	if c["iss"] != env(t, "OIDC_ISSUER") {
		t.Errorf("issuer %v", c["iss"])
	}
}

func TestSecondFactorIsNeeded(t *testing.T) {
	u := users(t)[0]
	form := url.Values{"grant_type": {"password"}, "client_id": {env(t, "DEMO_CLIENT_ID")}, "username": {u.Name}, "password": {env(t, "DEMO_PASSWORD")}}
	for _, code := range []string{"", "000000", "abc"} {
		if code != "" {
			form.Set("totp", code)
		}
		if status, body := postForm(t, form); status < 400 || strings.Contains(string(body), "access_token") {
			t.Errorf("code %q: %d %s", code, status, body)
		}
	}
}

func TestMe(t *testing.T) {
	for _, agency := range agencies(t) {
		var me agencyv1.Me
		as(t, "billing_staff", agency).get(t, "/api/me").want(t, 200).into(t, &me)
		if me.GetAgency().GetId() != agency || !slices.Contains(me.GetRoles(), "billing_staff") ||
			!slices.Contains(me.GetScopes(), "billing:read") || !slices.Contains(me.GetModules(), "billing") {
			t.Errorf("me %v", &me)
		}
	}
}

func TestAgencyContext(t *testing.T) {
	a, b := agencies(t)[0], agencies(t)[1]
	reviewer := as(t, "qa_reviewer", a)
	reviewer.with("X-Agency-Id", fmt.Sprint(a)).get(t, "/api/qa/cases").want(t, 200)
	reviewer.with("X-Agency-Id", fmt.Sprint(b)).get(t, "/api/qa/cases").refused(t, 403, "AGENCY_MISMATCH")
	reviewer.with("X-Access-Reason", "curious").get(t, "/api/qa/cases").refused(t, 403)
	// Identity headers from outside are worth nothing.
	forged := caller{}.with("X-Fleet-Principal", "x").with("Grpc-Metadata-X-Fleet-Agency", "1").with("X-Forwarded-User", "founder")
	forged.get(t, "/api/qa/cases").refused(t, 401)
}

const period = `{"from":"%s","to":"%s","groupBy":"unit"}`

func lastMonth() string {
	now := time.Now().UTC()
	return fmt.Sprintf(period, now.AddDate(0, -1, 0).Format(time.RFC3339), now.Format(time.RFC3339))
}

func TestResponseTimeReport(t *testing.T) {
	const run = "/api/reports/templates/response-time:run"
	var executions []string
	for _, agency := range agencies(t) {
		admin := as(t, "agency_administrator", agency)
		var got, again reportingv1.Execution
		admin.send(t, "POST", run, lastMonth()).want(t, 200).into(t, &got)
		if got.GetAgencyId() != agency || got.GetN() == 0 || got.GetId() == "" || got.GetDataAsOf() == nil || len(got.GetRows()) < 2 {
			t.Fatalf("execution %v", &got)
		}
		sum := int32(0)
		for _, row := range got.GetRows() {
			sum += row.GetN()
			if row.GetN() > 0 && (row.GetMedianSeconds() <= 0 || row.GetP90Seconds() < row.GetMedianSeconds()) {
				t.Errorf("row %v", row)
			}
		}
		if sum != got.GetN() {
			t.Errorf("rows hold %d calls, the report says %d", sum, got.GetN())
		}
		first := admin.get(t, "/api/reports/executions/"+got.GetId()).want(t, 200)
		first.into(t, &again)
		if again.GetResultSha256() != got.GetResultSha256() || again.GetN() != got.GetN() {
			t.Error("the execution does not repeat its answer")
		}
		executions = append(executions, got.GetId())
	}
	for i, agency := range agencies(t) {
		as(t, "agency_administrator", agency).get(t, "/api/reports/executions/"+executions[1-i]).refused(t, 404, "EXECUTION_NOT_FOUND")
	}
	var all reportingv1.Execution
	founder(t).with("X-Access-Reason", "monthly comparison").send(t, "POST", run, lastMonth()).want(t, 200).into(t, &all)
	if len(all.GetRows()) != 2 {
		t.Errorf("%d rows across two agencies", len(all.GetRows()))
	}
	founder(t).send(t, "POST", run, lastMonth()).refused(t, 403, "ACCESS_REASON_REQUIRED")
	bad := fmt.Sprintf(period, "2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")
	as(t, "agency_administrator", agencies(t)[0]).send(t, "POST", run, bad).refused(t, 400, "PERIOD_INVALID")
	as(t, "agency_administrator", agencies(t)[0]).send(t, "POST", run, `{"fromm":"x"}`).refused(t, 400)
}

func TestGovernance(t *testing.T) {
	f := founder(t)
	const versions = "/api/governance/policies/qa.triggers/versions"
	var list auditv1.ListPolicyVersionsResponse
	f.get(t, versions).want(t, 200).into(t, &list)
	var active *auditv1.PolicyVersion
	for _, v := range list.GetVersions() {
		if v.GetActive() {
			active = v
		}
	}
	if active == nil || len(active.GetSha256()) != 64 {
		t.Fatalf("no active version in %v", &list)
	}
	doc, err := json.Marshal(active.GetDocument().AsMap())
	if err != nil {
		t.Fatal(err)
	}
	var made auditv1.PolicyVersion
	f.send(t, "POST", versions, fmt.Sprintf(`{"document":%s,"comment":"same rules, new version"}`, doc)).want(t, 201).into(t, &made)
	if made.GetVersion() <= active.GetVersion() || made.GetActive() {
		t.Fatalf("made %v", &made)
	}
	path := fmt.Sprintf("%s/%d", versions, made.GetVersion())
	f.send(t, "POST", path+":activate", `{}`).want(t, 200)
	var now auditv1.PolicyVersion
	f.get(t, path).want(t, 200).into(t, &now)
	if !now.GetActive() {
		t.Error("the activated version is not in force")
	}
	f.send(t, "POST", versions, `{"document":{"nonsense":true},"comment":"x"}`).refused(t, 400, "POLICY_INVALID")
	f.get(t, "/api/governance/policies/no.such/versions").refused(t, 404)
	as(t, "agency_administrator", agencies(t)[0]).get(t, versions).refused(t, 403)

	// What is judged from now on names the new version.
	eventually(t, "case under the new version", func() bool {
		for _, d := range unseen(t) {
			if d.AgencyIndex != 0 || len(d.Expect.Triggers) == 0 {
				continue
			}
			c := importOne(t, agencies(t)[0], d.XML)
			var cases qav1.ListCasesResponse
			eventually(t, "case", func() bool {
				cases.Reset()
				as(t, "qa_reviewer", agencies(t)[0]).get(t, "/api/qa/cases?chartId="+c.GetId()).want(t, 200).into(t, &cases)
				return len(cases.GetCases()) > 0
			})
			return cases.GetCases()[0].GetPolicyVersion().GetVersion() == made.GetVersion()
		}
		return false
	})
}

func TestModuleSwitch(t *testing.T) {
	f := founder(t)
	agency, other := agencies(t)[0], agencies(t)[1]
	path := fmt.Sprintf("/api/agencies/%d/modules/qa", agency)
	f.send(t, "PUT", path, `{}`).refused(t, 400)
	f.send(t, "PUT", path, `{"enabled":false,"reason":"contract under review"}`).want(t, 200)
	t.Cleanup(func() { f.send(t, "PUT", path, `{"enabled":true}`) })
	reviewer := as(t, "qa_reviewer", agency)
	eventually(t, "module off", func() bool { return reviewer.get(t, "/api/qa/cases").status == http.StatusForbidden })
	reviewer.get(t, "/api/qa/cases").refused(t, 403, "MODULE_DISABLED")
	as(t, "qa_reviewer", other).get(t, "/api/qa/cases").want(t, 200)

	// What arrives meanwhile waits, and only for this module and agency.
	var chartID string
	for _, d := range unseen(t) {
		if d.AgencyIndex == 0 && len(d.Expect.Triggers) > 0 {
			chartID = importOne(t, agency, d.XML).GetId()
			break
		}
	}
	eventually(t, "claim while qa is off", func() bool {
		var claims billingv1.ListClaimsResponse
		as(t, "billing_staff", agency).get(t, "/api/billing/claims?chartId="+chartID).want(t, 200).into(t, &claims)
		return len(claims.GetClaims()) == 1
	})
	f.send(t, "PUT", path, `{"enabled":true}`).want(t, 200)
	eventually(t, "case after the module is on again", func() bool {
		a := reviewer.get(t, "/api/qa/cases?chartId="+chartID)
		if a.status != http.StatusOK {
			return false
		}
		var cases qav1.ListCasesResponse
		a.into(t, &cases)
		return len(cases.GetCases()) == 1
	})
}
