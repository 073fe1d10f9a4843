package rpc_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

func (w *world) move(ctx context.Context, agency int64, module string, on bool, reason string) (*agencyv1.Module, error) {
	return w.modules.UpdateModule(ctx, &agencyv1.UpdateModuleRequest{AgencyId: agency, Module: module, Enabled: &on, Reason: reason})
}

func TestSwitchingFollowsRequirements(t *testing.T) {
	w := newWorld(t)
	_, err := w.move(founder(0), w.a, "clinical", false, "pilot ended")
	wantReason(t, err, errs.Precondition, switchboard.ReasonRequiredByOthers)
	if e, _ := errs.As(err); e.Meta["modules"] != "qa, billing, reporting" {
		t.Errorf("named %q", e.Meta["modules"])
	}
	for _, m := range []string{"qa", "billing", "reporting", "clinical"} {
		if _, err := w.move(founder(0), w.a, m, false, "pilot ended"); err != nil {
			t.Fatalf("switching off %s: %v", m, err)
		}
	}
	_, err = w.move(founder(0), w.a, "qa", true, "")
	wantReason(t, err, errs.Precondition, switchboard.ReasonRequirementOff)
	if _, err = w.move(founder(0), w.b, "qa", true, ""); err != nil {
		t.Errorf("the switches of agency A changed those of agency B: %v", err)
	}
	_, err = w.move(founder(0), w.a, "qa", false, strings.Repeat("x", 501))
	wantReason(t, err, errs.Invalid, switchboard.ReasonReasonInvalid)
	if m, err := w.move(founder(0), w.b, "qa", false, " "); err != nil || m.GetReason() != "" {
		t.Errorf("switched off without a reason: %v, %v", m, err)
	}
	_, err = w.move(founder(0), w.a, "fire", false, "x")
	wantReason(t, err, errs.NotFound, switchboard.ReasonModuleUnknown)
	if !strings.Contains(err.Error(), "clinical, qa, billing, reporting, compliance") {
		t.Errorf("%v does not list the modules", err)
	}
	_, err = w.move(founder(0), 4711, "qa", false, "x")
	wantReason(t, err, errs.NotFound, registry.ReasonNotFound)
}

func TestSwitchTellsTheFleetOnce(t *testing.T) {
	w := newWorld(t)
	before, err := w.fleet.GetModuleRegistry(peer("gateway", 0), &agencyv1.GetModuleRegistryRequest{})
	if err != nil || before.GetUnchanged() || len(before.GetDisabled()) != 0 {
		t.Fatalf("fresh registry: %v, %v", before, err)
	}
	// The founder's session names agency B while the switch is agency A's.
	for range 2 {
		m, err := w.move(founder(w.b), w.a, "qa", false, "pilot ended")
		if err != nil || m.GetEnabled() || m.GetReason() != "pilot ended" || m.GetUpdateTime() == nil {
			t.Fatalf("switched: %v, %v", m, err)
		}
	}
	after, err := w.fleet.GetModuleRegistry(peer("gateway", 0), &agencyv1.GetModuleRegistryRequest{KnownRevision: before.GetRevision()})
	if err != nil || after.GetUnchanged() || len(after.GetDisabled()) != 1 ||
		after.GetDisabled()[0].GetAgencyId() != w.a || after.GetDisabled()[0].GetModule() != "qa" {
		t.Fatalf("registry after the switch: %v, %v", after, err)
	}
	same, err := w.fleet.GetModuleRegistry(peer("gateway", 0), &agencyv1.GetModuleRegistryRequest{KnownRevision: after.GetRevision()})
	if err != nil || !same.GetUnchanged() || len(same.GetDisabled()) != 0 {
		t.Fatalf("registry asked again: %v, %v", same, err)
	}
	list := w.sent(t)
	changed, agencies := eventsOf(t, list, &agencyv1.ModuleChanged{})
	if len(changed) != 1 || agencies[0] != w.a || changed[0].GetEnabled() || changed[0].GetRevision() != after.GetRevision() {
		t.Fatalf("events %v for agencies %v", changed, agencies)
	}
	records, _ := eventsOf(t, list, &auditv1.Recorded{})
	last := records[len(records)-1].GetEvent()
	if last.GetAgencyId() != w.a || last.GetResource() != registry.Name(w.a)+"/modules/qa" {
		t.Errorf("the record names %v", last)
	}
}

func TestConcurrentSwitchesKeepRequirements(t *testing.T) {
	w := newWorld(t)
	for _, m := range []string{"qa", "billing", "reporting"} {
		if _, err := w.move(founder(0), w.a, m, false, "x"); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, f := range []func(){
		func() { _, _ = w.move(founder(0), w.a, "clinical", false, "x") },
		func() { _, _ = w.move(founder(0), w.a, "qa", true, "") },
	} {
		wg.Go(f)
	}
	wg.Wait()
	list, err := w.modules.ListModules(founder(0), &agencyv1.ListModulesRequest{AgencyId: w.a})
	if err != nil {
		t.Fatal(err)
	}
	on := map[string]bool{}
	for _, m := range list.GetModules() {
		on[m.GetModule()] = m.GetEnabled()
	}
	if on["qa"] && !on["clinical"] {
		t.Error("qa is on while clinical, which it needs, is off")
	}
}

func TestModulesAreShownToTheirAgencyOnly(t *testing.T) {
	w := newWorld(t)
	if _, err := w.move(founder(0), w.a, "billing", false, "contract ended"); err != nil {
		t.Fatal(err)
	}
	own, err := w.modules.ListModules(member("agency_administrator", w.a), &agencyv1.ListModulesRequest{AgencyId: w.a})
	if err != nil || len(own.GetModules()) != 5 {
		t.Fatalf("own modules: %v, %v", own, err)
	}
	for _, m := range own.GetModules() {
		if m.GetEnabled() == (m.GetModule() == "billing") {
			t.Errorf("module %v", m)
		}
	}
	_, err = w.modules.ListModules(member("agency_administrator", w.b), &agencyv1.ListModulesRequest{AgencyId: w.a})
	wantReason(t, err, errs.NotFound, registry.ReasonNotFound)
	_, err = w.modules.ListModules(founder(0), &agencyv1.ListModulesRequest{AgencyId: 4711})
	wantReason(t, err, errs.NotFound, registry.ReasonNotFound)
}

func TestGetMe(t *testing.T) {
	w := newWorld(t)
	if _, err := w.move(founder(0), w.a, "qa", false, "x"); err != nil {
		t.Fatal(err)
	}
	p := identity.Principal{
		Subject: "u1", Name: "medic", Actor: identity.Human, Roles: []string{"clinical_staff"}, Scopes: []string{"epcr:read:own"},
		AgencyID: w.a, ACR: "2", AuthTime: time.Unix(1_700_000_000, 0), ActingRole: "clinical_staff",
	}
	me, err := w.me.GetMe(as(p), &agencyv1.GetMeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if me.GetSubject() != "u1" || me.GetActor() != "human" || me.GetAcr() != "2" || me.GetAuthTime().GetSeconds() != 1_700_000_000 ||
		me.GetAgency().GetId() != w.a || !slices.Equal(me.GetModules(), []string{"clinical", "billing", "reporting", "compliance"}) {
		t.Errorf("me: %v", me)
	}
	alone, err := w.me.GetMe(founder(0), &agencyv1.GetMeRequest{})
	if err != nil || alone.GetAgency() != nil || len(alone.GetModules()) != 0 {
		t.Errorf("a founder without agency: %v, %v", alone, err)
	}
	cross := as(identity.Principal{Subject: "f", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", CrossAgency: true, AccessReason: "monthly review"})
	if got, err := w.me.GetMe(cross, &agencyv1.GetMeRequest{}); err != nil || got.GetAgency() != nil {
		t.Errorf("a founder across agencies: %v, %v", got, err)
	}
	if got, err := w.agencies.GetAgency(cross, &agencyv1.GetAgencyRequest{Id: w.b}); err != nil || got.GetId() != w.b {
		t.Errorf("a founder across agencies reads B: %v, %v", got, err)
	}
	stranger, err := w.me.GetMe(member("clinical_staff", 4711), &agencyv1.GetMeRequest{})
	if err != nil || stranger.GetAgency() != nil {
		t.Errorf("an agency that is not registered: %v, %v", stranger, err)
	}
}
