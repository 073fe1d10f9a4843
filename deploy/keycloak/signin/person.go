package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Client is an application that people sign in by.
type Client struct {
	// Issuer is the realm's address.
	Issuer     string
	ID, Secret string
	// RedirectURI is where the browser is sent back; nothing need listen there.
	RedirectURI string
	HTTP        *http.Client
}

// Request is an authorization request; more replaces parameters, an empty value leaves one out.
func (c Client) Request(verifier string, more ...string) string {
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {c.ID}, "redirect_uri": {c.RedirectURI}, "scope": {"openid"},
		"state": {"state"}, "nonce": {"nonce"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		if query.Del(more[i]); more[i+1] != "" {
			query.Set(more[i], more[i+1])
		}
	}
	return c.Issuer + "/protocol/openid-connect/auth?" + query.Encode()
}

// Person is who signs in.
type Person struct {
	Username, Password string
	// Code answers a one-time code of an authenticator with the secret in base32.
	Code func(ctx context.Context, secret string) (string, error)
	// Secret of the authenticator; "" for who has none yet, and gets one.
	Secret string
}

// Refusal is a sign-in that ended on a page of Keycloak's.
type Refusal struct{ Title, Message string }

func (r *Refusal) Error() string { return fmt.Sprintf("signin: refused: %s: %s", r.Title, r.Message) }

// Tokens are what a client gets.
type Tokens struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	ID        string `json:"id_token"`
	Scope     string `json:"scope"`
	ExpiresIn int    `json:"expires_in"`
}

// SignIn signs a person in with both factors and answers the tokens. Who has no authenticator enrols one; p.Secret is set then.
func (c Client) SignIn(ctx context.Context, p *Person, more ...string) (Tokens, error) {
	verifier := rand.Text() + rand.Text()
	code, err := c.Code(ctx, p, verifier, more...)
	if err != nil {
		return Tokens{}, err
	}
	return c.Token(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.RedirectURI}, "code_verifier": {verifier},
	})
}

// Code signs a person in and answers the authorization code.
func (c Client) Code(ctx context.Context, p *Person, verifier string, more ...string) (string, error) {
	back, err := c.Answer(ctx, c.Request(verifier, more...), p)
	if err != nil {
		return "", err
	}
	return back.Query().Get("code"), nil
}

// Answer goes through the pages of an authorization request and answers where the browser is sent with the code.
func (c Client) Answer(ctx context.Context, request string, p *Person) (*url.URL, error) {
	site, err := url.Parse(c.Issuer)
	if err != nil {
		return nil, err
	}
	b, err := NewBrowser(c.HTTP.Transport, site.Scheme+"://"+site.Host)
	if err != nil {
		return nil, err
	}
	if err := b.Open(ctx, request); err != nil {
		return nil, err
	}
	if err := p.password(ctx, b); err != nil {
		return nil, err
	}
	if err := p.secondFactor(ctx, b); err != nil {
		return nil, err
	}
	to := b.Page.Location
	if to == nil {
		return nil, &Refusal{b.Page.Title, b.Page.Error}
	}
	query := to.Query()
	if query.Get("code") == "" || !strings.HasPrefix(to.String(), c.RedirectURI) {
		return nil, fmt.Errorf("signin: sent back with %q: %s", query.Get("error"), query.Get("error_description"))
	}
	return to, nil
}

func (p *Person) password(ctx context.Context, b *Browser) error {
	if !slices.Contains(b.Page.Inputs, "password") {
		if b.Page.Location != nil || b.Page.Error != "" {
			return nil
		}
		return fmt.Errorf("%w: %q instead of the password", errNotAsked, b.Page.Title)
	}
	return b.Submit(ctx, "username", p.Username, "password", p.Password)
}

func (p *Person) secondFactor(ctx context.Context, b *Browser) error {
	switch {
	case slices.Contains(b.Page.Inputs, "otp"):
		code, err := p.Code(ctx, p.Secret)
		if err != nil {
			return err
		}
		return b.Submit(ctx, "otp", code)
	case slices.Contains(b.Page.Inputs, "totpSecret"):
		secret := strings.TrimRight(base32Of(b.Field("totpSecret")), "=")
		code, err := p.Code(ctx, secret)
		if err != nil {
			return err
		}
		p.Secret = secret
		return b.Submit(ctx, "totp", code, "userLabel", "Authenticator")
	default:
		return nil
	}
}

// Token asks the token endpoint as the client.
func (c Client) Token(ctx context.Context, form url.Values) (Tokens, error) {
	var t Tokens
	form.Set("client_id", c.ID)
	if c.Secret != "" {
		form.Set("client_secret", c.Secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Issuer+"/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	if err != nil {
		return t, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return t, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return t, err
	}
	if resp.StatusCode != http.StatusOK {
		e := &TokenError{Status: resp.StatusCode}
		_ = json.Unmarshal(raw, e) // a refusal that is no JSON has a status all the same
		return t, e
	}
	return t, json.Unmarshal(raw, &t)
}

// TokenError is a refusal of the token endpoint.
type TokenError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *TokenError) Error() string {
	return fmt.Sprintf("signin: token: %d %s: %s", e.Status, e.Code, e.Description)
}
