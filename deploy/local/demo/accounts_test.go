package demo_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local/demo"
	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/proto/gen/authz"
	"github.com/fusionems/quantum/services/clinical/democharts"
)

func newAccounts(t *testing.T) *demo.Accounts {
	t.Helper()
	a, err := demo.NewAccounts([]string{"one", "two"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEveryRoleOfThePeopleHasALoginInEveryAgency(t *testing.T) {
	type role struct {
		Name        string `json:"name"`
		Machine     bool   `json:"machine"`
		CrossAgency bool   `json:"cross_agency"`
	}
	var table struct {
		Roles []role `json:"roles"`
	}
	if err := json.Unmarshal(authz.RolesJSON, &table); err != nil || len(table.Roles) == 0 {
		t.Fatalf("role table: %v, %d roles", err, len(table.Roles))
	}
	a := newAccounts(t)
	for _, r := range table.Roles {
		for agency := range a.Agencies {
			has := slices.ContainsFunc(a.Users, func(u demo.User) bool { return u.Agency == agency && slices.Contains(u.Roles, r.Name) })
			if want := !r.Machine && !r.CrossAgency; has != want {
				t.Errorf("role %s in agency %d: login %t, want %t", r.Name, agency, has, want)
			}
		}
	}
	for _, u := range a.Users {
		for _, name := range u.Roles {
			if !slices.ContainsFunc(table.Roles, func(r role) bool { return r.Name == name }) {
				t.Errorf("%s has role %q, which is not in the table", u.Name, name)
			}
		}
	}
}

func TestRealmNamesNobodyOfAnAgencyThatIsNotThereYet(t *testing.T) {
	a := newAccounts(t)
	if realm := a.Realm(); len(realm.Users) != 1 || len(realm.Clients) != 1 || realm.Users[0].AgencyID != 0 {
		t.Errorf("before the agencies: %d users, %d clients; want the founder and the public client", len(realm.Users), len(realm.Clients))
	}
	a.Agencies[0].ID, a.Agencies[1].ID = 11, 12
	for _, u := range a.Realm().Users {
		if want := map[bool]int64{true: 11, false: 12}[strings.HasPrefix(u.Username, "one-")]; u.Username != "founder" && u.AgencyID != want {
			t.Errorf("%s is of agency %d, want %d", u.Username, u.AgencyID, want)
		}
	}
	if got := len(a.Realm().Clients); got != 3 {
		t.Errorf("clients = %d, want the public one and one of each agency", got)
	}
}

func TestOnePersonOfEachAgencyHasYetToEnrol(t *testing.T) {
	a := newAccounts(t)
	a.Agencies[0].ID, a.Agencies[1].ID = 11, 12
	var without []string
	for _, u := range a.Realm().Users {
		if (u.TOTPSecret == "") != slices.Equal(u.RequiredActions, []string{issuer.ConfigureTOTP}) {
			t.Errorf("%s: authenticator %t, required actions %v", u.Username, u.TOTPSecret != "", u.RequiredActions)
		}
		if u.TOTPSecret == "" {
			without = append(without, u.Username)
		}
		if !u.Demo {
			t.Errorf("%s is not marked as a demo user", u.Username)
		}
	}
	if !slices.Equal(without, []string{"one-newcomer", "two-newcomer"}) {
		t.Errorf("without an authenticator: %v", without)
	}
}

func TestAnOlderInstallationGetsWhoIsMissing(t *testing.T) {
	a := newAccounts(t)
	before := slices.Clone(a.Users)
	a.Complete()
	if len(a.Users) != len(before) {
		t.Errorf("completing made %d users of %d", len(a.Users), len(before))
	}
	a.Users = slices.DeleteFunc(a.Users, func(u demo.User) bool { return u.Name == "two-newcomer" })
	a.Complete()
	last := a.Users[len(a.Users)-1]
	if len(a.Users) != len(before) || last.Name != "two-newcomer" || last.Agency != 1 || last.PasswordHash != before[0].PasswordHash || last.TOTPSecret != "" {
		t.Errorf("%d users, the last is %+v", len(a.Users), last)
	}
}

func TestEnvHoldsWhatADeveloperNeeds(t *testing.T) {
	a := newAccounts(t)
	a.Agencies[0].ID, a.Agencies[1].ID = 11, 12
	env := map[string]string{}
	if err := a.Env(env); err != nil {
		t.Fatal(err)
	}
	var users, clients []map[string]any
	if err := json.Unmarshal([]byte(env["DEMO_USERS"]), &users); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(env["DEMO_CLIENTS"]), &clients); err != nil {
		t.Fatal(err)
	}
	if len(users) != len(a.Users) || users[0]["name"] != "founder" || users[0]["agency"] != nil || users[1]["agency"] != float64(11) {
		t.Errorf("users = %v", users)
	}
	if len(clients) != 2 || clients[1]["agency"] != float64(12) || clients[1]["secret"] == "" || clients[1]["id"] != "two-epcr" {
		t.Errorf("clients = %v", clients)
	}
	if env["DEMO_PASSWORD"] != a.Password || env["DEMO_CLIENT_ID"] != demo.ClientID {
		t.Errorf("password or client id missing")
	}
}

func TestProfilesNameLoginsThatExist(t *testing.T) {
	var slugs []string
	for _, p := range demo.Profiles() {
		slugs = append(slugs, p.Slug)
	}
	a, err := demo.NewAccounts(slugs, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range demo.Profiles() {
		if len(p.Medics) == 0 {
			t.Errorf("%s has no medics", p.Slug)
		}
		for name, ids := range p.Medics {
			if !slices.ContainsFunc(a.Users, func(u demo.User) bool { return u.Name == name && u.Roles[0] == "clinical_staff" }) {
				t.Errorf("%s is no login of clinical staff", name)
			}
			for _, id := range ids {
				if !slices.ContainsFunc(p.Charts.Crew, func(m democharts.Medic) bool { return m.ID == id }) {
					t.Errorf("%s: crew id %s is on no chart", name, id)
				}
			}
		}
	}
	documents, err := demo.Documents(a.Base)
	if err != nil || len(documents) < 24 {
		t.Errorf("%d documents, %v; want at least 24", len(documents), err)
	}
}
