package authz_test

import (
	"encoding/csv"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"

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

func load(t *testing.T) *authz.Table {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// persona is a user with one role, all of its scopes, a fresh second factor and what tenancy the method asks for.
func persona(table *authz.Table, role string, rule *authzv1.Rule) identity.Principal {
	p := identity.Principal{
		Subject: role, Actor: identity.Human, Roles: []string{role}, Scopes: table.ScopesOf([]string{role}),
		AgencyID: 7, ACR: "2", AuthTime: now.Add(-time.Minute),
	}
	if role == "integration" {
		p.Actor, p.ACR, p.AuthTime = identity.Integration, "", time.Time{}
	}
	if role == "founder" && rule.GetTenancy() == authzv1.Tenancy_TENANCY_AGENCY_OR_CROSS {
		p.AgencyID, p.CrossAgency, p.AccessReason = 0, true, "quarterly review"
	}
	return p
}

func gateway(p identity.Principal) authz.Caller {
	return authz.Caller{Service: "gateway", Principal: p}
}

func TestMatrix(t *testing.T) {
	table := load(t)
	f, err := os.Open("../../gateway/policy/matrix.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range table.Roles() {
		names = append(names, r.Name)
	}
	header := rows[0][1:]
	if missing := without(names, header); len(missing) > 0 {
		t.Errorf("roles without a column: %v", missing)
	}
	var listed []string
	for _, row := range rows[1:] {
		listed = append(listed, row[0])
		rule, ok := table.Rule(row[0])
		if !ok {
			t.Errorf("%s is in the matrix and nowhere else", row[0])
			continue
		}
		for i, role := range header {
			_, err := table.Authorize(gateway(persona(table, role, rule)), row[0], now)
			if got := verdict(err); got != row[i+1] {
				t.Errorf("%s as %s: %s, the matrix says %s (%v)", row[0], role, got, row[i+1], err)
			}
		}
	}
	if missing := without(table.Methods(), listed); len(missing) > 0 {
		t.Errorf("methods without a verdict: %v", missing)
	}
}

func verdict(err error) string {
	if err == nil {
		return "allow"
	}
	return "deny"
}

func without(all, have []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(have, s) })
}

const (
	listCases  = "/fleet.qa.v1.CaseService/ListCases"
	activate   = "/fleet.audit.v1.PolicyService/ActivatePolicyVersion"
	personnel  = "/fleet.clinical.v1.PersonnelService/ListPersonnel"
	chartFacts = "/fleet.clinical.v1.ChartFactsService/GetChartFacts"
	getMe      = "/fleet.agency.v1.MeService/GetMe"
)

func TestRefusals(t *testing.T) {
	table := load(t)
	reviewer := identity.Principal{
		Subject: "r", Actor: identity.Human, Roles: []string{"qa_reviewer"}, Scopes: []string{"qa:read"},
		AgencyID: 7, ACR: "2", AuthTime: now,
	}
	founder := identity.Principal{
		Subject: "f", Actor: identity.Human, Roles: []string{"founder"}, Scopes: table.ScopesOf([]string{"founder"}),
		ACR: "2", AuthTime: now,
	}
	change := func(p identity.Principal, f func(*identity.Principal)) identity.Principal { f(&p); return p }
	for name, tc := range map[string]struct {
		caller authz.Caller
		method string
		reason string
	}{
		"unknown method":        {gateway(reviewer), "/fleet.qa.v1.CaseService/DropAll", authz.ReasonMethodUnknown},
		"one factor":            {gateway(change(reviewer, func(p *identity.Principal) { p.ACR = "1" })), listCases, authz.ReasonSecondFactor},
		"no agency":             {gateway(change(reviewer, func(p *identity.Principal) { p.AgencyID = 0 })), listCases, authz.ReasonAgencyRequired},
		"scope without role":    {gateway(change(reviewer, func(p *identity.Principal) { p.Roles = []string{"billing_staff"} })), listCases, authz.ReasonScopeMissing},
		"role without scope":    {gateway(change(reviewer, func(p *identity.Principal) { p.Scopes = nil })), listCases, authz.ReasonScopeMissing},
		"no role at all":        {gateway(change(reviewer, func(p *identity.Principal) { p.Roles = nil })), getMe, authz.ReasonScopeMissing},
		"reviewer crossing":     {gateway(change(reviewer, func(p *identity.Principal) { p.CrossAgency, p.AccessReason = true, "x" })), listCases, authz.ReasonCrossAgencyDenied},
		"founder, no reason":    {gateway(founder), listCases, authz.ReasonAccessReason},
		"crossing, no reason":   {gateway(change(founder, func(p *identity.Principal) { p.CrossAgency = true })), listCases, authz.ReasonAccessReason},
		"crossing, one agency":  {gateway(change(founder, func(p *identity.Principal) { p.CrossAgency, p.AccessReason = true, "x" })), personnel, authz.ReasonCrossAgencyDenied},
		"stale second factor":   {gateway(change(founder, func(p *identity.Principal) { p.AuthTime = now.Add(-16 * time.Minute) })), activate, authz.ReasonStepUp},
		"unknown second factor": {gateway(change(founder, func(p *identity.Principal) { p.AuthTime = time.Time{} })), activate, authz.ReasonStepUp},
		"user via a service":    {authz.Caller{Service: "billing", Principal: reviewer}, listCases, authz.ReasonCallerNotAllowed},
		"service, wrong one":    {authz.Caller{Service: "billing", Principal: identity.ForService("billing", 7)}, chartFacts, authz.ReasonCallerNotAllowed},
		"service, other name":   {authz.Caller{Service: "billing", Principal: identity.ForService("qa", 7)}, chartFacts, authz.ReasonCallerNotAllowed},
		"service, no agency":    {authz.Caller{Service: "qa", Principal: identity.ForService("qa", 0)}, chartFacts, authz.ReasonAgencyRequired},
		"service, user method":  {authz.Caller{Service: "qa", Principal: identity.ForService("qa", 7)}, listCases, authz.ReasonCallerNotAllowed},
		"user, service method":  {gateway(founder), chartFacts, authz.ReasonActorNotAllowed},
		"AI without a policy":   {gateway(change(reviewer, func(p *identity.Principal) { p.Actor = identity.AI })), getMe, authz.ReasonPolicyVersion},
		"AI on a human method":  {gateway(change(reviewer, func(p *identity.Principal) { p.Actor, p.PolicyVersionID = identity.AI, "v" })), listCases, authz.ReasonActorNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := table.Authorize(tc.caller, tc.method, now)
			if errs.Reason(err) != tc.reason || err == nil {
				t.Fatalf("got %v, want %s", err, tc.reason)
			}
		})
	}
}

func TestServiceMayCallWhatNamesIt(t *testing.T) {
	g, err := load(t).Authorize(authz.Caller{Service: "qa", Principal: identity.ForService("qa", 7)}, chartFacts, now)
	if err != nil || g.Role != identity.SystemRole {
		t.Fatalf("%+v %v", g, err)
	}
}

// A person with two roles acts under the one that grants the call.
func TestActingRoleIsTheOneThatGrants(t *testing.T) {
	table := load(t)
	roles := []string{"clinical_staff", "qa_reviewer"}
	p := identity.Principal{
		Subject: "x", Actor: identity.Human, Roles: roles, Scopes: table.ScopesOf(roles), AgencyID: 7, ACR: "2", AuthTime: now,
	}
	g, err := table.Authorize(gateway(p), listCases, now)
	if err != nil || g.Role != "qa_reviewer" || g.Scope != "qa:read" {
		t.Fatalf("%+v %v", g, err)
	}
}

// None of the roles that the texts imply may gain what the matrix denies to the role it extends.
func TestImpliedRolesGainNothing(t *testing.T) {
	table := load(t)
	for extended, base := range map[string]string{
		"billing_operations": "billing_staff", "controlled_substance_officer": "compliance_officer",
	} {
		if more := without(table.ScopesOf([]string{extended}), table.ScopesOf([]string{base})); len(more) > 0 {
			t.Errorf("%s has %v, which %s has not", extended, more, base)
		}
	}
	for _, role := range table.Roles() {
		if role.Name != "founder" && slices.ContainsFunc(role.Scopes, func(s string) bool {
			return slices.Contains([]string{"billing:execute", "billing:governance", "governance:write", "collections:governance", "qa:governance", "reports:cross_agency"}, s)
		}) {
			t.Errorf("%s has a scope that is the founder's alone", role.Name)
		}
	}
}
