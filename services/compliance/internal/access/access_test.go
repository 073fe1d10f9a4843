package access_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/access"
)

// The truth table: every role with all of its scopes, or with none, under every combination of conditions.
func TestTruthTable(t *testing.T) {
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	dea := []string{"founder", "compliance_officer", "controlled_substance_officer"}
	cms := []string{"founder", "compliance_officer", "billing_administrator", "billing_operations", "billing_staff"}
	rows := 0
	for _, role := range table.Roles() {
		for bits := range 16 {
			f := access.Facts{DeaEnabled: bits&1 > 0, DeaGranted: bits&2 > 0, BillingOn: bits&4 > 0}
			p := access.Person{Roles: []string{role.Name}}
			if bits&8 > 0 {
				p.Scopes = table.ScopesOf(p.Roles)
			}
			admin := role.Name == access.Administrator
			scoped := len(p.Scopes) > 0
			wantDea := scoped && (slices.Contains(dea, role.Name) || admin && f.DeaEnabled && f.DeaGranted)
			wantCms := scoped && (slices.Contains(cms, role.Name) || admin && f.BillingOn)
			if got := access.Dea(p, f); got.Visible != wantDea || (got.Refusal() == nil) != wantDea || got.Reason == "" {
				t.Errorf("dea: %s scoped=%v %+v: %+v", role.Name, scoped, f, got)
			}
			if got := access.Cms(p, f); got.Visible != wantCms || (got.Refusal() == nil) != wantCms || got.Reason == "" {
				t.Errorf("cms: %s scoped=%v %+v: %+v", role.Name, scoped, f, got)
			}
			rows++
		}
	}
	if rows < 13*16 {
		t.Fatalf("only %d rows", rows)
	}
}

func TestAScopeWithoutItsRoleOpensNothing(t *testing.T) {
	p := access.Person{Roles: []string{"qa_reviewer"}, Scopes: []string{"dea:view", "dea:view:granted", "cms:view"}}
	all := access.Facts{DeaEnabled: true, DeaGranted: true, BillingOn: true}
	if v := access.Dea(p, all); v.Visible || v.Reason != access.RoleMissing {
		t.Errorf("dea: %+v", v)
	}
	if v := access.Cms(p, all); v.Visible || v.Reason != access.RoleMissing {
		t.Errorf("cms: %+v", v)
	}
	both := access.Person{Roles: []string{access.Administrator, "compliance_officer"}, Scopes: []string{"dea:view", "dea:view:granted"}}
	if v := access.Dea(both, access.Facts{}); !v.Visible || v.Reason != access.ByRole {
		t.Errorf("roles are a union: %+v", v)
	}
}

func TestGrants(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	good := access.Grant{Subject: "admin", Grantor: "officer", Reason: "inspection", CreateTime: now, ExpireTime: now.AddDate(0, 0, 90)}
	if err := good.Validate(now, 90); err != nil {
		t.Error(err)
	}
	for rule, spoil := range map[string]func(*access.Grant){
		"grant.other":    func(g *access.Grant) { g.Subject = "officer" },
		"text.present":   func(g *access.Grant) { g.Reason = " " },
		"grant.future":   func(g *access.Grant) { g.ExpireTime = now },
		"grant.max_days": func(g *access.Grant) { g.ExpireTime = now.AddDate(0, 0, 90).Add(time.Second) },
	} {
		g := good
		spoil(&g)
		if e, ok := errs.As(g.Validate(now, 90)); !ok || len(e.Fields) != 1 || e.Fields[0].Rule != rule {
			t.Errorf("%s: %v", rule, e)
		}
	}
	if !good.Live(now) || good.Live(good.ExpireTime) {
		t.Error("a grant ends by itself")
	}
	good.RevokeTime = &now
	if good.Live(now) {
		t.Error("a revoked grant lives")
	}
}
