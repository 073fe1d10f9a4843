//go:build e2e

package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

// opened lets somebody into both workspaces: they read each notice and acknowledge what they read.
func opened(t *testing.T, c caller) caller {
	t.Helper()
	for _, workspace := range []string{"dea", "cms"} {
		a := c.get(t, "/api/"+workspace+"/notice")
		if a.status == 403 {
			continue
		}
		var n compliancev1.Notice
		a.want(t, 200).into(t, &n)
		c.send(t, "POST", "/api/"+workspace+"/notice:acknowledge", fmt.Sprintf(`{"version": %d, "sha256": %q}`, n.GetVersion(), n.GetSha256())).want(t, 200)
	}
	return c
}

func registrationJSON(number, station string) string {
	return fmt.Sprintf(`{"registrantName": "Prairie EMS", "deaRegistrationNumber": %q, "authorizedSchedules": ["II", "IV"], "registeredState": "WI",
"stationhouse": %q, "issueDate": {"year": 2026, "month": 1, "day": 2}, "expirationDate": {"year": 2029, "month": 1, "day": 1}}`, number, station)
}

// freshNumber is a DEA number whose check digit holds, another one each time.
func freshNumber() string {
	digits := fmt.Sprintf("%06d", time.Now().UnixNano()/1000%1000000)
	d := func(i int) int { return int(digits[i] - '0') }
	return fmt.Sprintf("FP%s%d", digits, (d(0)+d(2)+d(4)+2*(d(1)+d(3)+d(5)))%10)
}

func TestDeaWorkspaceThroughTheEdge(t *testing.T) {
	ag := agencies(t)
	for i, agency := range ag {
		officer := opened(t, as(t, "compliance_officer", agency))
		other := opened(t, as(t, "compliance_officer", ag[1-i]))
		number, id := freshNumber(), uuid.NewString()
		var made, again, changed compliancev1.DeaRegistration
		officer.send(t, "POST", "/api/dea/metadata?requestId="+id, registrationJSON(number, "4")).want(t, 201).into(t, &made)
		officer.send(t, "POST", "/api/dea/metadata?requestId="+id, registrationJSON(number, "4")).want(t, 201).into(t, &again)
		if made.GetId() != again.GetId() || made.GetAgencyId() != agency || made.GetRegistrationStatus() != "active" {
			t.Fatalf("made %v, again %v", &made, &again)
		}
		officer.send(t, "POST", "/api/dea/metadata?requestId="+id, registrationJSON(number, "5")).refused(t, 409, "REQUEST_ID_REUSED")
		officer.send(t, "POST", "/api/dea/metadata?requestId="+uuid.NewString(), registrationJSON(number, "4")).refused(t, 409, "METADATA_EXISTS")
		path := "/api/dea/metadata/" + made.GetId()
		other.get(t, path).refused(t, 404, "METADATA_NOT_FOUND")
		other.send(t, "PUT", path, fmt.Sprintf(`{"stationhouse": "x", "etag": %q}`, made.GetEtag())).refused(t, 404, "METADATA_NOT_FOUND")
		officer.send(t, "PUT", path+"?updateMask=stationhouse", fmt.Sprintf(`{"stationhouse": "Station 9", "etag": %q}`, made.GetEtag())).want(t, 200).into(t, &changed)
		if changed.GetStationhouse() != "Station 9" || changed.GetDeaRegistrationNumber() != number {
			t.Errorf("changed %v", &changed)
		}
		officer.send(t, "PUT", path+"?updateMask=stationhouse", fmt.Sprintf(`{"stationhouse": "x", "etag": %q}`, made.GetEtag())).refused(t, 409, "ETAG_MISMATCH")
		p := officer.send(t, "POST", "/api/dea/metadata?requestId="+uuid.NewString(), registrationJSON("AB1234564", "4")).refused(t, 400, "METADATA_INVALID")
		if len(p.Errors) != 1 || p.Errors[0].Field != "deaRegistrationNumber" || p.Errors[0].Rule != "dea.check_digit" {
			t.Errorf("bad input: %+v", p)
		}
		officer.send(t, "POST", "/api/dea/metadata?requestId="+uuid.NewString(), `{"password": "sunflower7"}`).refused(t, 400)
		officer.send(t, "POST", "/api/dea/compliance-note", fmt.Sprintf(`{"metadataId": %q, "text": "Renewal filed."}`, made.GetId())).want(t, 201)
		officer.send(t, "POST", "/api/dea/compliance-note", `{"text": "CSOS passphrase: Bluebird77"}`).refused(t, 400, "CREDENTIAL_REFUSED")
		officer.get(t, "/api/dea/expiration-alerts").want(t, 200)
		as(t, "qa_reviewer", agency).get(t, path).refused(t, 403, "SCOPE_MISSING")
		as(t, "billing_administrator", agency).get(t, path).refused(t, 403, "SCOPE_MISSING")

		z := officer.get(t, "/api/dea/export").want(t, 200)
		if r, err := zip.NewReader(bytes.NewReader(z.body), int64(len(z.body))); err != nil || len(r.File) != 3 {
			t.Errorf("export: %v", err)
		}
		provenInTheLog(t, officer, "dea/metadata/"+made.GetId())
		var gone compliancev1.DeaRegistration
		officer.do(t, "DELETE", path+"?"+url.Values{"reason": {"RETIRE_REASON_SURRENDERED"}, "etag": {changed.GetEtag()}}.Encode(), "", nil).want(t, 200).into(t, &gone)
		if gone.GetRegistrationStatus() != "retired" {
			t.Errorf("retired %v", &gone)
		}
		officer.get(t, path).want(t, 200)
	}
}

// provenInTheLog waits until the log of the workspace holds creation, change and refused change of a record, each proven.
func provenInTheLog(t *testing.T, officer caller, resource string) {
	t.Helper()
	want := []string{"CreateDeaMetadata", "UpdateDeaMetadata"}
	eventually(t, "the audit log of "+resource, func() bool {
		var log compliancev1.ListAuditLogResponse
		officer.get(t, "/api/dea/audit-log?resource="+url.QueryEscape(resource)).want(t, 200).into(t, &log)
		found := 0
		for _, name := range want {
			for _, e := range log.GetEvents() {
				if strings.HasSuffix(e.GetEvent().GetAction(), "/"+name) {
					found++
					break
				}
			}
		}
		return found == len(want) && strings.Contains(log.GetCheckpoint(), fmt.Sprint(log.GetTreeSize()))
	})
}

func TestCmsWorkspaceThroughTheEdge(t *testing.T) {
	ag := agencies(t)
	for i, agency := range ag {
		biller := opened(t, as(t, "billing_administrator", agency))
		other := opened(t, as(t, "billing_administrator", ag[1-i]))
		ptan := "P" + freshNumber()[2:8]
		body := fmt.Sprintf(`{"supplierName": "Prairie EMS", "npiReference": "1234567893", "ptanReference": %q, "enrollmentState": "WI",
"effectiveDate": {"year": 2024, "month": 1, "day": 1}, "revalidationDueDate": {"year": 2029, "month": 1, "day": 1}}`, ptan)
		var made compliancev1.CmsEnrollment
		biller.send(t, "POST", "/api/cms/metadata?requestId="+uuid.NewString(), body).want(t, 201).into(t, &made)
		path := "/api/cms/metadata/" + made.GetId()
		other.get(t, path).refused(t, 404, "METADATA_NOT_FOUND")
		opened(t, as(t, "billing_staff", agency)).get(t, path).want(t, 200)
		as(t, "billing_staff", agency).send(t, "PUT", path, body).refused(t, 403, "SCOPE_MISSING")
		as(t, "controlled_substance_officer", agency).get(t, path).refused(t, 403, "SCOPE_MISSING")
		var ready compliancev1.CmsReadiness
		biller.get(t, "/api/cms/readiness-check").want(t, 200).into(t, &ready)
		if ready.GetOverall() != compliancev1.CmsReadiness_VERDICT_UNKNOWN {
			t.Errorf("an enrollment that nobody verified: %v", &ready)
		}
		biller.do(t, "DELETE", path+"?reason=RETIRE_REASON_SUPERSEDED&etag="+made.GetEtag(), "", nil).want(t, 200)
	}
}

// An administrator sees the DEA workspace under flag and grant, in the API and in /api/me, and only looks.
func TestAdministratorsSeeTheDeaWorkspaceByGrant(t *testing.T) {
	agency := agencies(t)[0]
	admin, officer := as(t, "agency_administrator", agency), opened(t, as(t, "compliance_officer", agency))
	me := func() (who *agencyv1.Me, dea *agencyv1.Workspace) {
		who = &agencyv1.Me{}
		admin.get(t, "/api/me").want(t, 200).into(t, who)
		for _, w := range who.GetWorkspaces() {
			if w.GetWorkspace() == "dea" {
				return who, w
			}
		}
		t.Fatalf("no workspaces: %v", who)
		return nil, nil
	}
	officer.send(t, "PUT", "/api/dea/access", `{"enabled": false}`).want(t, 200)
	admin.get(t, "/api/dea/metadata").refused(t, 403, "DEA_GRANT_REQUIRED")
	who, dea := me()
	if dea.GetVisible() || dea.GetReason() != "DEA_NOT_ENABLED" {
		t.Errorf("before: %v", dea)
	}
	officer.send(t, "PUT", "/api/dea/access", `{"enabled": true}`).want(t, 200)
	var grant compliancev1.DeaGrant
	officer.send(t, "POST", "/api/dea/grants", fmt.Sprintf(`{"subject": %q, "reason": "inspection", "expireTime": %q}`, who.GetSubject(),
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339))).want(t, 201).into(t, &grant)
	if _, dea = me(); !dea.GetVisible() || dea.GetReason() != "DEA_GRANT" {
		t.Errorf("granted: %v", dea)
	}
	opened(t, admin).get(t, "/api/dea/metadata").want(t, 200)
	admin.send(t, "POST", "/api/dea/metadata?requestId="+uuid.NewString(), registrationJSON(freshNumber(), "4")).refused(t, 403, "SCOPE_MISSING")
	officer.send(t, "POST", "/api/dea/grants/"+grant.GetId()+":revoke", "{}").want(t, 200)
	admin.get(t, "/api/dea/metadata").refused(t, 403, "DEA_GRANT_REQUIRED")
}
