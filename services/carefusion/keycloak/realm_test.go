package keycloak_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
	"github.com/fusionems/quantum/services/carefusion/keycloak"
)

const file = "carefusion-realm.json"

func TestTheFileIsWhatTheRulesMake(t *testing.T) {
	write := flag.Lookup("write").Value.String() == "true"
	want, err := keycloak.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if write {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not current; run go test ./keycloak -write", file)
	}
}

func TestMain(m *testing.M) {
	flag.Bool("write", false, "write the realm")
	flag.Parse()
	os.Exit(m.Run())
}

// The service's defaults, the issuer of local mode and the realm must say the same of a token.
func TestTheRealmFitsTheService(t *testing.T) {
	raw, err := keycloak.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var realm struct {
		Lifespan int `json:"accessTokenLifespan"`
		Roles    struct {
			Realm []struct {
				Name string `json:"name"`
			} `json:"realm"`
		} `json:"roles"`
		Users []any `json:"users"`
	}
	if err := json.Unmarshal(raw, &realm); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Audience != keycloak.Audience || cfg.ACR != keycloak.SecondFactor || issuer.ACR != keycloak.SecondFactor {
		t.Errorf("the service wants audience %q and acr %q, the realm gives %q and %q", cfg.Audience, cfg.ACR, keycloak.Audience, keycloak.SecondFactor)
	}
	var roles, known []string
	for _, r := range realm.Roles.Realm {
		roles = append(roles, r.Name)
	}
	for _, name := range identity.Names() {
		known = append(known, name)
	}
	slices.Sort(known)
	if !slices.Equal(roles, known) {
		t.Errorf("the realm has the roles %v, the service knows %v", roles, known)
	}
	if realm.Lifespan != 900 || len(realm.Users) != 0 {
		t.Errorf("tokens live %d s and %d users are in the file; want 900 and none", realm.Lifespan, len(realm.Users))
	}
}
