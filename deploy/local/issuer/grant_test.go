package issuer_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestPasswordGrantAnswersAsKeycloakDoes(t *testing.T) {
	w := newWorld(t)
	a := w.login("Medic", password, w.code("medic", 0))
	wantToken(t, "login", a)
	if a.ExpiresIn != 900 || a.TokenType != "Bearer" || a.RefreshToken == "" || a.IDToken != "" || a.RefreshExpiresIn != 1800 {
		t.Errorf("response = %+v", a)
	}
	c := w.claims(a.AccessToken)
	want := map[string]any{
		"iss": url0, "aud": "fusionems-gateway", "azp": "demo", "typ": "Bearer", "sub": w.user("medic").ID,
		"preferred_username": "medic", "realm_access": map[string]any{"roles": []any{"clinical_staff"}},
		"scope": "epcr:read:own protocols:read", "agency_id": float64(7), "acr": "2", "amr": []any{"pwd", "otp"},
		"auth_time": float64(w.now.Unix()), "iat": float64(w.now.Unix()), "exp": float64(w.now.Unix() + 900),
	}
	for k, v := range want {
		if !reflect.DeepEqual(c[k], v) {
			t.Errorf("%s = %v, want %v", k, c[k], v)
		}
	}
	for _, k := range []string{"jti", "sid"} {
		if _, err := uuid.Parse(c[k].(string)); err != nil {
			t.Errorf("%s = %v, want a UUID", k, c[k])
		}
	}
	founder := w.login("founder", password, w.code("founder", 0), "scope", "openid governance:write")
	wantToken(t, "founder", founder)
	fc := w.claims(founder.AccessToken)
	if _, present := fc["agency_id"]; present {
		t.Error("a founder's token names an agency")
	}
	if founder.Scope != "governance:write openid" || fc["scope"] != founder.Scope {
		t.Errorf("scope = %q, want what was asked for", founder.Scope)
	}
	if id := w.claims(founder.IDToken); id["sub"] != w.user("founder").ID || id["aud"] != "demo" {
		t.Errorf("id token = %v", id)
	}
}

func TestPasswordGrantRefusesAlikeWhateverIsWrong(t *testing.T) {
	w := newWorld(t)
	first := w.login("nobody", password, "000000")
	for what, a := range map[string]answer{
		"unknown user": first, "wrong password": w.login("medic", "wrong", w.code("medic", 0)),
		"wrong code": w.login("medic", password, "000000"), "no code": w.login("medic", password, ""),
		"old code": w.login("medic", password, w.code("medic", -2)), "disabled": w.login("gone", password, w.code("gone", 0)),
	} {
		wantRefused(t, what, a, http.StatusUnauthorized, "invalid_grant")
		if a != first {
			t.Errorf("%s: %+v differs from the answer to an unknown user %+v", what, a, first)
		}
	}
	wantRefused(t, "scope not held", w.login("founder", password, w.code("founder", 0), "scope", "epcr:import"), http.StatusBadRequest, "invalid_scope")
	wantRefused(t, "unknown client", w.login("medic", password, w.code("medic", 0), "client_id", "nobody"), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "public client with a secret", w.login("medic", password, w.code("medic", 0), "client_secret", "x"), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "client without direct grants",
		w.login("medic", password, w.code("medic", 0), "client_id", "vendor", "client_secret", w.secret), http.StatusBadRequest, "unauthorized_client")
}

func TestACodeIsAcceptedOnce(t *testing.T) {
	w := newWorld(t)
	code := w.code("medic", 0)
	wantToken(t, "first use", w.login("medic", password, code))
	wantRefused(t, "second use", w.login("medic", password, code), http.StatusUnauthorized, "invalid_grant")
	w.restart()
	wantRefused(t, "second use after a restart", w.login("medic", password, code), http.StatusUnauthorized, "invalid_grant")
	wantToken(t, "the code before", w.login("medic", password, w.code("medic", -1)))
	wantToken(t, "the code after", w.login("medic", password, w.code("medic", 1)))
	// A used code was a right one: repeating it is no guess, so it does not lock anybody out.
	for range 6 {
		w.login("medic", password, code)
	}
	w.wait(time.Minute)
	wantToken(t, "after many repeats", w.login("medic", password, w.code("medic", 0)))
}

func TestFiveFailuresLockForThirtyMinutes(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.login("medic", "wrong", "")
	}
	wantToken(t, "the fifth try is right", w.login("medic", password, w.code("medic", 0)))
	for range 3 {
		w.login("medic", "wrong", "")
	}
	w.login("medic", password, "000000")
	w.login("MEDIC", "wrong", "")
	w.wait(time.Minute)
	wantRefused(t, "locked", w.login("medic", password, w.code("medic", 0)), http.StatusUnauthorized, "invalid_grant")
	w.restart()
	w.wait(28 * time.Minute)
	wantRefused(t, "locked after a restart", w.login("medic", password, w.code("medic", 0)), http.StatusUnauthorized, "invalid_grant")
	wantToken(t, "somebody else", w.login("founder", password, w.code("founder", 0)))
	w.wait(2 * time.Minute)
	wantToken(t, "after thirty minutes", w.login("medic", password, w.code("medic", 0)))
}

func TestGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	w := newWorld(t)
	done := make(chan struct{})
	for range 12 {
		go func() {
			defer func() { done <- struct{}{} }()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/token", strings.NewReader(url.Values{
				"grant_type": {"password"}, "client_id": {"demo"}, "username": {"medic"}, "password": {"wrong"},
			}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w.handler.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
	for range 12 {
		<-done
	}
	wantRefused(t, "after guesses at once", w.login("medic", password, w.code("medic", 0)), http.StatusUnauthorized, "invalid_grant")
}

func TestRefreshRotatesAndReuseEndsTheFamily(t *testing.T) {
	w := newWorld(t)
	first := w.login("medic", password, w.code("medic", 0))
	wantToken(t, "login", first)
	w.wait(10 * time.Minute)
	second := w.refresh(first.RefreshToken)
	wantToken(t, "refresh", second)
	if second.RefreshToken == first.RefreshToken {
		t.Error("the refresh token was not rotated")
	}
	a, b := w.claims(first.AccessToken), w.claims(second.AccessToken)
	if a["auth_time"] != b["auth_time"] || a["sid"] != b["sid"] || a["jti"] == b["jti"] {
		t.Errorf("a refresh must keep the time of the login and the session: %v then %v", a, b)
	}
	wantRefused(t, "of another client", w.post("/token", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"other"}, "refresh_token": {second.RefreshToken},
	}), http.StatusBadRequest, "invalid_grant")
	w.restart()
	wantRefused(t, "used twice", w.refresh(first.RefreshToken), http.StatusBadRequest, "invalid_grant")
	wantRefused(t, "the newer one after reuse", w.refresh(second.RefreshToken), http.StatusBadRequest, "invalid_grant")
	wantRefused(t, "unknown", w.refresh("unknown"), http.StatusBadRequest, "invalid_grant")

	w.wait(time.Minute)
	idle := w.login("medic", password, w.code("medic", 0))
	w.wait(31 * time.Minute)
	wantRefused(t, "idle for too long", w.refresh(idle.RefreshToken), http.StatusBadRequest, "invalid_grant")
}

func TestRefreshFollowsTheRealmFile(t *testing.T) {
	w := newWorld(t)
	a := w.login("medic", password, w.code("medic", 0))
	wantToken(t, "login", a)
	w.realm.Users[0].Roles = []string{"founder"}
	w.writeRealm()
	b := w.refresh(a.RefreshToken)
	wantToken(t, "refresh", b)
	if b.Scope != "" {
		t.Errorf("scope = %q: a refresh kept or won scopes after the roles had changed", b.Scope)
	}
	w.realm.Users[0].Disabled = true
	w.writeRealm()
	wantRefused(t, "disabled", w.refresh(b.RefreshToken), http.StatusBadRequest, "invalid_grant")
	w.realm.Users[0].Disabled = false
	w.writeRealm()
	wantRefused(t, "enabled again: the session stays ended", w.refresh(b.RefreshToken), http.StatusBadRequest, "invalid_grant")
}

func TestClientCredentials(t *testing.T) {
	w := newWorld(t)
	form := func(id, secret string) url.Values {
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	}
	a := w.post("/token", form("vendor", w.secret))
	wantToken(t, "client credentials", a)
	c := w.claims(a.AccessToken)
	if c["scope"] != "epcr:import" || c["agency_id"] != float64(9) || c["acr"] != "1" || c["azp"] != "vendor" || a.RefreshToken != "" {
		t.Errorf("claims = %v, refresh token %q", c, a.RefreshToken)
	}
	basic := httptest.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/token", strings.NewReader("grant_type=client_credentials"))
	basic.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	basic.SetBasicAuth("vendor", w.secret)
	wantToken(t, "by basic authentication", w.do(basic))
	wantRefused(t, "wrong secret", w.post("/token", form("vendor", "wrong")), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "no secret", w.post("/token", form("vendor", "")), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "unknown client", w.post("/token", form("nobody", "x")), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "public client", w.post("/token", form("demo", "")), http.StatusUnauthorized, "unauthorized_client")
}

func TestTokenEndpointRefusesMalformedRequests(t *testing.T) {
	w := newWorld(t)
	wantRefused(t, "no grant type", w.post("/token", url.Values{"client_id": {"demo"}}), http.StatusBadRequest, "invalid_request")
	wantRefused(t, "implicit", w.post("/token", url.Values{"client_id": {"demo"}, "grant_type": {"implicit"}}), http.StatusBadRequest, "unsupported_grant_type")
	wantRefused(t, "parameter twice", w.post("/token", url.Values{"client_id": {"demo", "demo"}}), http.StatusBadRequest, "invalid_request")
	wantRefused(t, "too long", w.post("/token", url.Values{"client_id": {strings.Repeat("x", 20<<10)}}), http.StatusBadRequest, "invalid_request")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/token", strings.NewReader(`{"grant_type":"password"}`))
	r.Header.Set("Content-Type", "application/json")
	wantRefused(t, "JSON", w.do(r), http.StatusBadRequest, "invalid_request")
}

func TestLogoutAndRevocationEndTheSession(t *testing.T) {
	for _, end := range []struct {
		path, field string
		status      int
	}{{"/logout", "refresh_token", http.StatusNoContent}, {"/revoke", "token", http.StatusOK}} {
		w := newWorld(t)
		a := w.login("medic", password, w.code("medic", 0))
		wantToken(t, "login", a)
		info := func() answer {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/userinfo", nil)
			r.Header.Set("Authorization", "Bearer "+a.AccessToken)
			return w.do(r)
		}
		if got := info(); got.Status != http.StatusOK || got.PreferredUsername != "medic" {
			t.Errorf("userinfo = %+v", got)
		}
		if got := w.post(end.path, url.Values{"client_id": {"demo"}, end.field: {a.RefreshToken}}); got.Status != end.status {
			t.Errorf("%s = %d, want %d", end.path, got.Status, end.status)
		}
		wantRefused(t, "refresh after "+end.path, w.refresh(a.RefreshToken), http.StatusBadRequest, "invalid_grant")
		wantRefused(t, "userinfo after "+end.path, info(), http.StatusUnauthorized, "invalid_token")
	}
}

func TestDiscoveryNamesOnlyWhatWorks(t *testing.T) {
	w := newWorld(t)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/realms/fusionems/.well-known/openid-configuration", nil))
	body := rec.Body.String()
	for _, want := range []string{
		`"issuer":"` + url0 + `"`, url0 + "/protocol/openid-connect/token", url0 + "/protocol/openid-connect/certs",
		`"authorization_endpoint":"` + url0 + `/protocol/openid-connect/auth"`, `"end_session_endpoint":"` + url0 + `/protocol/openid-connect/logout"`,
		`"code_challenge_methods_supported":["S256"]`, `"response_types_supported":["code"]`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("discovery lacks %s: %s", want, body)
		}
	}
	for _, absent := range []string{"device_authorization", "registration_endpoint", "introspection", "plain"} {
		if strings.Contains(body, absent) {
			t.Errorf("discovery names %s, which is not served", absent)
		}
	}
}
