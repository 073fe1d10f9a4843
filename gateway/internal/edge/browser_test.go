package edge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/gateway/internal/session"
)

// browser is a session with its cookies.
type browser struct {
	w             *world
	id            string
	cookies, csrf string
}

// browser signs somebody in, past the pages of the issuer.
func (w *world) browser(change map[string]any, roles ...string) *browser {
	w.t.Helper()
	raw := w.token(change, roles...)
	token, err := w.deps.Tokens.Authenticate(w.t.Context(), raw)
	if err != nil {
		w.t.Fatal(err)
	}
	c, view, err := w.sessions.Create(w.t.Context(), session.Start{
		Tokens: session.Tokens{Access: raw, Refresh: "r"}, Token: token, Address: "192.0.2.9",
		UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	session.SetCookies(rec, c)
	b := &browser{w: w, id: view.ID}
	var parts []string
	for _, k := range rec.Result().Cookies() {
		parts = append(parts, k.Name+"="+k.Value)
		if k.Name == session.CSRFCookie {
			b.csrf = k.Value
		}
	}
	b.cookies = strings.Join(parts, "; ")
	return b
}

// do sends a request as the portal does; header changes it, "" takes a header away.
func (b *browser) do(method, path, body string, header map[string]string) answer {
	b.w.t.Helper()
	h := map[string]string{"Cookie": b.cookies, "Sec-Fetch-Site": "same-origin"}
	if method != http.MethodGet {
		h["Origin"], h[session.CSRFHeader] = origin, b.csrf
	}
	if body != "" {
		h["Content-Type"] = "application/json"
	}
	for k, v := range header {
		h[k] = v
		if v == "" {
			delete(h, k)
		}
	}
	return b.w.do(request{method: method, path: path, header: h, body: strings.NewReader(body)})
}

func TestSessionInThePlaceOfAToken(t *testing.T) {
	w := newWorld(t)
	b := w.browser(nil, "qa_reviewer")
	if a := b.do("GET", "/api/me", "", nil); a.code != 200 || a.json["subject"] != "u-qa_reviewer" || w.services.seen.AgencyID != 7 {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	w.refused(b.do("GET", "/api/billing/claims", "", nil), 403, "SCOPE_MISSING")
	w.refused(b.do("GET", "/api/qa/cases", "", map[string]string{"X-Agency-Id": "8"}), 403, "AGENCY_MISMATCH")
	w.refused(b.do("GET", "/api/me", "", map[string]string{"Authorization": "Bearer " + w.token(nil, "qa_reviewer")}), 400, "TWO_CREDENTIALS")
	w.refused(b.do("GET", "/api/me", "", map[string]string{"Cookie": session.Cookie + "=guess"}), 401, "SESSION_UNKNOWN")
	if last, _ := w.refusals.last(); last.Reason != "SESSION_UNKNOWN" || last.Principal.Subject != "anonymous" {
		t.Fatalf("a guess left no evidence: %+v", last)
	}
	w.refused(b.do("GET", "/api/me", "", map[string]string{"Cookie": "other=1"}), 401, "SESSION_MISSING")
	w.refused(w.do(request{path: "/api/me"}), 401, "TOKEN_MISSING")
	founder := w.browser(nil, "founder")
	if a := founder.do("GET", "/api/qa/cases", "", map[string]string{"X-Access-Reason": "quarterly review"}); a.code != 200 || !w.services.seen.CrossAgency {
		t.Fatalf("%d %s", a.code, a.raw)
	}
}

// TestCSRF sends the same change with each proof taken away.
func TestCSRF(t *testing.T) {
	w := newWorld(t)
	b, other := w.browser(nil, "founder"), w.browser(map[string]any{"sub": "u-2"}, "founder")
	body := `{"enabled":false}`
	path := "/api/agencies/7/modules/qa"
	for name, tc := range map[string]struct {
		header map[string]string
		passes bool
	}{
		"all":                            {nil, true},
		"browser without fetch metadata": {map[string]string{"Sec-Fetch-Site": ""}, true},
		"no token":                       {map[string]string{session.CSRFHeader: ""}, false},
		"token of another":               {map[string]string{session.CSRFHeader: other.csrf}, false},
		"changed token":                  {map[string]string{session.CSRFHeader: b.csrf[1:] + "A"}, false},
		"no csrf cookie":                 {map[string]string{"Cookie": strings.Split(b.cookies, "; ")[0]}, false},
		"planted pair":                   {map[string]string{"Cookie": strings.Split(b.cookies, "; ")[0] + "; " + session.CSRFCookie + "=x", session.CSRFHeader: "x"}, false},
		"no origin":                      {map[string]string{"Origin": ""}, false},
		"another origin":                 {map[string]string{"Origin": "https://evil.example"}, false},
		"origin of a subdomain":          {map[string]string{"Origin": "https://x.ems.example"}, false},
		"origin without TLS":             {map[string]string{"Origin": "http://ems.example"}, false},
		"cross-site":                     {map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		"same-site":                      {map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		"typed into the bar":             {map[string]string{"Sec-Fetch-Site": "none"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			_, before := w.refusals.last()
			calls := w.services.calls
			a := b.do("PUT", path, body, tc.header)
			if tc.passes {
				if a.code != 200 {
					t.Fatalf("%d %s", a.code, a.raw)
				}
				return
			}
			w.refused(a, 403, "CSRF_INVALID")
			last, after := w.refusals.last()
			if after != before+1 || last.Reason != "CSRF_INVALID" || last.Principal.Subject != "u-founder" || last.Action != "fleet.agency.v1.ModuleService/UpdateModule" {
				t.Fatalf("evidence: %+v", last)
			}
			if w.services.calls != calls {
				t.Fatal("the service was called")
			}
		})
	}
	w.t = t
	if a := w.do(request{method: "PUT", path: path, token: w.token(nil, "founder"), body: strings.NewReader(body), header: map[string]string{"Content-Type": "application/json"}}); a.code != 200 {
		t.Fatalf("a token needs no proof of origin: %d %s", a.code, a.raw)
	}
}

func TestOwnSessions(t *testing.T) {
	w := newWorld(t)
	here := w.browser(nil, "qa_reviewer")
	w.clock.Add(time.Minute)
	there, stranger := w.browser(nil, "qa_reviewer"), w.browser(map[string]any{"sub": "u-9", "agency_id": 8}, "qa_reviewer")
	a := here.do("GET", "/api/session", "", nil)
	if a.json["id"] != here.id || a.json["current"] != true || a.json["device"] != "Edge on Windows" || a.json["address"] != "127.0.0.1" {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	var list struct {
		Sessions []struct {
			ID      string
			Current bool
		}
		NextPageToken string
	}
	a = here.do("GET", "/api/sessions?pageSize=1", "", nil)
	if err := json.Unmarshal([]byte(a.raw), &list); err != nil || len(list.Sessions) != 1 || list.NextPageToken == "" {
		t.Fatalf("%s %v", a.raw, err)
	}
	seen := map[string]bool{list.Sessions[0].ID: list.Sessions[0].Current}
	a = here.do("GET", "/api/sessions?pageSize=1&pageToken="+list.NextPageToken, "", nil)
	if err := json.Unmarshal([]byte(a.raw), &list); err != nil || len(list.Sessions) != 1 || list.NextPageToken != "" {
		t.Fatalf("%s %v", a.raw, err)
	}
	seen[list.Sessions[0].ID] = list.Sessions[0].Current
	if len(seen) != 2 || !seen[here.id] || seen[there.id] {
		t.Fatalf("%v", seen)
	}
	w.refused(stranger.do("GET", "/api/sessions?pageToken=abc", "", nil), 400, "PAGE_TOKEN_INVALID")
	w.refused(here.do("DELETE", "/api/sessions/"+stranger.id, "", nil), 404, "SESSION_NOT_FOUND")
	w.refused(here.do("DELETE", "/api/sessions/nonsense", "", nil), 404, "SESSION_NOT_FOUND")
	if a := here.do("DELETE", "/api/sessions/"+there.id, "", nil); a.code != 200 {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	w.refused(there.do("GET", "/api/me", "", nil), 401, "SESSION_ENDED")
	w.refused(here.do("DELETE", "/api/sessions/"+there.id, "", nil), 404, "SESSION_NOT_FOUND")
	if a := stranger.do("GET", "/api/me", "", nil); a.code != 200 {
		t.Fatalf("a stranger's session ended: %d", a.code)
	}
	w.browser(nil, "qa_reviewer")
	w.browser(nil, "qa_reviewer")
	if a := here.do("POST", "/api/sessions:endOthers", "{}", nil); a.code != 200 || fmt.Sprint(a.json["ended"]) != "2" {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	if a := here.do("POST", "/api/session:extend", "{}", nil); a.code != 200 || a.json["id"] != here.id {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	w.recordedOwn(4 + 2)
}

// recordedOwn counts the records of the gateway's own calls and the ends of sessions.
func (w *world) recordedOwn(calls int) {
	w.t.Helper()
	w.refusals.mu.Lock()
	defer w.refusals.mu.Unlock()
	if len(w.refusals.calls) != calls || w.refusals.ended != 2 {
		w.t.Fatalf("%d calls and %d ends are recorded", len(w.refusals.calls), w.refusals.ended)
	}
	for _, c := range w.refusals.calls {
		if m, ok, err := c.Message(); err != nil || !ok {
			w.t.Fatalf("%+v %v", m, err)
		}
	}
}

func TestOwnServicesWithAToken(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil, "qa_reviewer")
	w.refused(w.do(request{path: "/api/session", token: token}), 409, "SESSION_REQUIRED")
	json := map[string]string{"Content-Type": "application/json"}
	w.refused(w.do(request{method: "POST", path: "/api/session:extend", token: token, header: json, body: strings.NewReader("{}")}), 409, "SESSION_REQUIRED")
	w.refused(w.do(request{method: "POST", path: "/api/sessions:endOthers", token: token, header: json, body: strings.NewReader("{}")}), 409, "SESSION_REQUIRED")
	if a := w.do(request{path: "/api/sessions", token: token}); a.code != 200 {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	if a := w.do(request{path: "/api/health", token: token}); a.code != 200 || a.json["ready"] != true {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	w.refused(w.do(request{path: "/api/health"}), 401, "TOKEN_MISSING")
}

func TestSessionsUnreachable(t *testing.T) {
	w := newWorld(t)
	b := w.browser(nil, "qa_reviewer")
	w.redis.Close()
	a := b.do("GET", "/api/me", "", nil)
	w.refused(a, 503, "SESSIONS_UNAVAILABLE")
	if a.header.Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	if a := w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")}); a.code != 200 {
		t.Fatalf("a token does not need the sessions: %d %s", a.code, a.raw)
	}
}

func TestSessionIdleAndExpired(t *testing.T) {
	w := newWorld(t)
	b := w.browser(nil, "qa_reviewer")
	w.clock.Add(15 * time.Minute)
	w.refused(b.do("GET", "/api/me", "", nil), 401, "SESSION_IDLE")
	b = w.browser(nil, "qa_reviewer")
	w.clock.Add(12 * time.Hour)
	w.refused(b.do("GET", "/api/me", "", nil), 401, "SESSION_EXPIRED")
	if _, n := w.refusals.last(); n != 0 {
		t.Fatalf("%d refusals recorded: the end itself is", n)
	}
}
