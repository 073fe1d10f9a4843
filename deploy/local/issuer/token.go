package issuer

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// realmAccess is the claim in which Keycloak carries realm roles.
type realmAccess struct {
	Roles []string `json:"roles"`
}

// accessClaims are the claims of an access token, named as Keycloak names them. AgencyID is absent, not zero, for a founder.
type accessClaims struct {
	jwt.Claims
	Type              string      `json:"typ"`
	AuthorizedParty   string      `json:"azp"`
	SessionID         string      `json:"sid,omitempty"`
	ClientID          string      `json:"client_id,omitempty"`
	PreferredUsername string      `json:"preferred_username"`
	RealmAccess       realmAccess `json:"realm_access"`
	Scope             string      `json:"scope"`
	AgencyID          int64       `json:"agency_id,omitempty"`
	ACR               string      `json:"acr"`
	AMR               []string    `json:"amr,omitempty"`
	AuthTime          int64       `json:"auth_time,omitempty"`
}

// idClaims are the claims of an ID token, which a client gets when it asks for the scope openid.
type idClaims struct {
	jwt.Claims
	Type              string   `json:"typ"`
	AuthorizedParty   string   `json:"azp"`
	SessionID         string   `json:"sid"`
	PreferredUsername string   `json:"preferred_username"`
	ACR               string   `json:"acr"`
	AMR               []string `json:"amr"`
	AuthTime          int64    `json:"auth_time"`
	Nonce             string   `json:"nonce,omitempty"`
	AccessTokenHash   string   `json:"at_hash"`
}

// Authentication context: a password alone is never enough for a person, so a person's token always says 2.
const (
	acrMachine      = "1"
	acrSecondFactor = "2"
)

var personFactors = []string{"pwd", "otp"}

// standardScopes are OpenID's own; they travel in the scope claim beside the fleet's and grant nothing in it.
var standardScopes = []string{"openid", "profile", "email"}

type minter struct {
	issuer, audience string
	key              jose.JSONWebKey
	signer           jose.Signer
	lifetime         time.Duration
}

func newMinter(issuer, audience string, key jose.JSONWebKey, lifetime time.Duration) (*minter, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, err
	}
	return &minter{issuer: issuer, audience: audience, key: key, signer: signer, lifetime: lifetime}, nil
}

func (m *minter) registered(subject string, audience string, now time.Time) jwt.Claims {
	return jwt.Claims{
		ID: uuid.NewString(), Issuer: m.issuer, Subject: subject, Audience: jwt.Audience{audience},
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(m.lifetime)),
	}
}

// person makes the tokens of a person. The nonce is that of an authorization request; a token from a refresh carries none.
func (m *minter) person(u *User, se session, nonce string, now time.Time) (access, id string, err error) {
	access, err = jwt.Signed(m.signer).Claims(accessClaims{
		Claims: m.registered(u.ID, m.audience, now), Type: "Bearer", AuthorizedParty: se.ClientID, SessionID: se.ID,
		PreferredUsername: u.Username, RealmAccess: realmAccess{u.Roles}, Scope: se.Scope, AgencyID: u.AgencyID,
		ACR: acrSecondFactor, AMR: personFactors, AuthTime: se.AuthTime.Unix(),
	}).Serialize()
	if err != nil || !slices.Contains(strings.Fields(se.Scope), "openid") {
		return access, "", err
	}
	id, err = jwt.Signed(m.signer).Claims(idClaims{
		Claims: m.registered(u.ID, se.ClientID, now), Type: "ID", AuthorizedParty: se.ClientID, SessionID: se.ID,
		PreferredUsername: u.Username, ACR: acrSecondFactor, AMR: personFactors, AuthTime: se.AuthTime.Unix(),
		Nonce: nonce, AccessTokenHash: halfHash(access),
	}).Serialize()
	return access, id, err
}

// halfHash is at_hash of OpenID Connect Core, section 3.1.3.6.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

func (m *minter) machine(c *Client, scope string, now time.Time) (string, error) {
	return jwt.Signed(m.signer).Claims(accessClaims{
		Claims: m.registered(c.Subject, m.audience, now), Type: "Bearer", AuthorizedParty: c.ID, ClientID: c.ID,
		PreferredUsername: "service-account-" + c.ID, RealmAccess: realmAccess{c.Roles}, Scope: scope,
		AgencyID: c.AgencyID, ACR: acrMachine,
	}).Serialize()
}

// verify reads back an access token of this issuer.
func (m *minter) verify(raw string, now time.Time) (accessClaims, error) {
	var claims accessClaims
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return claims, err
	}
	if err := token.Claims(m.key.Public().Key, &claims); err != nil {
		return claims, err
	}
	return claims, claims.Claims.ValidateWithLeeway(jwt.Expected{
		Issuer: m.issuer, AnyAudience: jwt.Audience{m.audience}, Time: now,
	}, 0)
}

// hint reads an ID token that this issuer gave to a client. It may have expired: it says who somebody was, it grants nothing.
func (m *minter) hint(raw string) (idClaims, error) {
	var claims idClaims
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return claims, err
	}
	if err := token.Claims(m.key.Public().Key, &claims); err != nil {
		return claims, err
	}
	if claims.Type != "ID" || claims.Issuer != m.issuer {
		return claims, errors.New("not an ID token of this issuer")
	}
	return claims, nil
}

// grantScope decides the scope of a token: everything the roles hold, or, when the request names some of the fleet's
// scopes, only those. Asking for a scope that the roles do not hold is refused rather than ignored.
func grantScope(requested string, held []string) (string, bool) {
	var standard, narrowed []string
	for _, s := range strings.Fields(requested) {
		switch {
		case slices.Contains(standardScopes, s):
			standard = append(standard, s)
		case slices.Contains(held, s):
			narrowed = append(narrowed, s)
		default:
			return "", false
		}
	}
	if narrowed == nil {
		narrowed = held
	}
	all := append(standard, narrowed...)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " "), true
}
