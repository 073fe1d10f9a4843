package edge_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

func TestStagesAreInOrder(t *testing.T) {
	w := newWorld(t)
	want := []string{"authentication", "agency", "policy", "limit", "request", "principal"}
	if got := w.edge.Stages(); !slices.Equal(got, want) {
		t.Fatalf("got %v", got)
	}
	// The same by behaviour: each request breaks everything from one stage on, and that stage answers.
	bad := map[string]string{"X-Agency-Id": "8", "Content-Type": "text/plain"}
	w.refused(w.do(request{method: "POST", path: "/api/clinical/charts", header: bad, body: strings.NewReader("x")}), 401, "TOKEN_MISSING")
	w.refused(w.do(request{method: "POST", path: "/api/clinical/charts", header: bad, body: strings.NewReader("x"), token: w.token(nil, "qa_reviewer")}), 403, "AGENCY_MISMATCH")
	delete(bad, "X-Agency-Id")
	w.refused(w.do(request{method: "POST", path: "/api/clinical/charts", header: bad, body: strings.NewReader("x"), token: w.token(nil, "qa_reviewer")}), 403, "SCOPE_MISSING")
	w.refused(w.do(request{method: "POST", path: "/api/clinical/charts", header: bad, body: strings.NewReader("x"), token: w.token(nil, "integration")}), 415, "UNSUPPORTED_MEDIA_TYPE")
	if w.services.calls != 0 {
		t.Fatal("a refused request reached a service")
	}
}

func TestCallReachesTheServiceAsItsCaller(t *testing.T) {
	w := newWorld(t)
	spoof := map[string]string{
		"X-Fleet-Principal": "forged", "X-Fleet-Agency": "9", "X-Fleet-Request-Id": "forged", "Grpc-Metadata-X-Fleet-Principal": "forged",
		"Grpc-Metadata-X-Fleet-Agency": "9", "X-Forwarded-User": "root", "X-Forwarded-For": "203.0.113.9", "X-Remote-User": "root",
		"Grpc-Timeout": "1n", "Cookie": "a=b", "Te": "trailers", "X-Request-Id": "forged", "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	a := w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer"), header: spoof})
	if a.code != 200 || a.json["subject"] != "u-qa_reviewer" || a.json["actor"] != "human" {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	p := w.services.seen
	if p.Subject != "u-qa_reviewer" || p.Actor != identity.Human || p.AgencyID != 7 || !slices.Equal(p.Roles, []string{"qa_reviewer"}) || p.ActingRole != "qa_reviewer" {
		t.Fatalf("the service saw %+v", p)
	}
	allowed := []string{":authority", "content-type", "user-agent", "grpc-accept-encoding", "x-fleet-principal", "x-fleet-request-id", "traceparent"}
	for key, values := range w.services.metadata {
		if !slices.Contains(allowed, key) || strings.Contains(strings.Join(values, ""), "forged") {
			t.Errorf("metadata %s: %v reached the service", key, values)
		}
	}
	if got := w.services.metadata["x-fleet-request-id"]; !slices.Equal(got, []string{a.header.Get("X-Request-Id")}) {
		t.Errorf("request id %v, answered %s", got, a.header.Get("X-Request-Id"))
	}
	if got := w.services.metadata["traceparent"]; !slices.Equal(got, []string{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}) {
		t.Errorf("traceparent %v", got)
	}
	if d := w.services.deadline; d <= 0 || d > callTime {
		t.Errorf("deadline in %s", d)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Grpc-") || strings.HasPrefix(name, "X-Fleet") {
			t.Errorf("header %s leaves the fleet", name)
		}
	}
}

func TestAgencyContext(t *testing.T) {
	w := newWorld(t)
	reviewer, founder := w.token(nil, "qa_reviewer"), w.token(nil, "founder")
	other := w.token(map[string]any{"agency_id": 8, "sub": "u-8"}, "qa_reviewer")
	for name, tc := range map[string]struct {
		token  string
		header map[string]string
		code   int
		reason string
		agency int64
		cross  bool
	}{
		"own":                       {reviewer, nil, 200, "", 7, false},
		"own of the other agency":   {other, nil, 200, "", 8, false},
		"own, named":                {reviewer, map[string]string{"X-Agency-Id": "7"}, 200, "", 7, false},
		"foreign":                   {reviewer, map[string]string{"X-Agency-Id": "8"}, 403, "AGENCY_MISMATCH", 0, false},
		"foreign, other way":        {other, map[string]string{"X-Agency-Id": "7"}, 403, "AGENCY_MISMATCH", 0, false},
		"not a number":              {reviewer, map[string]string{"X-Agency-Id": "seven"}, 400, "AGENCY_ID_INVALID", 0, false},
		"negative":                  {founder, map[string]string{"X-Agency-Id": "-7"}, 400, "AGENCY_ID_INVALID", 0, false},
		"reason of no founder":      {reviewer, map[string]string{"X-Access-Reason": "curious"}, 403, "CROSS_AGENCY_NOT_ALLOWED", 0, false},
		"founder alone":             {founder, nil, 403, "ACCESS_REASON_REQUIRED", 0, false},
		"founder names one":         {founder, map[string]string{"X-Agency-Id": "8"}, 200, "", 8, false},
		"founder crosses":           {founder, map[string]string{"X-Access-Reason": "quarterly review"}, 200, "", 0, true},
		"founder, both":             {founder, map[string]string{"X-Access-Reason": "audit", "X-Agency-Id": "7"}, 200, "", 7, false},
		"founder, blank reason":     {founder, map[string]string{"X-Access-Reason": "   "}, 400, "ACCESS_REASON_INVALID", 0, false},
		"founder, endless reason":   {founder, map[string]string{"X-Access-Reason": strings.Repeat("a", 501)}, 400, "ACCESS_REASON_INVALID", 0, false},
		"founder, unprintable text": {founder, map[string]string{"X-Access-Reason": "a\tb"}, 400, "ACCESS_REASON_INVALID", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			a := w.do(request{path: "/api/qa/cases", token: tc.token, header: tc.header})
			if tc.reason != "" {
				w.refused(a, tc.code, tc.reason)
				return
			}
			p := w.services.seen
			if a.code != tc.code || p.AgencyID != tc.agency || p.CrossAgency != tc.cross || p.AccessReason != tc.header["X-Access-Reason"] {
				t.Fatalf("%d %s: %+v", a.code, a.raw, p)
			}
		})
	}
}

// TestEveryRouteForEveryRole sends a real request for each route and role and compares the verdict with the services' rule:
// what may not pass is refused at the edge already, and what may passes it.
func TestEveryRouteForEveryRole(t *testing.T) {
	w := newWorld(t)
	type verdict struct{ route, role string }
	want := map[verdict]bool{}
	for _, r := range w.deps.Routes.All() {
		for _, role := range w.rules.Roles() {
			mayCall := r.Rule.GetAnyAuthenticated()
			for _, s := range r.Rule.GetScopes() {
				mayCall = mayCall || slices.Contains(role.Scopes, s)
			}
			human := len(r.Rule.GetActors()) == 0
			for _, a := range r.Rule.GetActors() {
				if (a.String() == "ACTOR_HUMAN") == !role.Machine && (a.String() == "ACTOR_HUMAN" || a.String() == "ACTOR_INTEGRATION") {
					human = true
				}
			}
			if role.Machine && len(r.Rule.GetActors()) == 0 {
				human = false
			}
			want[verdict{r.HTTPMethod + " " + r.Template, role.Name}] = mayCall && human
		}
	}
	for _, r := range w.deps.Routes.All() {
		for _, role := range w.rules.Roles() {
			header := map[string]string{}
			if role.CrossAgency {
				header["X-Agency-Id"] = "7"
			}
			a := w.do(request{method: r.HTTPMethod, path: r.SamplePath("1"), token: w.token(nil, role.Name), header: header})
			passed := a.code != 401 && a.code != 403 && a.code != 429
			if passed != want[verdict{r.HTTPMethod + " " + r.Template, role.Name}] {
				t.Errorf("%s %s as %s: %d %s", r.HTTPMethod, r.Template, role.Name, a.code, a.raw)
			}
		}
	}
}

func TestModuleOffAndOn(t *testing.T) {
	w := newWorld(t)
	reviewer, other := w.token(nil, "qa_reviewer"), w.token(map[string]any{"agency_id": 8, "sub": "u-8"}, "qa_reviewer")
	call := func(token string) answer { return w.do(request{path: "/api/qa/cases", token: token}) }
	if a := call(reviewer); a.code != 200 {
		t.Fatal(a.raw)
	}
	w.set(func(s *services) {
		s.revision, s.disabled = 2, []*agencyv1.DisabledModule{{AgencyId: 7, Module: "qa"}}
	})
	w.until("module off", func() bool { return call(reviewer).code == 403 })
	w.refused(call(reviewer), 403, "MODULE_DISABLED")
	if a := call(other); a.code != 200 {
		t.Fatalf("the other agency: %s", a.raw)
	}
	w.set(func(s *services) { s.revision, s.disabled = 3, nil })
	w.until("module on", func() bool { return call(reviewer).code == 200 })
}

func TestUnknownRegistryClosesModules(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.away = "agency" })
	a := w.do(request{path: "/api/qa/cases", token: w.token(nil, "qa_reviewer")})
	w.refused(a, 503, "MODULE_REGISTRY_UNAVAILABLE")
	w.refused(w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")}), 503, "SERVICE_UNAVAILABLE")
}

func TestStepUp(t *testing.T) {
	w := newWorld(t)
	path := "/api/governance/policies/qa.triggers/versions/2:activate"
	old := w.token(map[string]any{"auth_time": w.clock.Now().Add(-16 * time.Minute).Unix()}, "founder")
	a := w.do(request{method: "POST", path: path, token: old})
	w.refused(a, 403, "STEP_UP_REQUIRED")
	if c := a.header.Get("WWW-Authenticate"); !strings.Contains(c, "insufficient_user_authentication") {
		t.Fatalf("challenge %q", c)
	}
	// The audit service of this test has no such method: the edge let it pass.
	if a := w.do(request{method: "POST", path: path, token: w.token(nil, "founder")}); a.code == 403 {
		t.Fatal(a.raw)
	}
}

func TestAgent(t *testing.T) {
	w := newWorld(t)
	agent := map[string]any{"act": map[string]any{"sub": "u-1"}, "preferred_username": "agent"}
	w.refused(w.do(request{path: "/api/me", token: w.token(agent, "founder")}), 409, "POLICY_VERSION_REQUIRED")
	agent["policy_version_id"] = "v-3"
	if a := w.do(request{path: "/api/me", token: w.token(agent, "founder")}); a.code != 200 || a.json["actor"] != "ai" {
		t.Fatal(a.raw)
	}
	if p := w.services.seen; p.Delegator != "u-1" || p.PolicyVersionID != "v-3" {
		t.Fatalf("%+v", p)
	}
	w.refused(w.do(request{path: "/api/governance/policies", token: w.token(agent, "founder")}), 403, "ACTOR_NOT_ALLOWED")
}

func TestRateLimitAcrossReplicas(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.limits = limit.Limits{Window: time.Minute, Identity: 10} })
	second := *w
	limits, err := newLimiter(w.redis.Addr(), limit.Limits{Window: time.Minute, Identity: 10}, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	w.run(limits.Run)
	w.until("second replica", func() bool { return limits.Ready(t.Context()) == nil })
	deps := w.deps
	deps.Limits = limits
	if second.edge, err = edge.New(t.Context(), deps); err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Replica") == "2" {
			second.edge.ServeHTTP(rw, r)
			return
		}
		w.edge.ServeHTTP(rw, r)
	})
	token := w.token(nil, "qa_reviewer")
	passed := 0
	var last answer
	for i := range 25 {
		last = w.do(request{path: "/api/me", token: token, header: map[string]string{"X-Replica": []string{"1", "2"}[i%2]}})
		if last.code == 200 {
			passed++
		}
	}
	if passed != 10 {
		t.Fatalf("%d passed", passed)
	}
	w.refused(last, 429, "RATE_LIMITED")
	if last.header.Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	if a := w.do(request{path: "/api/me", token: w.token(nil, "billing_staff")}); a.code != 200 {
		t.Fatalf("another identity: %s", a.raw)
	}
}

func TestGuessedTokensAreLimited(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.limits = limit.Limits{Window: time.Minute, Identity: 100, Failures: 3} })
	for range 3 {
		a := w.do(request{path: "/api/me", token: "guess"})
		w.refused(a, 401, "TOKEN_INVALID")
		if !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
			t.Fatal(a.header)
		}
	}
	w.refused(w.do(request{path: "/api/me", token: "guess"}), 429, "RATE_LIMITED")
	if _, n := w.refusals.last(); n != 3 {
		t.Fatalf("%d audit records", n)
	}
	if a := w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")}); a.code != 200 {
		t.Fatalf("a good token from the same address: %s", a.raw)
	}
}

func TestRefusalsAreLimitedToo(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.limits = limit.Limits{Window: time.Minute, Identity: 3} })
	token := w.token(nil, "billing_staff")
	for range 3 {
		w.refused(w.do(request{path: "/api/qa/cases", token: token}), 403, "SCOPE_MISSING")
	}
	w.refused(w.do(request{path: "/api/qa/cases", token: token}), 429, "RATE_LIMITED")
	f, n := w.refusals.last()
	if n != 3 || f.Reason != "SCOPE_MISSING" || f.Action != "fleet.qa.v1.CaseService/ListCases" || f.Principal.Subject != "u-billing_staff" || f.Principal.AgencyID != 7 {
		t.Fatalf("%d %+v", n, f)
	}
}

func TestRedisAway(t *testing.T) {
	w := newWorld(t)
	w.redis.Close()
	if a := w.do(request{path: "/api/qa/cases", token: w.token(nil, "qa_reviewer")}); a.code != 200 {
		t.Fatalf("a read: %s", a.raw)
	}
	body := strings.NewReader(`{"enabled":true}`)
	a := w.do(request{method: "PUT", path: "/api/agencies/7/modules/qa", token: w.token(nil, "founder"), body: body, header: map[string]string{"Content-Type": "application/json"}})
	w.refused(a, 503, "LIMITER_UNAVAILABLE")
	if a.header.Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, f := range families {
		if len(f.GetMetric()) == 1 && f.GetMetric()[0].GetCounter() != nil {
			counted[f.GetName()] = f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if counted["gateway_limiter_open_total"] != 1 || counted["gateway_limiter_closed_total"] != 1 {
		t.Fatal(counted)
	}
}

func TestRecord(t *testing.T) {
	w := newWorld(t)
	id := "0190b7c4-0000-7000-8000-000000000001"
	w.do(request{path: "/api/qa/cases/" + id, token: w.token(nil, "qa_reviewer")})
	w.do(request{path: "/api/qa/cases?chartId=" + id, token: w.token(nil, "founder"), header: map[string]string{"X-Access-Reason": "review"}})
	w.do(request{path: "/api/qa/cases/" + id, token: w.token(nil, "billing_staff")})
	w.do(request{path: "/api/secret/" + id})
	w.do(request{path: "/api/me"})
	if strings.Contains(w.log.String(), id) {
		t.Fatal("an id of a resource is in the access log")
	}
	want := []map[string]any{
		{"identity": "quinn", "role": "qa_reviewer", "agency_id": 7.0, "endpoint": "/api/qa/cases/{id}", "method": "GET", "outcome": "success", "status": 200.0, "scope": "qa:read", "reason": nil},
		{"identity": "quinn", "role": "founder", "agency_id": nil, "endpoint": "/api/qa/cases", "outcome": "success", "cross_agency": true},
		{"identity": "quinn", "role": "billing_staff", "agency_id": 7.0, "endpoint": "/api/qa/cases/{id}", "outcome": "denied", "status": 403.0, "reason": "SCOPE_MISSING"},
		{"identity": "anonymous", "endpoint": "unmatched", "outcome": "error", "status": 404.0, "reason": "ROUTE_UNKNOWN"},
		{"identity": "anonymous", "endpoint": "/api/me", "outcome": "denied", "status": 401.0, "reason": "TOKEN_MISSING"},
	}
	got := w.records()
	if len(got) != len(want) {
		t.Fatalf("%d records", len(got))
	}
	for i := range want {
		for _, name := range []string{"timestamp", "response_time_ms", "request_id"} {
			if got[i][name] == nil {
				t.Errorf("record %d lacks %s", i, name)
			}
		}
		for name, v := range want[i] {
			if got[i][name] != v {
				t.Errorf("record %d: %s is %v, want %v", i, name, got[i][name], v)
			}
		}
	}
}
