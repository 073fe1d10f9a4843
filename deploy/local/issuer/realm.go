package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// ConfigureTOTP is Keycloak's name for what a user has to do at the next sign-in: enrol an authenticator.
const ConfigureTOTP = "CONFIGURE_TOTP"

// User is a human login. The second factor is not optional: a user without one must enrol it, or the realm does not load.
type User struct {
	ID           string   `json:"id"`
	Username     string   `json:"username"`
	PasswordHash string   `json:"passwordHash"`
	TOTPSecret   string   `json:"totpSecret,omitempty"`
	Roles        []string `json:"roles"`
	AgencyID     int64    `json:"agencyId,omitempty"`
	Disabled     bool     `json:"disabled,omitempty"`
	// RequiredActions holds CONFIGURE_TOTP for who has to enrol an authenticator; nothing else is known here.
	RequiredActions []string `json:"requiredActions,omitempty"`
	// Demo allows the demo authenticator to show this user's codes, where it is switched on at all.
	Demo bool `json:"demo,omitempty"`
}

// Client is an application that asks for tokens: a public one for people's logins, a confidential one that signs people in
// by a browser, or a confidential one that is a machine identity of its own.
type Client struct {
	ID           string   `json:"clientId"`
	Name         string   `json:"name,omitempty"`
	Subject      string   `json:"subject,omitempty"`
	SecretHash   string   `json:"secretHash,omitempty"`
	DirectGrants bool     `json:"directAccessGrantsEnabled,omitempty"`
	StandardFlow bool     `json:"standardFlowEnabled,omitempty"`
	Roles        []string `json:"serviceAccountRoles,omitempty"`
	AgencyID     int64    `json:"agencyId,omitempty"`
	// RedirectURIs and PostLogoutRedirectURIs are compared as they stand: no pattern, no prefix.
	RedirectURIs           []string `json:"redirectUris,omitempty"`
	PostLogoutRedirectURIs []string `json:"postLogoutRedirectUris,omitempty"`
	// InitiateLoginURI is where the client begins a sign-in; pages that end without one lead there.
	InitiateLoginURI string `json:"initiateLoginUri,omitempty"`
}

func (c Client) public() bool         { return c.SecretHash == "" }
func (c Client) serviceAccount() bool { return len(c.Roles) > 0 }

// Realm is what the issuer knows of people and applications, as one file holds it.
type Realm struct {
	Users   []User   `json:"users"`
	Clients []Client `json:"clients"`

	byName   map[string]*User
	byID     map[string]*User
	byClient map[string]*Client
}

// SetClient puts an application in the place of one with the same id, or adds it.
func (r *Realm) SetClient(c Client) {
	i := slices.IndexFunc(r.Clients, func(old Client) bool { return old.ID == c.ID })
	if i < 0 {
		r.Clients = append(r.Clients, c)
		return
	}
	r.Clients[i] = c
}

// WriteRealm replaces the realm file in one step, so that a reader never sees half of it.
func WriteRealm(path string, r *Realm) error {
	if err := r.index(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".realm-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(raw); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// ReadRealm reads and checks the realm file.
func ReadRealm(path string) (*Realm, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Realm
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("realm file: %w", err)
	}
	return &r, r.index()
}

func (r *Realm) index() error {
	r.byName, r.byID, r.byClient = map[string]*User{}, map[string]*User{}, map[string]*Client{}
	for i := range r.Users {
		u := &r.Users[i]
		u.Username = strings.ToLower(u.Username)
		switch {
		case u.ID == "" || u.Username == "" || u.PasswordHash == "":
			return fmt.Errorf("realm: user %q: id, username and passwordHash are required", u.Username)
		case u.TOTPSecret == "" && !slices.Contains(u.RequiredActions, ConfigureTOTP):
			return fmt.Errorf("realm: user %q: totpSecret is required, or %s among requiredActions: every human login has a second factor",
				u.Username, ConfigureTOTP)
		case r.byName[u.Username] != nil || r.byID[u.ID] != nil:
			return fmt.Errorf("realm: user %q is named twice", u.Username)
		}
		r.byName[u.Username], r.byID[u.ID] = u, u
	}
	for i := range r.Clients {
		c := &r.Clients[i]
		switch {
		case c.ID == "":
			return errors.New("realm: a client has no clientId")
		case c.public() && c.serviceAccount():
			return fmt.Errorf("realm: client %q: a machine identity needs a secret", c.ID)
		case c.serviceAccount() && c.Subject == "":
			return fmt.Errorf("realm: client %q: a machine identity needs a subject", c.ID)
		case r.byClient[c.ID] != nil:
			return fmt.Errorf("realm: client %q is named twice", c.ID)
		case c.StandardFlow && len(c.RedirectURIs) == 0:
			return fmt.Errorf("realm: client %q: the standard flow needs redirectUris", c.ID)
		}
		if err := c.checkAddresses(); err != nil {
			return err
		}
		r.byClient[c.ID] = c
	}
	return nil
}

// checkAddresses refuses an address that a browser could be sent to without TLS, or that is a pattern.
func (c Client) checkAddresses() error {
	addresses := slices.Concat(c.RedirectURIs, c.PostLogoutRedirectURIs)
	if c.InitiateLoginURI != "" {
		addresses = append(addresses, c.InitiateLoginURI)
	}
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.Fragment != "" || strings.Contains(a, "*") {
			return fmt.Errorf("realm: client %q: %q is not an https address without fragment and wildcard", c.ID, a)
		}
	}
	return nil
}

// realmFile serves the current content of a realm file and notices a change at the next question. A file that has become
// unreadable keeps the last good realm in force: an editor's half-written save must not log everybody out.
type realmFile struct {
	path string

	mu      sync.Mutex
	realm   *Realm
	modTime time.Time
	size    int64
}

func openRealm(path string) (*realmFile, error) {
	f := &realmFile{path: path}
	if err := f.reload(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *realmFile) current() (*Realm, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.reload()
	return f.realm, err
}

func (f *realmFile) reload() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if f.realm != nil && info.ModTime().Equal(f.modTime) && info.Size() == f.size {
		return nil
	}
	realm, err := ReadRealm(f.path)
	if err != nil {
		return err
	}
	f.realm, f.modTime, f.size = realm, info.ModTime(), info.Size()
	return nil
}
