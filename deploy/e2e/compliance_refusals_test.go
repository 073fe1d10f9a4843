//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// call is one way into a workspace, with a request that nothing but a condition could stop.
type call struct {
	rpc, verb, path, body string
}

func (w workspace) calls(t *testing.T) []call {
	t.Helper()
	id, suffix := uuid.NewString(), strings.ToUpper(w.name[:1])+w.name[1:]
	until := fields{"untilDate": day(1), "reason": "in the post"}.json(t)
	sum := strings.Repeat("0", 64)
	list := []call{
		{"List?Metadata", "GET", "metadata", ""},
		{"Get?Metadata", "GET", "metadata/" + id, ""},
		{"Create?Metadata", "POST", "metadata?requestId=" + id, w.fresh().json(t)},
		{"Update?Metadata", "PUT", "metadata/" + id, w.fresh().with("etag", "1").json(t)},
		{"Delete?Metadata", "DELETE", "metadata/" + id + "?reason=RETIRE_REASON_REVOKED&etag=1", ""},
		{"List?Alerts", "GET", "expiration-alerts", ""},
		{"Acknowledge?Alert", "POST", "expiration-alerts/" + id + ":acknowledge", "{}"},
		{"Snooze?Alert", "POST", "expiration-alerts/" + id + ":snooze", until},
		{"Create?Note", "POST", "compliance-note", `{"text": "Filed."}`},
		{"List?Notes", "GET", "compliance-note", ""},
		{"List?AuditLog", "GET", "audit-log", ""},
		{"Get?Notice", "GET", "notice", ""},
		{"Acknowledge?Notice", "POST", "notice:acknowledge", fmt.Sprintf(`{"version": 1, "sha256": %q}`, sum)},
		{"Export?Metadata", "GET", "export", ""},
	}
	if w.name == "dea" {
		grant := fields{"subject": "x", "reason": "inspection", "expireTime": "2199-01-01T00:00:00Z"}.json(t)
		list = append(list, call{"Get?Access", "GET", "access", ""}, call{"Update?Access", "PUT", "access", `{"enabled": false}`},
			call{"Create?Grant", "POST", "grants", grant}, call{"List?Grants", "GET", "grants", ""}, call{"Revoke?Grant", "POST", "grants/" + id + ":revoke", "{}"})
	} else {
		list = append(list, call{"Get?Readiness", "GET", "readiness-check", ""})
	}
	for i := range list {
		list[i].rpc = strings.Replace(list[i].rpc, "?", suffix, 1)
	}
	return list
}

func (w workspace) ask(t *testing.T, who caller, c call) answer {
	t.Helper()
	kind := ""
	if c.body != "" {
		kind = "application/json"
	}
	return who.do(t, c.verb, w.path(c.path), kind, []byte(c.body))
}

func aboutTheNotice(c call) bool { return strings.HasSuffix(c.rpc, "Notice") }

// refusedFor fails unless a call is refused with the status and the reason.
func (w workspace) refusedFor(t *testing.T, who caller, c call, status int, reason string) {
	t.Helper()
	a := w.ask(t, who, c)
	var p problem
	decode(t, a.body, &p)
	if a.status != status || p.Reason != reason {
		t.Errorf("%s as %s: %d %s, want %d %s", c.rpc, who.name, a.status, a.body, status, reason)
	}
}

// Each way in is closed to who is nobody, has no scope, belongs elsewhere, names no agency or has not acknowledged the notice.
func TestComplianceRefusals(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		boss := founder(t).with("X-Agency-Id", fmt.Sprint(editor.agency))
		newcomer := as(t, w.newcomer, editor.agency)
		var known []string
		for _, c := range w.calls(t) {
			known = append(known, "/"+w.service+"/"+c.rpc)
			w.refusedFor(t, caller{name: "nobody"}, c, 401, "TOKEN_MISSING")
			w.refusedFor(t, editor.with("X-Agency-Id", fmt.Sprint(other.agency)), c, 403, "AGENCY_MISMATCH")
			w.refusedFor(t, as(t, w.outsider, editor.agency), c, 403, "SCOPE_MISSING")
			w.refusedFor(t, as(t, "clinical_staff", editor.agency), c, 403, "SCOPE_MISSING")
			if c.path == "metadata" { // the list may be asked across agencies, with a reason
				w.refusedFor(t, founder(t), c, 403, "ACCESS_REASON_REQUIRED")
			} else {
				w.refusedFor(t, founder(t), c, 403, "AGENCY_REQUIRED")
			}
			if aboutTheNotice(c) {
				continue
			}
			w.refusedFor(t, boss, c, 403, "NOTICE_NOT_ACKNOWLEDGED")
			reason := "NOTICE_NOT_ACKNOWLEDGED"
			if c.verb != "GET" || slices.Contains([]string{"audit-log", "access", "grants"}, c.path) {
				reason = "SCOPE_MISSING" // before the notice: these are not theirs at all
			}
			w.refusedFor(t, newcomer, c, 403, reason)
		}
		for name := range routes(t) {
			if strings.HasPrefix(name, "/"+w.service+"/") && !slices.Contains(known, name) {
				t.Errorf("%s is not tried", name)
			}
		}
	})
}

// The notice in force is acknowledged by what was shown, by each person for themselves.
func TestComplianceNotices(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		n := editor.get(t, w.path("notice")).want(t, 200).fields(t)
		if n["acknowledged"] != true || n["acknowledgeTime"] == nil || len(n.text("text")) < 100 {
			t.Errorf("the notice of somebody who acknowledged it: %v", n)
		}
		newcomer := as(t, w.newcomer, editor.agency)
		if n := newcomer.get(t, w.path("notice")).want(t, 200).fields(t); n["acknowledged"] == true {
			t.Errorf("the notice of a newcomer: %v", n)
		}
		path := w.path("notice:acknowledge")
		for _, old := range []fields{{"version": 99, "sha256": n["sha256"]}, {"version": n["version"], "sha256": strings.Repeat("0", 64)}} {
			newcomer.send(t, "POST", path, old.json(t)).refused(t, 409, "NOTICE_OUTDATED")
		}
		because(t, newcomer.send(t, "POST", path, fields{"version": 0, "sha256": n["sha256"]}.json(t)), "version", "int32.gte")
		because(t, newcomer.send(t, "POST", path, fields{"version": 1, "sha256": "x"}.json(t)), "sha256", "string.pattern")
		again := editor.send(t, "POST", path, fields{"version": n["version"], "sha256": n["sha256"]}.json(t)).want(t, 200).fields(t)
		if again.text("acknowledgeTime") != n.text("acknowledgeTime") {
			t.Errorf("acknowledged twice: %v, before %v", again, n)
		}
	})
}
