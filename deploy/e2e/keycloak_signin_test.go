//go:build e2e && keycloak

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/keycloak/signin"
	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/proto/gen/authz"
)

const testPassword = "a password that is long enough 1"

// someone is a person whom no other test knows.
func someone(t *testing.T, name, role, totpSecret string) *signin.Person {
	t.Helper()
	_, err := kc.people.Admin.PutPerson(t.Context(), keycloak.Person{
		Username: name, Password: testPassword, TOTPSecret: totpSecret, Roles: []string{role}, AgencyID: agencies(t)[0],
	})
	if err != nil {
		t.Fatal(err)
	}
	return &signin.Person{Username: name, Password: testPassword, Secret: totpSecret, Code: kc.people.Codes.Next}
}

func mustSignIn(t *testing.T, p *signin.Person) signin.Tokens {
	t.Helper()
	tokens, err := kc.people.Portal.SignIn(t.Context(), p)
	if err != nil {
		t.Fatalf("%s: %v", p.Username, err)
	}
	return tokens
}

func sorted(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, i := range items {
		if s, ok := i.(string); ok {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// Every role's token says what the role table says, no more and no less.
func TestKeycloakTokensSayWhatTheRoleTableSays(t *testing.T) {
	var table struct {
		Roles []struct {
			Name    string   `json:"name"`
			Machine bool     `json:"machine"`
			Scopes  []string `json:"scopes"`
		} `json:"roles"`
	}
	if err := json.Unmarshal(authz.RolesJSON, &table); err != nil || len(table.Roles) < 10 {
		t.Fatalf("%d roles, %v", len(table.Roles), err)
	}
	for _, role := range table.Roles {
		agency := agencies(t)[0]
		if role.Name == "founder" {
			agency = 0
		}
		c := claims(t, as(t, role.Name, agency).token)
		access, _ := c["realm_access"].(map[string]any)
		if got := sorted(access["roles"]); !slices.Equal(got, []string{role.Name}) {
			t.Errorf("%s: roles %v", role.Name, got)
		}
		scope, _ := c["scope"].(string)
		got := slices.DeleteFunc(strings.Fields(scope), func(s string) bool { return s == "openid" })
		slices.Sort(got)
		slices.Sort(role.Scopes)
		if !slices.Equal(got, role.Scopes) {
			t.Errorf("%s: scopes %v, the table has %v", role.Name, got, role.Scopes)
		}
		checkPersonal(t, role.Name, role.Machine, agency, c)
	}
}

// aQuarter says whether a token lives 15 minutes. Keycloak reads its clock twice, so that a second may lie between.
func aQuarter(c map[string]any) bool {
	exp, _ := c["exp"].(float64)
	iat, _ := c["iat"].(float64)
	return math.Abs(exp-iat-15*60) <= 1
}

func checkPersonal(t *testing.T, role string, machine bool, agency int64, c map[string]any) {
	t.Helper()
	if id, present := c["agency_id"]; present != (agency != 0) || (present && id != float64(agency)) {
		t.Errorf("%s: agency_id %v, want %d", role, id, agency)
	}
	if c["aud"] != "fusionems-gateway" || c["typ"] != "Bearer" || c["iss"] != env(t, "OIDC_ISSUER") || !aQuarter(c) {
		t.Errorf("%s: aud %v, typ %v, iss %v, iat %v, exp %v", role, c["aud"], c["typ"], c["iss"], c["iat"], c["exp"])
	}
	wantACR, wantAMR := any("2"), []string{"otp", "pwd"}
	if machine {
		wantACR, wantAMR = nil, nil
	}
	if c["acr"] != wantACR || !slices.Equal(sorted(c["amr"]), wantAMR) {
		t.Errorf("%s: acr %v, amr %v; want %v, %v", role, c["acr"], c["amr"], wantACR, wantAMR)
	}
}

func TestKeycloakNewcomerEnrolsAnAuthenticator(t *testing.T) {
	p := someone(t, "test-newcomer", "clinical_staff", "")
	c := claims(t, mustSignIn(t, p).Access)
	if p.Secret == "" || c["acr"] != "2" {
		t.Errorf("secret enrolled %t, acr %v", p.Secret != "", c["acr"])
	}
	c = claims(t, mustSignIn(t, p).Access)
	if c["acr"] != "2" || !slices.Equal(sorted(c["amr"]), []string{"otp", "pwd"}) {
		t.Errorf("afterwards: acr %v, amr %v", c["acr"], c["amr"])
	}
	withoutCode := *p
	withoutCode.Code = func(context.Context, string) (string, error) { return "000000", nil }
	wantRefusal(t, "a wrong code", &withoutCode)
}

// acr is not something that a client may ask down.
func TestKeycloakAsksForBothFactorsWhateverIsAskedFor(t *testing.T) {
	p := someone(t, "test-factors", "qa_reviewer", issuer.NewTOTPSecret())
	for _, acr := range []string{"0", "1", "nonsense"} {
		tokens, err := kc.people.Portal.SignIn(t.Context(), p, "acr_values", acr)
		if err != nil {
			t.Errorf("acr_values=%s: %v", acr, err)
			continue
		}
		if c := claims(t, tokens.Access); c["acr"] != "2" || !slices.Equal(sorted(c["amr"]), []string{"otp", "pwd"}) {
			t.Errorf("acr_values=%s: acr %v, amr %v", acr, c["acr"], c["amr"])
		}
	}
}

func refresh(t *testing.T, token string) (signin.Tokens, error) {
	t.Helper()
	return kc.people.Portal.Token(t.Context(), url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func wantTokenError(t *testing.T, what string, err error, code string) {
	t.Helper()
	var refused *signin.TokenError
	if !errors.As(err, &refused) || refused.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestKeycloakRefreshTokenIsGoodOnceAndASecondUseEndsTheSession(t *testing.T) {
	first := mustSignIn(t, someone(t, "test-refresh", "qa_reviewer", issuer.NewTOTPSecret()))
	second, err := refresh(t, first.Refresh)
	if err != nil || second.Refresh == first.Refresh || claims(t, second.Access)["acr"] != "2" {
		t.Fatalf("refresh: %v", err)
	}
	_, err = refresh(t, first.Refresh)
	wantTokenError(t, "the first refresh token again", err, "invalid_grant")
	_, err = refresh(t, second.Refresh)
	wantTokenError(t, "the second after that", err, "invalid_grant")
}

func TestKeycloakFiveFailuresLockALogin(t *testing.T) {
	for what, spoil := range map[string]func(*signin.Person){
		"password": func(p *signin.Person) { p.Password = "not the password of anybody" },
		"code": func(p *signin.Person) {
			p.Code = func(context.Context, string) (string, error) { return "not one", nil }
		},
	} {
		p := someone(t, "test-lockout-"+what, "qa_reviewer", issuer.NewTOTPSecret())
		wrong := *p
		spoil(&wrong)
		for n := range 5 {
			wantRefusal(t, fmt.Sprintf("wrong %s, attempt %d", what, n+1), &wrong)
		}
		var status struct {
			Disabled bool `json:"disabled"`
			Failures int  `json:"numFailures"`
		}
		if err := kc.people.Admin.Get(t.Context(), &status, "attack-detection", "brute-force", "users", subject(t, kc.people.Admin, p.Username)); err != nil {
			t.Fatal(err)
		}
		if !status.Disabled || status.Failures != 5 {
			t.Errorf("after five wrong ones (%s): %d failures counted, locked %t", what, status.Failures, status.Disabled)
		}
		wantRefusal(t, "the right password and code while locked", p)
	}
}

// wantRefusal fails unless the sign-in ends on a page of Keycloak's.
func wantRefusal(t *testing.T, what string, p *signin.Person) {
	t.Helper()
	var refusal *signin.Refusal
	if _, err := kc.people.Portal.SignIn(t.Context(), p); !errors.As(err, &refusal) {
		t.Fatalf("%s: %v, want a refusal", what, err)
	}
}

func TestKeycloakRequiresPKCEAndTakesNoPassword(t *testing.T) {
	p := someone(t, "test-pkce", "qa_reviewer", issuer.NewTOTPSecret())
	for what, more := range map[string][]string{
		"no challenge": {"code_challenge", "", "code_challenge_method", ""}, "plain": {"code_challenge_method", "plain"},
	} {
		if code, err := kc.people.Portal.Code(t.Context(), p, "verifier", more...); err == nil || code != "" || !strings.Contains(err.Error(), "invalid_request") {
			t.Errorf("%s: %v, want invalid_request", what, err)
		}
	}
	code, err := kc.people.Portal.Code(t.Context(), p, strings.Repeat("v", 43))
	if err != nil {
		t.Fatal(err)
	}
	_, err = kc.people.Portal.Token(t.Context(), url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {kc.people.Portal.RedirectURI}, "code_verifier": {strings.Repeat("w", 43)},
	})
	wantTokenError(t, "another verifier", err, "invalid_grant")

	for _, id := range []string{portalID, "admin-cli"} {
		c := kc.people.Portal
		if c.ID = id; id != portalID {
			c.Secret = ""
		}
		tokens, err := c.Token(t.Context(), url.Values{"grant_type": {"password"}, "username": {p.Username}, "password": {p.Password}, "totp": {"000000"}})
		if err == nil || tokens.Access != "" {
			t.Errorf("%s got a token for a password", id)
		}
	}
}
