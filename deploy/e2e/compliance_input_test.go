//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// wrong is a value that a field refuses, and how it says so.
type wrong struct {
	change      []any
	field, rule string
}

var long, secret = strings.Repeat("x", 201), "portal password: Bluebird77"

var wrongRegistrations = []wrong{
	{[]any{"registrantName", ""}, "registrantName", "text.length"},
	{[]any{"registrantName", long}, "registrantName", "text.length"},
	{[]any{"registrantName", secret}, "registrantName", "credential.none"},
	{[]any{"deaRegistrationNumber", nil}, "deaRegistrationNumber", "dea.format"},
	{[]any{"deaRegistrationNumber", "1234"}, "deaRegistrationNumber", "dea.format"},
	{[]any{"deaRegistrationNumber", "AB1234564"}, "deaRegistrationNumber", "dea.check_digit"},
	{[]any{"authorizedSchedules", nil}, "authorizedSchedules", "schedules.present"},
	{[]any{"authorizedSchedules", []string{"VI"}}, "authorizedSchedules", "schedules.closed_list"},
	{[]any{"businessActivity", 99}, "metadata.businessActivity", "enum.defined_only"},
	{[]any{"registeredState", "ZZ"}, "registeredState", "state.usps"},
	{[]any{"stationhouse", long}, "stationhouse", "text.length"},
	{[]any{"stationhouse", secret}, "stationhouse", "credential.none"},
	{[]any{"issueDate", fields{"year": 2026, "month": 2, "day": 30}}, "issueDate", "date"},
	{[]any{"expirationDate", nil}, "expirationDate", "dates.complete"},
	{[]any{"expirationDate", day(-401)}, "expirationDate", "dates.order"},
	{[]any{"expirationDate", fields{"year": 2026}}, "expirationDate", "date"},
	{[]any{"renewalDueDate", day(401)}, "renewalDueDate", "dates.order"},
	{[]any{"lastVerifiedDate", day(-1)}, "verificationSource", "verification.complete"},
	{[]any{"lastVerifiedDate", day(1), "verificationSource", "VERIFICATION_SOURCE_CERTIFICATE"}, "lastVerifiedDate", "date.past"},
	{[]any{"verificationSource", 99}, "metadata.verificationSource", "enum.defined_only"},
}

func payer(pairs ...any) []any {
	return []any{"payerParticipation", []fields{fields{"payerId": "00120", "status": "STATUS_PENDING", "effectiveDate": day(-9)}.with(pairs...)}}
}

var wrongEnrollments = []wrong{
	{[]any{"supplierName", ""}, "supplierName", "text.length"},
	{[]any{"supplierName", long}, "supplierName", "text.length"},
	{[]any{"supplierName", secret}, "supplierName", "credential.none"},
	{[]any{"npiReference", nil}, "npiReference", "npi.format"},
	{[]any{"npiReference", "3234567893"}, "npiReference", "npi.format"},
	{[]any{"npiReference", "1234567894"}, "npiReference", "npi.check_digit"},
	{[]any{"ptanReference", "P-1"}, "ptanReference", "ptan.format"},
	{[]any{"enrollmentState", "ZZ"}, "enrollmentState", "state.usps"},
	{[]any{"pecosEnrollmentId", "X1"}, "pecosEnrollmentId", "pecos.format"},
	{[]any{"macIdentifier", "6202"}, "macIdentifier", "mac.format"},
	{[]any{"effectiveDate", fields{"year": 2026, "month": 13, "day": 1}}, "effectiveDate", "date"},
	{[]any{"deactivationDate", day(-401)}, "deactivationDate", "dates.order"},
	{[]any{"revalidationDueDate", day(-401)}, "revalidationDueDate", "dates.order"},
	{[]any{"lastVerifiedDate", day(-1)}, "verificationSource", "verification.complete"},
	{[]any{"lastVerifiedDate", day(1), "verificationSource", "VERIFICATION_SOURCE_PECOS"}, "lastVerifiedDate", "date.past"},
	{[]any{"verificationSource", 99}, "metadata.verificationSource", "enum.defined_only"},
	{payer("payerId", "a b"), "payerParticipation[0].payerId", "payer.format"},
	{payer("status", nil), "payerParticipation[0].status", "enum.defined"},
	{payer("effectiveDate", nil), "payerParticipation[0].effectiveDate", "date.present"},
	{payer("endDate", day(-10)), "payerParticipation[0].endDate", "dates.order"},
}

// Each field refuses what is wrong with it, by its name and rule, when a record is made and when it is changed.
func TestComplianceBadInputPerField(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		made := w.make(t, editor, w.fresh())
		path := w.path("metadata", made.text("id"))
		table := map[string][]wrong{"dea": wrongRegistrations, "cms": wrongEnrollments}[w.name]
		for _, c := range table {
			bad := w.fresh().with(c.change...)
			because(t, w.create(t, editor, bad, uuid.NewString()), c.field, c.rule)
			because(t, editor.send(t, "PUT", path, bad.with("etag", made["etag"]).json(t)), c.field, c.rule)
		}
		if after := editor.get(t, path).want(t, 200).fields(t); after.text("etag") != made.text("etag") {
			t.Errorf("what was refused changed the record: %v", after)
		}
		because(t, w.create(t, editor, w.fresh(), ""), "requestId", "string.uuid_empty")
		because(t, w.create(t, editor, w.fresh(), "one"), "requestId", "string.uuid")
		because(t, editor.send(t, "PUT", path+"?updateMask=retireReason", w.fresh().with("etag", made["etag"]).json(t)), "updateMask", "field_mask.known")
		because(t, editor.get(t, w.path("metadata", "one")), "id", "string.uuid")
		because(t, editor.send(t, "PUT", w.path("metadata", "one"), w.fresh().json(t)), "id", "string.uuid")
		because(t, editor.do(t, "DELETE", path+"?etag=1", "", nil), "reason", "enum.not_in")
		because(t, editor.do(t, "DELETE", path+"?reason=RETIRE_REASON_REVOKED", "", nil), "etag", "string.min_len")
		editor.send(t, "PUT", path, w.fresh().json(t)).refused(t, 409, "ETAG_MISMATCH")
		for _, body := range []string{`{"password": "sunflower7"}`, `{"etag": 7`, `[]`, w.fresh().with("securityAnswer", "Rex").json(t)} {
			editor.send(t, "POST", w.path("metadata")+"?requestId="+uuid.NewString(), body).refused(t, 400)
		}
	})
}

// Each parameter of each list is held to its rule.
func TestComplianceBadInputOfLists(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		officer := opened(t, as(t, "compliance_officer", editor.agency))
		for _, c := range []struct{ path, key, value, field, rule string }{
			{"metadata", "pageSize", "-1", "pageSize", "int32.gte"},
			{"metadata", "status", "gone", "status[0]", "string.in"},
			{"metadata", "dueFrom", "tomorrow", "dueFrom", "string.pattern"},
			{"metadata", "dueFrom", "2026-02-30", "dueFrom", "date"},
			{"metadata", "dueTo", "tomorrow", "dueTo", "string.pattern"},
			{"metadata", "dueTo", "2026-02-30", "dueTo", "date"},
			{"metadata", "orderBy", "id", "orderBy", "string.in"},
			{"expiration-alerts", "pageSize", "-1", "pageSize", "int32.gte"},
			{"compliance-note", "pageSize", "-1", "pageSize", "int32.gte"},
			{"compliance-note", "metadataId", strings.Repeat("a", 37), "metadataId", "string.max_len"},
			{"audit-log", "pageSize", "-1", "pageSize", "int32.gte"},
			{"audit-log", "method", "a/b", "method", "string.pattern"},
			{"audit-log", "actor", long, "actor", "string.max_len"},
			{"audit-log", "resource", long + long, "resource", "string.max_len"},
			{"audit-log", "outcome", "99", "outcome", "query.type"},
		} {
			because(t, officer.get(t, w.path(c.path)+"?"+url.Values{c.key: {c.value}}.Encode()), c.field, c.rule)
		}
		for _, path := range []string{"metadata", "expiration-alerts", "compliance-note", "audit-log"} {
			officer.get(t, w.path(path)+"?pageToken=forged").refused(t, 400, "PAGE_TOKEN_INVALID")
			officer.get(t, w.path(path)+"?pageSize=many").refused(t, 400)
			officer.get(t, w.path(path)+"?unheardOf=1").refused(t, 400)
		}
		officer.get(t, w.path("audit-log")+"?from=yesterday").refused(t, 400)
		officer.get(t, w.path("audit-log")+"?to=yesterday").refused(t, 400)
	})
}
