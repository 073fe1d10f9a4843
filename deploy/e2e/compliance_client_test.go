//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// fields is a JSON object as a client writes and reads it.
type fields map[string]any

func (f fields) json(t testing.TB) string {
	t.Helper()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// with returns the object with some of its fields replaced; nil takes one away.
func (f fields) with(pairs ...any) fields {
	out := fields{}
	for k, v := range f {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if out[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
			delete(out, pairs[i].(string))
		}
	}
	return out
}

func (f fields) text(key string) string {
	s, _ := f[key].(string)
	return s
}

func (a answer) fields(t testing.TB) fields {
	t.Helper()
	var f fields
	decode(t, a.body, &f)
	return f
}

// list is one of the arrays of an answer.
func (a answer) list(t testing.TB, key string) (out []fields) {
	t.Helper()
	var m map[string]json.RawMessage
	decode(t, a.body, &m)
	if m[key] != nil {
		decode(t, m[key], &out)
	}
	return out
}

// day is a date so many days from today.
func day(days int) fields {
	d := time.Now().UTC().AddDate(0, 0, days)
	return fields{"year": d.Year(), "month": int(d.Month()), "day": d.Day()}
}

// workspace is what the tests of the two workspaces differ in.
type workspace struct {
	name, service string
	// editor edits, reader only looks, newcomer may look and has not acknowledged the notice, outsider has no scope.
	editor, reader, newcomer, outsider string
	// label is a free text of a record, due the date that a list is in the order of, status the derived one.
	label, due, status string
	fresh              func() fields
}

func (w workspace) path(rest ...string) string {
	return "/api/" + w.name + "/" + strings.Join(rest, "/")
}

func (w workspace) create(t testing.TB, c caller, f fields, requestID string) answer {
	t.Helper()
	return c.send(t, "POST", w.path("metadata")+"?requestId="+url.QueryEscape(requestID), f.json(t))
}

func (w workspace) make(t testing.TB, c caller, f fields) fields {
	t.Helper()
	return w.create(t, c, f, uuid.NewString()).want(t, 201).fields(t)
}

func (w workspace) retire(t testing.TB, c caller, f fields) answer {
	t.Helper()
	q := url.Values{"reason": {"RETIRE_REASON_SUPERSEDED"}, "etag": {f.text("etag")}}
	return c.do(t, "DELETE", w.path("metadata", f.text("id"))+"?"+q.Encode(), "", nil)
}

// numbered counts the records of a run: no two have the same number.
var numbered atomic.Int64

// deaNumber has a check digit that holds.
func deaNumber() string {
	digits := fmt.Sprintf("%06d", numbered.Add(1))
	d := func(i int) int { return int(digits[i] - '0') }
	return fmt.Sprintf("BP%s%d", digits, (d(0)+d(2)+d(4)+2*(d(1)+d(3)+d(5)))%10)
}

var deaWorkspace = workspace{
	name: "dea", service: "fleet.compliance.v1.DeaService", editor: "compliance_officer", reader: "compliance_officer",
	newcomer: "controlled_substance_officer", outsider: "qa_reviewer", label: "stationhouse", due: "expirationDate", status: "registrationStatus",
	fresh: func() fields {
		return fields{"registrantName": "Prairie EMS", "deaRegistrationNumber": deaNumber(), "authorizedSchedules": []string{"II", "IV"},
			"registeredState": "MN", "stationhouse": "Station 4", "businessActivity": "BUSINESS_ACTIVITY_EMS_AGENCY", "issueDate": day(-400), "expirationDate": day(400)}
	},
}

var cmsWorkspace = workspace{
	name: "cms", service: "fleet.compliance.v1.CmsService", editor: "billing_administrator", reader: "billing_staff",
	newcomer: "billing_operations", outsider: "controlled_substance_officer", label: "supplierName", due: "revalidationDueDate", status: "enrollmentStatus",
	fresh: func() fields {
		return fields{"supplierName": "Prairie EMS", "npiReference": "1234567893", "ptanReference": fmt.Sprintf("Q%06d", numbered.Add(1)), "enrollmentState": "MN",
			"pecosEnrollmentId": "O20240101000123", "macIdentifier": "06202", "effectiveDate": day(-400), "revalidationDueDate": day(400),
			"payerParticipation": []fields{{"payerId": "00120", "status": "STATUS_PARTICIPATING", "effectiveDate": day(-400)}}}
	},
}

// inEach runs a test in both workspaces and as both agencies; the editors are let in already.
func inEach(t *testing.T, test func(t *testing.T, w workspace, editor, other caller)) {
	t.Helper()
	ag := agencies(t)
	for _, w := range []workspace{deaWorkspace, cmsWorkspace} {
		for i, agency := range ag {
			t.Run(fmt.Sprintf("%s of agency %d", w.name, i+1), func(t *testing.T) {
				test(t, w, opened(t, as(t, w.editor, agency)), opened(t, as(t, w.editor, ag[1-i])))
			})
		}
	}
}

// because fails unless a refusal names the field and the rule, and nothing else.
func because(t *testing.T, a answer, field, rule string) {
	t.Helper()
	if a.status != 400 {
		t.Errorf("%s %s: status %d, want 400: %s", field, rule, a.status, a.body)
		return
	}
	p := a.refused(t, 400)
	if len(p.Errors) != 1 || p.Errors[0].Field != field || p.Errors[0].Rule != rule || p.Errors[0].Message == "" {
		t.Errorf("want %s %s: %s", field, rule, a.body)
	}
}
