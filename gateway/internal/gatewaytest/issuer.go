package gatewaytest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Audience of the tokens.
const Audience = "fusionems-gateway"

// Issuer is an OpenID provider as far as the gateway sees one.
type Issuer struct {
	*httptest.Server
	// Key signs Token.
	Key jose.JSONWebKey
	// Fetched counts how often the keys were asked for.
	Fetched atomic.Int32
	// SignIn is how it signs people in.
	SignIn *SignIn

	mu   sync.Mutex
	keys jose.JSONWebKeySet
}

// NewIssuer starts an issuer with one RSA key.
func NewIssuer() (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	i := &Issuer{Key: jose.JSONWebKey{Key: key, KeyID: "k1", Algorithm: string(jose.RS256), Use: "sig"}}
	i.Publish(i.Key)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/certs", "authorization_endpoint": i.URL + "/authorize",
			"token_endpoint": i.URL + "/token", "end_session_endpoint": i.URL + "/logout",
			"authorization_response_iss_parameter_supported": true,
		})
	})
	mux.HandleFunc("GET /certs", func(w http.ResponseWriter, _ *http.Request) {
		i.Fetched.Add(1)
		i.mu.Lock()
		defer i.mu.Unlock()
		_ = json.NewEncoder(w).Encode(i.keys)
	})
	i.signInRoutes(mux)
	i.Server = httptest.NewServer(mux)
	return i, nil
}

// Publish replaces the key set.
func (i *Issuer) Publish(keys ...jose.JSONWebKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys.Keys = nil
	for _, k := range keys {
		i.keys.Keys = append(i.keys.Keys, k.Public())
	}
}

// Claims are those of a person, issued now, with changes; a nil value takes a claim away.
func (i *Issuer) Claims(now time.Time, change map[string]any) map[string]any {
	c := map[string]any{
		"iss": i.URL, "aud": Audience, "sub": "u-1", "typ": "Bearer", "azp": "demo",
		"iat": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(), "auth_time": now.Unix(), "acr": "2",
		"preferred_username": "quinn", "scope": "openid qa:read made:up qa:read", "agency_id": 7,
		"realm_access": map[string]any{"roles": []string{"qa_reviewer", "offline_access"}},
	}
	maps.Copy(c, change)
	for k, v := range c {
		if v == nil {
			delete(c, k)
		}
	}
	return c
}

// Token signs claims with the issuer's key.
func (i *Issuer) Token(claims map[string]any) (string, error) {
	return Sign(jose.RS256, i.Key, claims)
}

// Sign signs claims with any algorithm and key.
func Sign(alg jose.SignatureAlgorithm, key any, claims map[string]any) (string, error) {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(s).Claims(claims).Serialize()
}
