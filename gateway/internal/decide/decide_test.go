package decide_test

import (
	"testing"
	"time"

	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/policy"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newPolicy(t testing.TB) (*decide.Policy, *authz.Table) {
	t.Helper()
	rules, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := decide.New(t.Context(), policy.Module, policy.Data, rules)
	if err != nil {
		t.Fatal(err)
	}
	return p, rules
}

func holder(rules *authz.Table, roles ...string) identity.Principal {
	p := identity.Principal{
		Subject: "u1", Actor: identity.Human, ACR: "2", AuthTime: now.Add(-time.Minute), AgencyID: 7,
		Roles: roles, Scopes: rules.ScopesOf(roles),
	}
	if len(roles) == 1 && roles[0] == "integration" {
		p.Actor, p.ACR = identity.Integration, "1"
	}
	return p
}

// TestSameAnswerAsTheServices asks the policy and the services' own check about every method, role and circumstance: two
// layers that disagree are two policies.
func TestSameAnswerAsTheServices(t *testing.T) {
	p, rules := newPolicy(t)
	questions, allowed := 0, 0
	for _, method := range rules.Methods() {
		for _, role := range rules.Roles() {
			for name, change := range circumstances {
				who := holder(rules, role.Name)
				change(&who)
				got, err := p.Evaluate(t.Context(), decide.Request{Method: method, Principal: &who, Now: now})
				if err != nil {
					t.Fatal(err)
				}
				_, want := rules.Authorize(authz.Caller{Service: "gateway", Principal: who}, method, now)
				questions++
				if got.Allowed {
					allowed++
				}
				if got.Allowed != (want == nil) || (want != nil && got.Reason != errs.Reason(want)) {
					t.Errorf("%s as %s (%s): policy says %+v, the service %v", method, role.Name, name, got, want)
				}
			}
		}
	}
	if questions < 1000 || allowed == 0 {
		t.Fatalf("%d questions, %d allowed", questions, allowed)
	}
}

var circumstances = map[string]func(*identity.Principal){
	"as is":              func(*identity.Principal) {},
	"no agency":          func(p *identity.Principal) { p.AgencyID = 0 },
	"crossing":           func(p *identity.Principal) { p.AgencyID, p.CrossAgency, p.AccessReason = 0, true, "review" },
	"crossing, silent":   func(p *identity.Principal) { p.AgencyID, p.CrossAgency = 0, true },
	"one factor":         func(p *identity.Principal) { p.ACR = "1" },
	"old factor":         func(p *identity.Principal) { p.AuthTime = now.Add(-16 * time.Minute) },
	"no factor time":     func(p *identity.Principal) { p.AuthTime = time.Time{} },
	"ai":                 func(p *identity.Principal) { p.Actor, p.PolicyVersionID = identity.AI, "v1" },
	"ai without version": func(p *identity.Principal) { p.Actor = identity.AI },
	"integration":        func(p *identity.Principal) { p.Actor = identity.Integration },
	"no scopes":          func(p *identity.Principal) { p.Scopes = nil },
	"no roles":           func(p *identity.Principal) { p.Roles = nil },
}

func TestModuleOff(t *testing.T) {
	p, rules := newPolicy(t)
	who := holder(rules, "qa_reviewer")
	ask := func(off map[string]bool, revision int64) decide.Decision {
		d, err := p.Decide(t.Context(), decide.Request{
			Method: "/fleet.qa.v1.CaseService/ListCases", Principal: &who, Now: now, Disabled: off, Revision: revision,
		})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if d := ask(nil, 1); !d.Allowed || d.Role != "qa_reviewer" || d.Scope != "qa:read" {
		t.Fatalf("module on: %+v", d)
	}
	if d := ask(map[string]bool{"qa": true}, 2); d.Allowed || d.Reason != "MODULE_DISABLED" {
		t.Fatalf("module off: %+v", d)
	}
	if d := ask(nil, 3); !d.Allowed {
		t.Fatalf("module on again: %+v", d)
	}
}

// TestStepUpIsNotRemembered guards the only input that the key of remembered decisions leaves out.
func TestStepUpIsNotRemembered(t *testing.T) {
	p, rules := newPolicy(t)
	for _, method := range rules.Methods() {
		who := holder(rules, "founder")
		ask := func(at time.Time) bool {
			d, err := p.Decide(t.Context(), decide.Request{Method: method, Principal: &who, Now: at})
			if err != nil {
				t.Fatal(err)
			}
			return d.Allowed
		}
		fresh, stale := ask(now), ask(now.Add(time.Hour))
		rule, _ := rules.Rule(method)
		if want := fresh && !rule.GetStepUp(); stale != want {
			t.Errorf("%s: allowed %v at first, %v an hour later, step-up %v", method, fresh, stale, rule.GetStepUp())
		}
	}
}

func TestRefusesABrokenPolicy(t *testing.T) {
	rules, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	open := []byte("package fleet.gateway\nallow := true\nreason := \"\"")
	if _, err := decide.New(t.Context(), open, policy.Data, rules); err == nil {
		t.Fatal("a policy that permits everything passed the self-test")
	}
	if _, err := decide.New(t.Context(), []byte("package"), policy.Data, rules); err == nil {
		t.Fatal("a policy that does not parse was taken")
	}
	if _, err := decide.New(t.Context(), policy.Module, []byte("{"), rules); err == nil {
		t.Fatal("data that do not parse were taken")
	}
}

func BenchmarkDecide(b *testing.B) {
	p, rules := newPolicy(b)
	who := holder(rules, "qa_reviewer")
	r := decide.Request{Method: "/fleet.qa.v1.CaseService/GetCase", Principal: &who, Now: now}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			if d, err := p.Evaluate(b.Context(), r); err != nil || !d.Allowed {
				b.Fatal(d, err)
			}
		}
	})
	b.Run("cold-denied", func(b *testing.B) {
		denied := r
		denied.Method = "/fleet.billing.v1.ClaimService/GetClaim"
		for b.Loop() {
			if d, err := p.Evaluate(b.Context(), denied); err != nil || d.Allowed {
				b.Fatal(d, err)
			}
		}
	})
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			if d, err := p.Decide(b.Context(), r); err != nil || !d.Allowed {
				b.Fatal(d, err)
			}
		}
	})
}
