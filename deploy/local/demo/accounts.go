package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

// ClientID is the public client of people's logins.
const ClientID = "fusionems-demo"

// founderName is the login of the one founder.
const founderName = "founder"

// newcomerName is the login, one of each agency, whose person has no authenticator yet and enrols one at the first sign-in.
const newcomerName = "newcomer"

// staff are the people of each agency: a short login name and a role of the matrix. Of two with one role the first is who acts
// for it where any would do, so the newcomer comes last.
var staff = []struct{ name, role string }{
	{"admin", "agency_administrator"},
	{"qa", "qa_reviewer"},
	{"peer", "peer_reviewer"},
	{"medic", "clinical_staff"},
	{"medic2", "clinical_staff"},
	{"supervisor", "clinical_supervisor"},
	{"director", "medical_director"},
	{"billing", "billing_staff"},
	{"billing-admin", "billing_administrator"},
	{"billing-ops", "billing_operations"},
	{"compliance", "compliance_officer"},
	{"substances", "controlled_substance_officer"},
	{newcomerName, "clinical_staff"},
}

// Accounts are the logins of one installation. They are made once, at random, and kept.
type Accounts struct {
	Password string   `json:"password"`
	Agencies []Agency `json:"agencies"`
	Users    []User   `json:"users"`
	Clients  []Client `json:"clients"`
	// Base is the day before which the demo charts lie. It is kept so that an import that was cut short goes on with the same
	// charts the next day.
	Base time.Time `json:"base"`
	// Provisioned is set when the agencies and their personnel are registered.
	Provisioned bool `json:"provisioned"`
	// ChartsImported is set when the demo charts are in, so that a later start leaves them alone.
	ChartsImported bool `json:"chartsImported"`
}

// Agency is a demo agency. ID is what the fleet gave it, 0 before.
type Agency struct {
	Slug      string `json:"slug"`
	RequestID string `json:"requestId"`
	ID        int64  `json:"id"`
}

// User is a demo login. Agency is an index into Agencies, -1 for the founder. TOTPSecret is "" for who has yet to enrol.
type User struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	PasswordHash string   `json:"passwordHash"`
	TOTPSecret   string   `json:"totpSecret"`
	Roles        []string `json:"roles"`
	Agency       int      `json:"agency"`
}

// Client is the machine identity by which an agency's charts arrive.
type Client struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Secret  string `json:"secret"`
	Agency  int    `json:"agency"`
}

// NewAccounts makes the accounts of an installation.
func NewAccounts(slugs []string, now time.Time) (*Accounts, error) {
	a := &Accounts{Password: issuer.NewSecret(), Base: now.UTC().Truncate(24 * time.Hour)}
	// One hash for all: that their password is the same is no secret, and hashing it for each would take seconds of a first start.
	hash, err := issuer.HashPassword(a.Password)
	if err != nil {
		return nil, err
	}
	a.add(founderName, "founder", -1, hash)
	for i, slug := range slugs {
		a.Agencies = append(a.Agencies, Agency{Slug: slug, RequestID: uuid.NewString()})
		a.Clients = append(a.Clients, Client{ID: slug + "-epcr", Subject: uuid.NewString(), Secret: issuer.NewSecret(), Agency: i})
	}
	a.Complete()
	return a, nil
}

// Complete adds the people that an installation made before they were thought of does not have.
func (a *Accounts) Complete() {
	for i, agency := range a.Agencies {
		for _, s := range staff {
			name := agency.Slug + "-" + s.name
			if !slices.ContainsFunc(a.Users, func(u User) bool { return u.Name == name }) {
				a.add(name, s.role, i, a.Users[0].PasswordHash)
			}
		}
	}
}

func (a *Accounts) add(name, role string, agency int, hash string) {
	u := User{ID: uuid.NewString(), Name: name, PasswordHash: hash, Roles: []string{role}, Agency: agency}
	if !strings.HasSuffix(name, "-"+newcomerName) {
		u.TOTPSecret = issuer.NewTOTPSecret()
	}
	a.Users = append(a.Users, u)
}

// Realm is what the issuer is told. People and clients of an agency that does not exist yet are left out: their tokens could
// not name it.
func (a *Accounts) Realm() *issuer.Realm {
	realm := &issuer.Realm{Clients: []issuer.Client{{ID: ClientID, DirectGrants: true}}}
	for _, u := range a.Users {
		if u.Agency >= 0 && a.Agencies[u.Agency].ID == 0 {
			continue
		}
		login := issuer.User{
			ID: u.ID, Username: u.Name, PasswordHash: u.PasswordHash, TOTPSecret: u.TOTPSecret, Roles: u.Roles, AgencyID: a.agencyID(u.Agency), Demo: true,
		}
		if u.TOTPSecret == "" {
			login.RequiredActions = []string{issuer.ConfigureTOTP}
		}
		realm.Users = append(realm.Users, login)
	}
	for _, c := range a.Clients {
		if id := a.agencyID(c.Agency); id != 0 {
			realm.Clients = append(realm.Clients, issuer.Client{
				ID: c.ID, Subject: c.Subject, SecretHash: issuer.HashSecret(c.Secret), Roles: []string{"integration"}, AgencyID: id,
			})
		}
	}
	return realm
}

func (a *Accounts) agencyID(index int) int64 {
	if index < 0 {
		return 0
	}
	return a.Agencies[index].ID
}

func (a *Accounts) user(agency int, role string) User {
	i := slices.IndexFunc(a.Users, func(u User) bool { return u.Agency == agency && slices.Contains(u.Roles, role) })
	return a.Users[i]
}

// Env adds the demo's entries of fleet.env. The founder's agency is null.
func (a *Accounts) Env(env map[string]string) error {
	type user struct {
		Name       string   `json:"name"`
		Roles      []string `json:"roles"`
		Agency     *int64   `json:"agency"`
		TOTPSecret string   `json:"totpSecret,omitempty"`
	}
	type client struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
		Agency int64  `json:"agency"`
	}
	users, clients := []user{}, []client{}
	for _, u := range a.Users {
		entry := user{Name: u.Name, Roles: u.Roles, TOTPSecret: u.TOTPSecret}
		if u.Agency >= 0 {
			entry.Agency = &a.Agencies[u.Agency].ID
		}
		users = append(users, entry)
	}
	for _, c := range a.Clients {
		clients = append(clients, client{ID: c.ID, Secret: c.Secret, Agency: a.Agencies[c.Agency].ID})
	}
	usersJSON, err := json.Marshal(users)
	if err != nil {
		return fmt.Errorf("demo users: %w", err)
	}
	clientsJSON, err := json.Marshal(clients)
	if err != nil {
		return fmt.Errorf("demo clients: %w", err)
	}
	env["DEMO_CLIENT_ID"], env["DEMO_PASSWORD"] = ClientID, a.Password
	env["DEMO_USERS"], env["DEMO_CLIENTS"] = string(usersJSON), string(clientsJSON)
	return nil
}
