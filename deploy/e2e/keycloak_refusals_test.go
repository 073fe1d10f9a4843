//go:build e2e && keycloak

package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak/signin"
	"github.com/fusionems/quantum/deploy/local/issuer"
)

// selfService is a client as Keycloak's own account pages have one: by it a person may change what is theirs.
func selfService(t *testing.T) signin.Client {
	t.Helper()
	c := kc.people.Portal
	c.ID, c.Secret, c.RedirectURI = "test-self-service", "", "https://127.0.0.1/self-service"
	mapper := func(name, kind string, config map[string]string) map[string]any {
		return map[string]any{"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}
	}
	_, err := kc.people.Admin.PutClient(t.Context(), map[string]any{
		"clientId": c.ID, "publicClient": true, "standardFlowEnabled": true, "fullScopeAllowed": true,
		"redirectUris": []string{c.RedirectURI}, "defaultClientScopes": []string{"basic", "fleet"},
		"protocolMappers": []any{
			mapper("audience", "oidc-audience-mapper", map[string]string{"included.client.audience": "account", "access.token.claim": "true"}),
			mapper("roles", "oidc-usermodel-client-role-mapper", map[string]string{
				"usermodel.clientRoleMapping.clientId": "account", "claim.name": "resource_access.account.roles", "multivalued": "true",
				"jsonType.label": "String", "access.token.claim": "true",
			}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeycloakLetsNobodyMoveToAnotherAgency(t *testing.T) {
	p := someone(t, "test-mover", "qa_reviewer", issuer.NewTOTPSecret())
	tokens, err := selfService(t).SignIn(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	account := func(method, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, kc.server.Issuer(realmName)+"/account", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+tokens.Access)
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Content-Type", "application/json")
		return exchange(t, req)
	}
	// That the person reaches the endpoint at all makes the refusal mean something.
	if status, body := account(http.MethodGet, ""); status != 200 || !strings.Contains(body, p.Username) || strings.Contains(body, "agency_id") {
		t.Fatalf("the person's own account: %d %s", status, body)
	}
	other := strconv.FormatInt(agencies(t)[1], 10)
	status, body := account(http.MethodPost, `{"username":"`+p.Username+`","attributes":{"agency_id":["`+other+`"]}}`)
	var found []struct {
		Attributes map[string][]string `json:"attributes"`
	}
	if err := kc.people.Admin.Find(t.Context(), &found, "users", url.Values{"username": {p.Username}, "exact": {"true"}}); err != nil || len(found) != 1 {
		t.Fatalf("%d users, %v", len(found), err)
	}
	if got := found[0].Attributes["agency_id"]; !slices.Equal(got, []string{strconv.FormatInt(agencies(t)[0], 10)}) {
		t.Errorf("after asking to be of agency %s (%d %s) the person is of %v", other, status, body, got)
	}
}

func TestKeycloakRegistersNobodysClients(t *testing.T) {
	resp, err := kc.server.Client().Post(kc.server.Issuer(realmName)+"/clients-registrations/openid-connect", "application/json",
		strings.NewReader(`{"redirect_uris":["https://127.0.0.1/callback"]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a client that nobody vouches for was answered %s", resp.Status)
	}
}
