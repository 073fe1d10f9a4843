package local

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
)

// Person is a demo login. None of them is a real person.
type Person struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	About   string    `json:"about"`
	Subject uuid.UUID `json:"subject"`
	// TOTP is the secret of the second factor.
	TOTP string `json:"totp"`
}

// People is everybody who can sign in, with the password that they share.
type People struct {
	Password string   `json:"password"`
	Users    []Person `json:"users"`
}

const (
	// pageClient is the application of the page, cliClient that of the launcher.
	pageClient = "carefusion-page"
	cliClient  = "carefusion-local"
	iterations = 600_000
)

func cast() []Person {
	return []Person{
		{Name: "patient-a", Role: "patient", About: "Alma Whitfield, patient in Colorado"},
		{Name: "patient-b", Role: "patient", About: "Bruno Castellanos, patient in Nebraska"},
		{Name: "provider-co", Role: "provider", About: "Dr. Amara Okafor, licensed in Colorado and Nebraska, open around the clock"},
		{Name: "provider-ne", Role: "provider", About: "Dr. Niels Eriksen, licensed in Nebraska, weekdays 9 to 5"},
		{Name: "provider-new", Role: "provider", About: "Dr. Noor Haddad, waits for approval"},
		{Name: "admin", Role: "admin", About: "approves providers, publishes consent texts, reads the audit log"},
		{Name: "billing", Role: "billing", About: "charges visits and records payments"},
	}
}

// people reads the demo logins, which are made at random at the first start.
func (l Layout) people() (People, error) {
	text, err := l.once("people.json", func() (string, error) {
		p := People{Password: rand.Text()[:16], Users: cast()}
		for i := range p.Users {
			secret := make([]byte, 20)
			_, _ = rand.Read(secret) // never fails
			p.Users[i].Subject = uuid.New()
			p.Users[i].TOTP = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
		}
		out, err := json.MarshalIndent(p, "", "  ")
		return string(out) + "\n", err
	})
	if err != nil {
		return People{}, err
	}
	var p People
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("local: secrets/people.json: %w", err)
	}
	return p, nil
}

// People reads the demo logins of an installation that was started before.
func (l Layout) People() (People, error) {
	if !exists(l.path("secrets", "people.json")) {
		return People{}, fmt.Errorf("local: there are no logins yet; start CareFusion first")
	}
	return l.people()
}

func (p People) named(name string) (Person, error) {
	for _, u := range p.Users {
		if u.Name == name {
			return u, nil
		}
	}
	return Person{}, fmt.Errorf("local: no login is named %q; `logins` lists them", name)
}

// realm writes what the embedded issuer reads.
func (l Layout) realm(p People, page string) error {
	r := issuer.Realm{Clients: []issuer.Client{
		{ID: pageClient, RedirectURIs: []string{page + "/auth/callback"}},
		{ID: cliClient, Direct: true},
	}}
	for _, u := range p.Users {
		// Derived from the secret, so that the file is the same at every start.
		salt := u.Subject[:]
		hash, err := issuer.HashPassword(p.Password, salt, iterations)
		if err != nil {
			return err
		}
		r.Users = append(r.Users, issuer.User{Subject: u.Subject, Username: u.Name, Role: u.Role, Salt: salt, Iterations: iterations, Hash: hash, TOTP: u.TOTP})
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return l.write(string(text), "secrets", "realm.json")
}
