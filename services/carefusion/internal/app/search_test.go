package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// found answers the sequences of all pages of a search.
func (w *world) found(size int, search url.Values) []string {
	w.t.Helper()
	var out []string
	q := url.Values{"pageSize": {fmt.Sprint(size)}}
	for k, v := range search {
		q[k] = v
	}
	for range 200 {
		a := w.get("admin", "auditRecords?"+q.Encode())
		for _, r := range a.list("records") {
			out = append(out, r.(obj)["sequence"].(string))
		}
		if a.str("nextPageToken") == "" {
			return out
		}
		q.Set("pageToken", a.str("nextPageToken"))
	}
	w.t.Fatal("a search without an end")
	return nil
}

// wanted is the same question asked of the table, by somebody else's words.
func (w *world) wanted(condition string, args ...any) []string {
	w.t.Helper()
	all, _ := w.behind(`SELECT COALESCE(string_agg(sequence::text, ' ' ORDER BY sequence DESC), '') FROM (SELECT sequence, body FROM carefusion.audit_record) a, jsonb_to_record(body::jsonb)
		AS r(time timestamptz, subject text, role text, method text, outcome text, target text) WHERE `+condition, args...).(string)
	return strings.Fields(all)
}

func TestTheAuditLogIsSearched(t *testing.T) {
	s := newScene(t)
	patient, visit := s.users["patient0"].subject.String(), "appointments/"+s.ids["appointment_id"]
	s.send(s.token("patient1"), http.MethodGet, visit, nil)
	s.send(s.token("patient1"), http.MethodPost, visit+"/session:admit", obj{})
	s.send(s.token("patient1"), http.MethodGet, "appointments/"+strings.ToUpper(s.ids["appointment_id"]), nil)
	middle := s.behind(`SELECT (body::jsonb ->> 'time')::timestamptz FROM carefusion.audit_record ORDER BY sequence OFFSET 12 LIMIT 1`).(time.Time)
	// Looking into the log is recorded as well; what is looked for was before.
	until := s.clock.now()
	at := middle.UTC().Format(time.RFC3339Nano)
	if got, want := s.found(3, url.Values{"endTime": {at}}), s.wanted(`time < $1`, middle); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("until: %v, want %v", got, want)
	}
	for name, c := range map[string]struct {
		search    url.Values
		condition string
		args      []any
	}{
		"actor":          {url.Values{"subject": {strings.ToUpper(patient)}}, `subject = $1`, []any{patient}},
		"role":           {url.Values{"role": {"ROLE_BILLING"}}, `role = 'billing'`, nil},
		"action":         {url.Values{"method": {"RecordConsent"}}, `method = '/carefusion.v1.ConsentService/RecordConsent'`, nil},
		"outcome":        {url.Values{"outcome": {"PermissionDenied"}}, `outcome = 'PermissionDenied'`, nil},
		"refused":        {url.Values{"refused": {"true"}}, `outcome <> 'OK'`, nil},
		"target":         {url.Values{"target": {visit}}, `lower(target) = $1`, []any{visit}},
		"kind of target": {url.Values{"target": {"providers/"}}, `target LIKE 'providers/%'`, nil},
		"from":           {url.Values{"startTime": {at}}, `time >= $1`, []any{middle}},
		"all together": {url.Values{"subject": {patient}, "role": {"ROLE_PATIENT"}, "method": {"CheckIn"}, "outcome": {"OK"}, "target": {visit}, "startTime": {at}},
			`subject = $1 AND method LIKE '%/CheckIn' AND outcome = 'OK' AND target = $2 AND time >= $3`, []any{patient, visit, middle}},
		"nothing": {url.Values{"method": {"NoSuchCall"}}, `false`, nil},
	} {
		c.search.Set("endTime", until.UTC().Format(time.RFC3339Nano))
		want := s.wanted(c.condition+` AND time < '`+until.UTC().Format(time.RFC3339Nano)+`'`, c.args...)
		if len(want) == 0 && name != "nothing" {
			t.Errorf("%s: the scene has no such record", name)
		}
		for _, size := range []int{2, 200} {
			if got := s.found(size, c.search); !slices.Equal(got, want) {
				t.Errorf("%s, %d a page: %v, want %v", name, size, got, want)
			}
		}
	}
}

func TestASearchThatIsNone(t *testing.T) {
	s := newScene(t)
	token := s.get("admin", "auditRecords?pageSize=2&role=ROLE_PATIENT").str("nextPageToken")
	if token == "" {
		t.Fatal("there is no second page")
	}
	for _, q := range []string{"subject=somebody", "role=9", "method=Get%25", "outcome=%27%20OR%201", "target=appointments/%25", "target=x%27y", "startTime=soon",
		"startTime=2026-01-02T00:00:00Z&endTime=2026-01-01T00:00:00Z", "pageSize=201", "role=ROLE_PROVIDER&pageToken=" + token, "pageToken=" + token} {
		if a := s.send(s.token("admin"), http.MethodGet, "auditRecords?"+q, nil); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", q, a.status, a.text)
		}
	}
}

// TestASearchReadsAnIndex: in a long log, what is rare is not looked for record by record.
func TestASearchReadsAnIndex(t *testing.T) {
	s := newScene(t)
	s.behind(`WITH more AS (INSERT INTO carefusion.audit_record SELECT 1000 + n, jsonb_build_object('time', '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 minute',
		'subject', gen_random_uuid(), 'role', 'patient', 'method', '/carefusion.v1.X/Get', 'outcome', 'OK', 'target', 'appointments/' || gen_random_uuid())::text, '', ''
		FROM generate_series(1, 20000) n RETURNING 1) SELECT count(*) FROM more`)
	if err := execute(t.Context(), s.db, `ANALYZE carefusion.audit_record`); err != nil {
		t.Fatal(err)
	}
	day := url.Values{"startTime": {s.clock.now().UTC().Add(-time.Hour).Format(time.RFC3339)}}
	for _, search := range []url.Values{{"subject": {s.users["admin"].subject.String()}}, {"method": {"ApproveProvider"}}, {"target": {"providers/"}}, {"refused": {"true"}}, day} {
		s.get("admin", "auditRecords?"+search.Encode())
	}
	// Every search has an index of its own; the server counts their use, a moment later.
	s.eventually("each index was read", func() bool {
		return s.countOf(`SELECT count(*) FROM pg_stat_user_indexes WHERE indexrelname LIKE 'audit_record_%' AND indexrelname <> 'audit_record_pkey' AND idx_scan > 0`) == 5
	})
}
