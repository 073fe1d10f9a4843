package issuer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"os"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

const (
	tokenLife = 15 * time.Minute
	codeLife  = time.Minute
	// ACR is the class that tokens name: a second factor was shown.
	ACR = "2"
	// tries is how often one may fail before having to wait.
	tries    = 5
	lockTime = 15 * time.Minute
)

var errLogin = errors.New("issuer: wrong name, password or code, or too many attempts")

// Issuer logs people in and mints tokens. What it remembers ends with the process: codes, sessions and locks.
type Issuer struct {
	url, audience string
	realm         Realm
	key           jose.JSONWebKey
	signer        jose.Signer
	clock         func() time.Time
	page          *template.Template

	mu       sync.Mutex
	codes    map[string]grant
	sessions map[string]*session
	used     map[uuid.UUID]int64
	failures map[string]failure
}

type grant struct {
	user                        User
	client, redirect, challenge string
	nonce, session              string
	expires                     time.Time
}

type failure struct {
	count int
	until time.Time
}

// New makes the issuer of the realm at url with the signing key in keyFile, which is made if it is missing.
func New(url, audience string, realm Realm, keyFile string, clock func() time.Time) (*Issuer, error) {
	if err := realm.check(); err != nil {
		return nil, err
	}
	private, err := signingKey(keyFile)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(der)
	key := jose.JSONWebKey{Key: private, KeyID: hex.EncodeToString(sum[:8]), Algorithm: string(jose.ES256), Use: "sig"}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, err
	}
	login, err := template.New("login").Parse(loginPage)
	if err != nil {
		return nil, err
	}
	return &Issuer{url: url, page: login, audience: audience, realm: realm, key: key, signer: signer, clock: clock,
		codes: map[string]grant{}, sessions: map[string]*session{}, used: map[uuid.UUID]int64{}, failures: map[string]failure{}}, nil
}

func signingKey(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		return key, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("issuer: %s is not PEM", file)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("issuer: %s: %w", file, err)
	}
	key, ok := any.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("issuer: %s is not a P-256 key", file)
	}
	return key, nil
}

// Key answers the public key, in the form that the verifier asks for it.
func (i *Issuer) Key(_ context.Context, kid string) (*jose.JSONWebKey, error) {
	if kid != i.key.KeyID {
		return nil, errors.New("issuer: no such key")
	}
	public := i.key.Public()
	return &public, nil
}

// login checks password and code. All ways to fail look the same and take the same time.
func (i *Issuer) login(name, password, code string) (User, error) {
	now := i.clock()
	if i.locked(name, now) {
		return User{}, errLogin
	}
	// A name that is not there is compared with a password that nobody has.
	user := User{Salt: make([]byte, 16), Iterations: 1, Hash: make([]byte, sha256.Size)}
	if len(i.realm.Users) > 0 {
		user.Iterations = i.realm.Users[0].Iterations
	}
	for _, u := range i.realm.Users {
		if u.Username == name {
			user = u
		}
	}
	right := user.holds(password)
	at, fits := user.matches(code, now)
	i.mu.Lock()
	defer i.mu.Unlock()
	// A code is good once, however often it is right.
	if !right || !fits || at <= i.used[user.Subject] {
		f := i.failures[name]
		f.count++
		if f.count >= tries {
			f = failure{until: now.Add(lockTime)}
		}
		i.failures[name] = f
		return User{}, errLogin
	}
	i.used[user.Subject] = at
	delete(i.failures, name)
	return user, nil
}

// locked also bounds what is remembered of names that nobody has.
func (i *Issuer) locked(name string, now time.Time) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.failures) > 10_000 {
		i.failures = map[string]failure{}
	}
	return now.Before(i.failures[name].until)
}

type accessClaims struct {
	jwt.Claims
	Type     string         `json:"typ"`
	ACR      string         `json:"acr"`
	AMR      []string       `json:"amr"`
	Party    string         `json:"azp"`
	Nonce    string         `json:"nonce,omitempty"`
	Session  string         `json:"sid,omitempty"`
	Username string         `json:"preferred_username,omitempty"`
	Realm    map[string]any `json:"realm_access"`
}

// mint makes a token of that type for an audience.
func (i *Issuer) mint(g grant, kind, audience, nonce string) (string, error) {
	now, u := i.clock(), g.user
	return jwt.Signed(i.signer).Claims(accessClaims{
		Claims: jwt.Claims{ID: uuid.NewString(), Issuer: i.url, Subject: u.Subject.String(), Audience: jwt.Audience{audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(tokenLife))},
		Type: kind, ACR: ACR, AMR: []string{"pwd", "otp"}, Party: g.client, Nonce: nonce, Session: g.session, Username: u.Username,
		Realm: map[string]any{"roles": []string{u.Role}},
	}).Serialize()
}
