package directory

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/keycloak/signin"
	"github.com/fusionems/quantum/deploy/local/demo"
)

// Directory is a Keycloak as the demo uses it. It implements demo.Directory.
type Directory struct {
	Admin *keycloak.Admin
	// Portal is the client that people sign in by.
	Portal signin.Client
	// Scopes are those of the realm that a machine of an agency gets.
	Scopes []string
	Codes  signin.Codes

	mu     sync.Mutex
	put    map[string]keycloak.Person
	tokens map[string]held
}

// held is a token and the time until which it is handed out again.
type held struct {
	token demo.Token
	until time.Time
}

var _ demo.Directory = (*Directory)(nil)

// parallel is how many people are put in at once: each costs a password hash.
const parallel = 4

// Put implements demo.Directory. Who was put in before as they are is left alone.
func (d *Directory) Put(ctx context.Context, a *demo.Accounts) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range a.Users {
		u := &a.Users[i]
		agency, ok := agencyID(a, u.Agency)
		if ok {
			g.Go(func() error { return d.person(ctx, u, a.Password, agency) })
		}
	}
	for _, c := range a.Clients {
		if agency, ok := agencyID(a, c.Agency); ok {
			g.Go(func() error {
				return d.Admin.PutMachine(ctx, keycloak.Machine{
					ID: c.ID, Secret: c.Secret, Roles: []string{"integration"}, AgencyID: agency, Scopes: d.Scopes,
				})
			})
		}
	}
	return g.Wait()
}

// agencyID is the id of an agency by its place, 0 for no agency; not ok for one that does not exist yet.
func agencyID(a *demo.Accounts, index int) (int64, bool) {
	if index < 0 {
		return 0, true
	}
	return a.Agencies[index].ID, a.Agencies[index].ID != 0
}

func (d *Directory) person(ctx context.Context, u *demo.User, password string, agency int64) error {
	p := keycloak.Person{Username: u.Name, Password: password, TOTPSecret: u.TOTPSecret, Roles: u.Roles, AgencyID: agency}
	d.mu.Lock()
	before, known := d.put[u.Name]
	d.mu.Unlock()
	if known && before.AgencyID == p.AgencyID {
		return nil
	}
	id, err := d.Admin.PutPerson(ctx, p)
	if err != nil {
		return err
	}
	u.ID = id
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.put == nil {
		d.put = map[string]keycloak.Person{}
	}
	d.put[u.Name] = p
	return nil
}

// Person implements demo.Directory. One sign-in serves for most of the life of its token: each spends a code.
func (d *Directory) Person(ctx context.Context, name, password, totpSecret string) (demo.Token, error) {
	if totpSecret == "" {
		return demo.Token{}, errors.New("directory: " + name + " has no authenticator yet")
	}
	return d.once(name, func() (signin.Tokens, error) {
		return d.Portal.SignIn(ctx, &signin.Person{Username: name, Password: password, Secret: totpSecret, Code: d.Codes.Next})
	})
}

// Machine implements demo.Directory.
func (d *Directory) Machine(ctx context.Context, id, secret string) (demo.Token, error) {
	return d.once(id, func() (signin.Tokens, error) {
		c := signin.Client{Issuer: d.Portal.Issuer, ID: id, Secret: secret, HTTP: d.Portal.HTTP}
		return c.Token(ctx, url.Values{"grant_type": {"client_credentials"}})
	})
}

func (d *Directory) once(name string, signIn func() (signin.Tokens, error)) (demo.Token, error) {
	d.mu.Lock()
	h := d.tokens[name]
	d.mu.Unlock()
	if time.Now().Before(h.until) {
		return h.token, nil
	}
	tokens, err := signIn()
	if err != nil {
		return demo.Token{}, err
	}
	const half = time.Second / 2
	h = held{demo.Token{AccessToken: tokens.Access, Scope: tokens.Scope}, time.Now().Add(time.Duration(tokens.ExpiresIn) * half)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tokens == nil {
		d.tokens = map[string]held{}
	}
	d.tokens[name] = h
	return h.token, nil
}
