//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/totp"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

func after(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }

// looks are the calls that a condition alone closes to an administrator: what reads, and the notice.
func (w workspace) looks(t *testing.T) (list []call) {
	t.Helper()
	for _, c := range w.calls(t) {
		if (c.verb == "GET" && !slices.Contains([]string{"audit-log", "access", "grants"}, c.path)) || aboutTheNotice(c) {
			list = append(list, c)
		}
	}
	return list
}

// Grants are given and taken by editors of the agency, end by themselves, and open nothing elsewhere.
func TestComplianceGrants(t *testing.T) {
	ag := agencies(t)
	for i, agency := range ag {
		w, admin, otherAdmin := deaWorkspace, as(t, "agency_administrator", agency), as(t, "agency_administrator", ag[1-i])
		officer, other := opened(t, as(t, w.editor, agency)), opened(t, as(t, w.editor, ag[1-i]))
		var me agencyv1.Me
		admin.get(t, "/api/me").want(t, 200).into(t, &me)
		valid := fields{"subject": me.GetSubject(), "reason": "inspection", "expireTime": after(time.Hour)}
		for _, enabled := range []bool{false, true} {
			officer.send(t, "PUT", w.path("access"), fields{"enabled": enabled}.json(t)).want(t, 200)
			if f := officer.get(t, w.path("access")).want(t, 200).fields(t); (f["enabled"] == true) != enabled || f["updateTime"] == nil {
				t.Errorf("the flag: %v", f)
			}
			for _, c := range w.looks(t) {
				w.refusedFor(t, admin, c, 403, "DEA_GRANT_REQUIRED")
			}
		}
		officer.send(t, "PUT", w.path("access"), `{"enabled": "perhaps"}`).refused(t, 400)
		for _, c := range []wrong{
			{[]any{"subject", nil}, "grant.subject", "string.min_len"},
			{[]any{"subject", long}, "grant.subject", "string.max_len"},
			{[]any{"reason", nil}, "grant.reason", "string.min_len"},
			{[]any{"reason", long + long + long}, "grant.reason", "string.max_len"},
			{[]any{"reason", " "}, "reason", "text.present"},
			{[]any{"reason", secret}, "grant.reason", "credential.none"},
			{[]any{"expireTime", nil}, "grant.expireTime", "required"},
			{[]any{"expireTime", after(-time.Minute)}, "expireTime", "grant.future"},
			{[]any{"expireTime", after(9999 * time.Hour)}, "expireTime", "grant.max_days"},
		} {
			because(t, officer.send(t, "POST", w.path("grants"), valid.with(c.change...).json(t)), c.field, c.rule)
		}
		grant := officer.send(t, "POST", w.path("grants"), valid.json(t)).want(t, 201).fields(t)
		if grant["live"] != true || grant.text("agencyId") != fmt.Sprint(agency) || grant.text("grantor") == "" {
			t.Errorf("granted %v", grant)
		}
		opened(t, admin).get(t, w.path("metadata")).want(t, 200)
		otherAdmin.get(t, w.path("metadata")).refused(t, 403, "DEA_GRANT_REQUIRED")
		for _, c := range w.calls(t) {
			if !slices.ContainsFunc(w.looks(t), func(l call) bool { return l.rpc == c.rpc }) {
				w.refusedFor(t, admin, c, 403, "SCOPE_MISSING")
			}
		}
		revoke := w.path("grants", grant.text("id")+":revoke")
		other.send(t, "POST", revoke, "{}").refused(t, 404, "GRANT_NOT_FOUND")
		officer.send(t, "POST", w.path("grants", uuid.NewString()+":revoke"), "{}").refused(t, 404, "GRANT_NOT_FOUND")
		because(t, officer.send(t, "POST", w.path("grants/one:revoke"), "{}"), "id", "string.uuid")
		if gone := officer.send(t, "POST", revoke, "{}").want(t, 200).fields(t); gone["live"] == true || gone["revokeTime"] == nil {
			t.Errorf("revoked %v", gone)
		}
		admin.get(t, w.path("metadata")).refused(t, 403, "DEA_GRANT_REQUIRED")

		// Short, and long enough for a look within it.
		for life := 2 * time.Second; ; life *= 2 {
			officer.send(t, "POST", w.path("grants"), valid.with("expireTime", after(life)).json(t)).want(t, 201)
			if a := admin.get(t, w.path("metadata")); a.status == 200 || life > time.Minute {
				a.want(t, 200)
				break
			}
		}
		eventually(t, "the end of a grant", func() bool { return admin.get(t, w.path("metadata")).status == 403 })
		grantPages(t, w, officer, other, valid)
	}
}

// grantPages leafs through the grants while more are given.
func grantPages(t *testing.T, w workspace, officer, other caller, valid fields) {
	t.Helper()
	all := officer.get(t, w.path("grants")+"?pageSize=500").want(t, 200).list(t, "grants")
	var seen []string
	for token := ""; ; {
		a := officer.get(t, w.path("grants")+"?pageSize=1&pageToken="+token).want(t, 200)
		for _, g := range a.list(t, "grants") {
			seen = append(seen, g.text("id"))
		}
		if token = a.fields(t).text("nextPageToken"); token == "" {
			break
		}
		other.get(t, w.path("grants")+"?pageSize=1&pageToken="+token).refused(t, 400, "PAGE_TOKEN_INVALID")
		made := officer.send(t, "POST", w.path("grants"), valid.with("subject", "nobody").json(t)).want(t, 201).fields(t)
		officer.send(t, "POST", w.path("grants", made.text("id")+":revoke"), "{}").want(t, 200)
	}
	var want []string
	for _, g := range all {
		want = append(want, g.text("id"))
		if slices.ContainsFunc(other.get(t, w.path("grants")+"?pageSize=500").want(t, 200).list(t, "grants"), func(o fields) bool { return o.text("id") == g.text("id") }) {
			t.Errorf("the other agency sees %v", g)
		}
	}
	if !slices.Equal(seen, want) || len(want) < 2 {
		t.Errorf("pages %v, want %v", seen, want)
	}
	because(t, officer.get(t, w.path("grants")+"?pageSize=-1"), "pageSize", "int32.gte")
}

// A module that is off closes what depends on it, in that agency alone, until it is on again.
func TestComplianceModules(t *testing.T) {
	ag := agencies(t)
	for i, agency := range ag {
		officer, other := opened(t, as(t, "compliance_officer", agency)), opened(t, as(t, "compliance_officer", ag[1-i]))
		admin, otherAdmin := as(t, "agency_administrator", agency), opened(t, as(t, "agency_administrator", ag[1-i]))
		switched(t, agency, "billing", func() {
			for _, c := range cmsWorkspace.looks(t) {
				eventually(t, "billing off for "+c.rpc, func() bool { return strings.Contains(string(cmsWorkspace.ask(t, admin, c).body), "BILLING_DISABLED") })
			}
			officer.get(t, "/api/cms/metadata").want(t, 200)
			otherAdmin.get(t, "/api/cms/metadata").want(t, 200)
		})
		eventually(t, "billing on", func() bool { return opened(t, admin).get(t, "/api/cms/metadata").status == 200 })
		switched(t, agency, "compliance", func() {
			for _, w := range []workspace{deaWorkspace, cmsWorkspace} {
				for _, c := range w.calls(t) {
					eventually(t, "compliance off for "+c.rpc, func() bool { return strings.Contains(string(w.ask(t, officer, c).body), "MODULE_DISABLED") })
				}
				other.get(t, w.path("metadata")).want(t, 200)
			}
		})
		eventually(t, "compliance on", func() bool { return officer.get(t, "/api/dea/metadata").status == 200 })
	}
}

func switched(t *testing.T, agency int64, module string, off func()) {
	t.Helper()
	f, path := founder(t), fmt.Sprintf("/api/agencies/%d/modules/%s", agency, module)
	f.send(t, "PUT", path, `{"enabled": false, "reason": "contract under review"}`).want(t, 200)
	defer f.send(t, "PUT", path, `{"enabled": true}`)
	off()
}

// An edit wants a second factor of the last minutes: an old session looks and no more.
func TestComplianceEditsWantAFreshSecondFactor(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		old := editor
		old.token = staleToken(t, editor)
		old.get(t, w.path("metadata")).want(t, 200)
		for _, c := range w.calls(t) {
			if c.verb != "GET" && !aboutTheNotice(c) {
				w.refusedFor(t, old, c, 403, "STEP_UP_REQUIRED")
			}
		}
	})
}

var staleTokens = map[string]string{} // by person; a code of the second factor is accepted once

// staleToken is a token of somebody who came in an hour ago and has stayed.
func staleToken(t *testing.T, c caller) string {
	t.Helper()
	if token := staleTokens[c.name]; token != "" {
		return token
	}
	at := slices.IndexFunc(users(t), func(u user) bool { return u.Name == c.name })
	code, err := totp.GenerateCode(users(t)[at].TOTPSecret, time.Now().Add(30*time.Second)) // the one of now is used up
	if err != nil {
		t.Fatal(err)
	}
	grant := func(form url.Values) (access, refresh string) {
		form.Set("client_id", env(t, "DEMO_CLIENT_ID"))
		status, body := postForm(t, form)
		var a struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		if err := json.Unmarshal(body, &a); err != nil || status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return a.Access, a.Refresh
	}
	_, refresh := grant(url.Values{"grant_type": {"password"}, "username": {c.name}, "password": {env(t, "DEMO_PASSWORD")}, "totp": {code}})
	conn, err := pgx.Connect(t.Context(), env(t, "DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	tag, err := conn.Exec(t.Context(), `UPDATE issuer.session SET auth_time = auth_time - interval '1 hour'
		WHERE id = (SELECT session_id FROM issuer.refresh_token WHERE hash = sha256($1::bytea))`, []byte(refresh))
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%s, %v", tag, err)
	}
	staleTokens[c.name], _ = grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	return staleTokens[c.name]
}
