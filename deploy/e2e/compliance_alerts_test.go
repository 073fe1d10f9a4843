//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// planned has the service date the alerts of an agency now instead of at the next hour.
func planned(t *testing.T, agency int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), env(t, "DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var id int64
	err = conn.QueryRow(t.Context(), `INSERT INTO compliance.river_job (kind, args, max_attempts)
		VALUES ('compliance.raise-alerts', jsonb_build_object('agencyId', $1::bigint, 'slot', $2::text), 3) RETURNING id`,
		agency, fmt.Sprint(time.Now().UnixNano())).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job that dates alerts", func() (completed bool) {
		if err := conn.QueryRow(t.Context(), `SELECT state = 'completed' FROM compliance.river_job WHERE id = $1`, id).Scan(&completed); err != nil {
			t.Fatal(err)
		}
		return completed
	})
}

// alertsOf answers the alerts of some records, read by pages of two.
func alertsOf(t *testing.T, w workspace, c caller, query string, ids ...string) (found []fields) {
	t.Helper()
	for token := ""; ; {
		a := c.get(t, w.path("expiration-alerts")+"?pageSize=2&"+query+"&pageToken="+token).want(t, 200)
		for _, f := range a.list(t, "alerts") {
			if slices.ContainsFunc(ids, func(id string) bool { return f.text("record") == w.name+"/metadata/"+id }) {
				found = append(found, f)
			}
		}
		if token = a.fields(t).text("nextPageToken"); token == "" {
			return found
		}
	}
}

// An alert over its life: raised by the job once, seen, put off, resolved by the new date.
func TestComplianceAlertsLive(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		var made []fields
		var ids []string
		for i := range 3 {
			made = append(made, w.make(t, editor, w.fresh().with(w.due, day(10+i))))
			ids = append(ids, made[i].text("id"))
		}
		var list []fields
		for range 2 { // again raises nothing more
			planned(t, editor.agency)
			list = alertsOf(t, w, editor, "", ids...)
		}
		if len(list) != len(ids) || list[0].text("record") != w.name+"/metadata/"+ids[0] || list[0].text("state") != "STATE_OPEN" || list[0]["thresholdDays"] != 30. {
			t.Fatalf("alerts %v", list)
		}
		if n := len(alertsOf(t, w, other, "includeResolved=true", ids...)); n != 0 {
			t.Errorf("the other agency sees %d of them", n)
		}
		path := w.path("expiration-alerts", list[0].text("id"))
		snooze := func(c caller, path string, days int, reason string) answer {
			return c.send(t, "POST", path+":snooze", fields{"untilDate": day(days), "reason": reason}.json(t))
		}
		other.send(t, "POST", path+":acknowledge", "{}").refused(t, 404, "ALERT_NOT_FOUND")
		snooze(other, path, 2, "in the post").refused(t, 404, "ALERT_NOT_FOUND")
		editor.send(t, "POST", w.path("expiration-alerts", uuid.NewString()+":acknowledge"), "{}").refused(t, 404, "ALERT_NOT_FOUND")
		snooze(editor, w.path("expiration-alerts", uuid.NewString()), 2, "x").refused(t, 404, "ALERT_NOT_FOUND")
		if seen := editor.send(t, "POST", path+":acknowledge", "{}").want(t, 200).fields(t); seen.text("state") != "STATE_ACKNOWLEDGED" || seen.text("actor") == "" {
			t.Errorf("acknowledged %v", seen)
		}
		if rest := snooze(editor, path, 2, "in the post").want(t, 200).fields(t); rest.text("state") != "STATE_SNOOZED" || rest.text("snoozeReason") != "in the post" {
			t.Errorf("snoozed %v", rest)
		}
		because(t, editor.send(t, "POST", w.path("expiration-alerts/one:acknowledge"), "{}"), "id", "string.uuid")
		because(t, snooze(editor, w.path("expiration-alerts/one"), 2, "x"), "id", "string.uuid")
		because(t, snooze(editor, path, 10, "x"), "untilDate", "snooze.before_due")
		because(t, snooze(editor, path, -1, "x"), "untilDate", "snooze.before_due")
		because(t, snooze(editor, path, 2, ""), "reason", "string.min_len")
		because(t, snooze(editor, path, 2, " "), "reason", "text.present")
		because(t, snooze(editor, path, 2, long+long+long), "reason", "string.max_len")
		because(t, snooze(editor, path, 2, secret), "reason", "credential.none")
		because(t, editor.send(t, "POST", path+":snooze", `{"reason": "x"}`), "untilDate", "required")

		editor.send(t, "PUT", w.path("metadata", ids[0])+"?updateMask="+w.due, fields{w.due: day(900), "etag": made[0]["etag"]}.json(t)).want(t, 200)
		w.retire(t, editor, made[1]).want(t, 200)
		if list = alertsOf(t, w, editor, "", ids...); len(list) != 1 || list[0].text("record") != w.name+"/metadata/"+ids[2] {
			t.Errorf("after a renewal and a retirement: %v", list)
		}
		if list = alertsOf(t, w, editor, "includeResolved=true", ids...); len(list) != 3 {
			t.Errorf("with the resolved ones: %v", list)
		}
		editor.send(t, "POST", path+":acknowledge", "{}").refused(t, 409, "ALERT_STATE_INVALID")
		snooze(editor, path, 2, "x").refused(t, 409, "ALERT_STATE_INVALID")
	})
}

// Alerts that are raised while somebody leafs through put none on two pages and take none away.
func TestComplianceAlertPagesAreStable(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		var ids []string
		for range 3 {
			ids = append(ids, w.make(t, editor, w.fresh().with(w.due, day(25))).text("id"))
		}
		planned(t, editor.agency)
		first := editor.get(t, w.path("expiration-alerts")+"?pageSize=1").want(t, 200)
		token := first.fields(t).text("nextPageToken")
		other.get(t, w.path("expiration-alerts")+"?pageSize=1&pageToken="+token).refused(t, 400, "PAGE_TOKEN_INVALID")
		early := w.make(t, editor, w.fresh().with(w.due, day(-30))).text("id") // overdue: before every position
		planned(t, editor.agency)
		if n := len(alertsOf(t, w, editor, "", early)); n != 1 {
			t.Fatalf("%d alerts of the early one", n)
		}
		rest := editor.get(t, w.path("expiration-alerts")+"?pageSize=500&pageToken="+token).want(t, 200).list(t, "alerts")
		found := map[string]int{}
		for _, f := range append(first.list(t, "alerts"), rest...) {
			found[f.text("record")]++
		}
		for _, id := range ids {
			if n := found[w.name+"/metadata/"+id]; n != 1 {
				t.Errorf("%s stands on %d pages", id, n)
			}
		}
	})
}
