package compliance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

const admin = "agency_administrator"

// Every method of both workspaces but the four of the notice waits for its acknowledgement, by this person, in this wording.
func TestNothingAnswersBeforeTheNotice(t *testing.T) {
	w := start(t, false)
	conn := w.Gateway()
	ctx := w.As("founder", agencyA)
	asked := 0
	for _, p := range probes() {
		if strings.HasSuffix(p.Method, "Notice") {
			continue
		}
		asked++
		err := conn.Invoke(ctx, p.Method, p.Request, answer(t, p.Method))
		if reason(err) != "NOTICE_NOT_ACKNOWLEDGED" || status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: %v", p.Method, err)
		}
	}
	if methods := len(compliancev1.DeaService_ServiceDesc.Methods) + len(compliancev1.CmsService_ServiceDesc.Methods); asked != methods-4 {
		t.Errorf("%d methods asked of %d", asked, methods)
	}
	n, err := w.dea.GetDeaNotice(ctx, &compliancev1.GetDeaNoticeRequest{})
	if err != nil || n.GetAcknowledged() || n.GetVersion() != 1 || !strings.HasPrefix(n.GetText(), "COMPLIANCE NOTICE") {
		t.Fatalf("the notice: %v, %v", n, err)
	}
	wrong := &compliancev1.AcknowledgeDeaNoticeRequest{Version: 1, Sha256: strings.Repeat("0", 64)}
	if _, err := w.dea.AcknowledgeDeaNotice(ctx, wrong); reason(err) != "NOTICE_OUTDATED" {
		t.Errorf("another wording: %v", err)
	}
	first, err := w.dea.AcknowledgeDeaNotice(ctx, &compliancev1.AcknowledgeDeaNoticeRequest{Version: 1, Sha256: n.GetSha256()})
	if err != nil || !first.GetAcknowledged() {
		t.Fatalf("acknowledge: %v, %v", first, err)
	}
	again, err := w.dea.AcknowledgeDeaNotice(ctx, &compliancev1.AcknowledgeDeaNoticeRequest{Version: 1, Sha256: n.GetSha256()})
	if err != nil || !again.GetAcknowledgeTime().AsTime().Equal(first.GetAcknowledgeTime().AsTime()) {
		t.Errorf("the first time counts: %v, %v", again, err)
	}
	if _, err := w.dea.ListDeaMetadata(w.As("founder", agencyB), &compliancev1.ListDeaMetadataRequest{}); err != nil {
		t.Errorf("the same person in another agency: %v", err)
	}
	if _, err := w.cms.ListCmsMetadata(ctx, &compliancev1.ListCmsMetadataRequest{}); reason(err) != "NOTICE_NOT_ACKNOWLEDGED" {
		t.Errorf("the other workspace: %v", err)
	}
	if _, err := w.dea.ListDeaMetadata(w.As("compliance_officer", agencyA), &compliancev1.ListDeaMetadataRequest{}); reason(err) != "NOTICE_NOT_ACKNOWLEDGED" {
		t.Errorf("another person: %v", err)
	}
}

// The conditions of an administrator, over the API and for the portal, in both agencies: they must say the same.
func TestAnAdministratorComesInUnderConditions(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, admin, "compliance_officer")
	portal := compliancev1.NewWorkspaceAccessServiceClient(w.ConnAs("agency"))
	check := func(name string, agency int64, wantDea, wantCms string) {
		t.Helper()
		_, dea := w.dea.ListDeaMetadata(w.As(admin, agency), &compliancev1.ListDeaMetadataRequest{})
		_, cms := w.cms.ListCmsMetadata(w.As(admin, agency), &compliancev1.ListCmsMetadataRequest{})
		if reason(dea) != wantDea || reason(cms) != wantCms {
			t.Errorf("%s in %d: DEA %q, CMS %q; want %q, %q", name, agency, reason(dea), reason(cms), wantDea, wantCms)
		}
		p := servicetest.Persona(table(t), admin, agency)
		out, err := portal.GetWorkspaceAccess(forAgency(t, agency), &compliancev1.GetWorkspaceAccessRequest{
			Subject: p.Subject, Roles: p.Roles, Scopes: p.Scopes,
		})
		if err != nil || out.GetWorkspaces()[0].GetVisible() != (wantDea == "") || out.GetWorkspaces()[1].GetVisible() != (wantCms == "") {
			t.Errorf("%s in %d, portal: %v, %v", name, agency, out, err)
		}
	}
	officer := w.As("compliance_officer", agencyA)
	check("nothing", agencyA, "DEA_GRANT_REQUIRED", "")
	grant := &compliancev1.CreateDeaGrantRequest{Grant: &compliancev1.DeaGrant{
		Subject: "test-" + admin, Reason: "inspection", ExpireTime: timestamppb.New(time.Now().Add(time.Hour)),
	}}
	made, err := w.dea.CreateDeaGrant(officer, grant)
	if err != nil || !made.GetLive() {
		t.Fatalf("grant: %v, %v", made, err)
	}
	check("a grant without the flag", agencyA, "DEA_GRANT_REQUIRED", "")
	if _, err := w.dea.UpdateDeaAccess(officer, &compliancev1.UpdateDeaAccessRequest{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	check("flag and grant", agencyA, "", "")
	check("flag and grant of another agency", agencyB, "DEA_GRANT_REQUIRED", "")
	if _, err := w.dea.RevokeDeaGrant(officer, &compliancev1.RevokeDeaGrantRequest{Id: made.GetId()}); err != nil {
		t.Fatal(err)
	}
	check("revoked", agencyA, "DEA_GRANT_REQUIRED", "")
	w.granted(t, true, "-1 second")
	check("expired", agencyA, "DEA_GRANT_REQUIRED", "")
	w.exec(t, "INSERT INTO compliance.module_state VALUES ($1, 'billing', false, 1)", agencyB)
	check("billing off", agencyB, "DEA_GRANT_REQUIRED", "BILLING_DISABLED")
	check("billing off elsewhere", agencyA, "DEA_GRANT_REQUIRED", "")
	grant.Grant.ExpireTime = timestamppb.New(time.Now().AddDate(1, 0, 0))
	if _, err := w.dea.CreateDeaGrant(officer, grant); field(err) != "expireTime grant.max_days" {
		t.Errorf("a grant for ever: %v", err)
	}
	list, err := w.dea.ListDeaGrants(officer, &compliancev1.ListDeaGrantsRequest{})
	if err != nil || len(list.GetGrants()) != 2 || slices.ContainsFunc(list.GetGrants(), (*compliancev1.DeaGrant).GetLive) {
		t.Errorf("grants: %v, %v", list, err)
	}
}

func TestAnAdministratorOnlyLooks(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, admin, "compliance_officer")
	w.granted(t, true, "1 hour")
	officer, administrator := w.As("compliance_officer", agencyA), w.As(admin, agencyA)
	made := w.make(t, agencyA, registration(numbers[0]))
	for _, v := range []compliancev1.ComplianceNote_Visibility{1, 2} {
		note := &compliancev1.ComplianceNote{MetadataId: made.GetId(), Text: "Renewal filed.", Visibility: v}
		if _, err := w.dea.CreateDeaNote(officer, &compliancev1.CreateDeaNoteRequest{Note: note}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.dea.GetDeaMetadata(administrator, &compliancev1.GetDeaMetadataRequest{Id: made.GetId()}); err != nil || got.GetId() != made.GetId() {
		t.Errorf("view: %v, %v", got, err)
	}
	notes, err := w.dea.ListDeaNotes(administrator, &compliancev1.ListDeaNotesRequest{})
	if err != nil || len(notes.GetNotes()) != 1 || notes.GetNotes()[0].GetVisibility() != 2 {
		t.Errorf("notes for administrators: %v, %v", notes, err)
	}
	if notes, err = w.dea.ListDeaNotes(officer, &compliancev1.ListDeaNotesRequest{}); err != nil || len(notes.GetNotes()) != 2 {
		t.Errorf("all notes: %v, %v", notes, err)
	}
	_, edit := w.dea.UpdateDeaMetadata(administrator, &compliancev1.UpdateDeaMetadataRequest{Id: made.GetId(), Metadata: made})
	_, note := w.dea.CreateDeaNote(administrator, &compliancev1.CreateDeaNoteRequest{Note: &compliancev1.ComplianceNote{Text: "x"}})
	for name, err := range map[string]error{"edit": edit, "note": note} {
		if reason(err) != "SCOPE_MISSING" {
			t.Errorf("%s: %v", name, err)
		}
	}
	secret := &compliancev1.ComplianceNote{Text: "CSOS passphrase: Bluebird77"}
	if _, err := w.dea.CreateDeaNote(officer, &compliancev1.CreateDeaNoteRequest{Note: secret}); reason(err) != "CREDENTIAL_REFUSED" || field(err) != "note.text credential.none" {
		t.Errorf("a credential: %v", err)
	}
}

// An edit needs a second factor of the last 15 minutes; a look does not.
func TestEditsStepUp(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	p := servicetest.Persona(table(t), "compliance_officer", agencyA)
	p.AuthTime = time.Now().Add(-16 * time.Minute)
	ctx := w.AsPrincipal(p)
	if _, err := w.dea.ListDeaMetadata(ctx, &compliancev1.ListDeaMetadataRequest{}); err != nil {
		t.Errorf("a look: %v", err)
	}
	for _, probe := range probes() {
		if edits(probe.Method) {
			if err := w.Gateway().Invoke(ctx, probe.Method, probe.Request, answer(t, probe.Method)); reason(err) != "STEP_UP_REQUIRED" {
				t.Errorf("%s: %v", probe.Method, err)
			}
		}
	}
}
