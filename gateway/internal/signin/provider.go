package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fusionems/quantum/gateway/internal/session"
)

// ProviderConfig says how the portal is known at the issuer.
type ProviderConfig struct {
	Issuer, ClientID, ClientSecret string
	// Origin of the portal; the issuer sends browsers back below it.
	Origin string
	// Scopes that are asked for beside openid.
	Scopes []string
	// Client reaches the issuer; its transport trusts the issuer's authority.
	Client *http.Client
	Now    func() time.Time
}

// Provider is the issuer as the client of the portal meets it.
type Provider struct {
	cfg   ProviderConfig
	found atomic.Pointer[discovered]
}

// discovered is what the issuer says of itself.
type discovered struct {
	oauth      oauth2.Config
	verifier   *oidc.IDTokenVerifier
	endSession string
	revocation string
	// namesIssuer says that the answer of the issuer names it (RFC 9207).
	namesIssuer bool
}

// ErrAway means that the issuer cannot be asked now.
var ErrAway = errors.New("signin: the issuer does not answer")

// Paths of the portal that the issuer knows.
const (
	callbackPath  = "/auth/callback"
	signedOutPath = "/signed-out"
)

const (
	discoveryRetry = time.Second
	issuerTimeout  = 5 * time.Second
)

// NewProvider makes a provider that answers once Run has reached the issuer.
func NewProvider(cfg ProviderConfig) *Provider { return &Provider{cfg: cfg} }

// Run reads the issuer's configuration and returns when ctx ends.
func (p *Provider) Run(ctx context.Context) error {
	for p.discover(ctx) != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(discoveryRetry):
		}
	}
	<-ctx.Done()
	return nil
}

// Ready says whether people can sign in.
func (p *Provider) Ready(context.Context) error {
	if p.found.Load() == nil {
		return ErrAway
	}
	return nil
}

func (p *Provider) discover(ctx context.Context) error {
	ask, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.cfg.Client), issuerTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(ask, p.cfg.Issuer)
	if err != nil {
		return err
	}
	var doc struct {
		Keys        string `json:"jwks_uri"`
		EndSession  string `json:"end_session_endpoint"`
		Revocation  string `json:"revocation_endpoint"`
		NamesIssuer bool   `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&doc); err != nil {
		return err
	}
	endpoint := provider.Endpoint()
	if endpoint.AuthURL == "" || endpoint.TokenURL == "" || doc.Keys == "" {
		return errors.New("signin: discovery: the issuer has no authorization or token endpoint, or no keys")
	}
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), p.cfg.Client), doc.Keys)
	p.found.Store(&discovered{
		oauth: oauth2.Config{
			ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: endpoint, RedirectURL: p.cfg.Origin + callbackPath,
			Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
		},
		verifier: oidc.NewVerifier(p.cfg.Issuer, keys, &oidc.Config{
			ClientID: p.cfg.ClientID, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256}, Now: p.cfg.Now,
		}),
		endSession: doc.EndSession, revocation: doc.Revocation, namesIssuer: doc.NamesIssuer,
	})
	return nil
}

// secondFactor is the authentication context that the fleet asks people for.
const secondFactor = "2"

// authorizeURL is where the browser goes to sign in. The issuer is told to ask the person whatever it remembers of the browser: a
// session that idled away at an unattended desk must not come back by a click.
func (p *Provider) authorizeURL(state string, f session.Flow) (string, error) {
	d := p.found.Load()
	if d == nil {
		return "", ErrAway
	}
	return d.oauth.AuthCodeURL(state, oauth2.S256ChallengeOption(f.Verifier), oidc.Nonce(f.Nonce),
		oauth2.SetAuthURLParam("acr_values", secondFactor), oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"),
	), nil
}

// answeredBy says whether an answer is this issuer's (RFC 9207).
func (p *Provider) answeredBy(issuer string) bool {
	d := p.found.Load()
	if d == nil || (issuer == "" && d.namesIssuer) {
		return false
	}
	return issuer == "" || issuer == p.cfg.Issuer
}

// identityToken is what the fleet reads of an ID token.
type identityToken struct {
	Subject         string `json:"sub"`
	Nonce           string `json:"nonce"`
	AuthorizedParty string `json:"azp"`
	ACR             string `json:"acr"`
	AuthTime        int64  `json:"auth_time"`
	audience        []string
}

// exchange turns a code into tokens and verifies who they are for. The error of a code that is not good is session.ErrRefused.
func (p *Provider) exchange(ctx context.Context, code string, f session.Flow) (session.Tokens, identityToken, error) {
	var id identityToken
	d := p.found.Load()
	if d == nil {
		return session.Tokens{}, id, ErrAway
	}
	token, err := d.oauth.Exchange(p.context(ctx), code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return session.Tokens{}, id, classify(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || token.AccessToken == "" || token.RefreshToken == "" {
		return session.Tokens{}, id, fmt.Errorf("%w: the answer lacks a token", session.ErrRefused)
	}
	verified, err := d.verifier.Verify(p.context(ctx), raw)
	if err != nil {
		return session.Tokens{}, id, fmt.Errorf("%w: id token: %w", session.ErrRefused, err)
	}
	if err := verified.Claims(&id); err != nil {
		return session.Tokens{}, id, fmt.Errorf("%w: id token: %w", session.ErrRefused, err)
	}
	id.audience = verified.Audience
	tokens := session.Tokens{Access: token.AccessToken, Refresh: token.RefreshToken}
	if verified.AccessTokenHash != "" {
		if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
			return tokens, id, fmt.Errorf("%w: %w", session.ErrRefused, err)
		}
	}
	return tokens, id, p.check(id, f)
}

// check holds the ID token against the flow it answers (OpenID Connect Core, section 3.1.3.7).
func (p *Provider) check(id identityToken, f session.Flow) error {
	switch {
	case id.Nonce == "" || id.Nonce != f.Nonce:
		return fmt.Errorf("%w: the nonce is another", session.ErrRefused)
	case id.AuthorizedParty != "" && id.AuthorizedParty != p.cfg.ClientID, id.AuthorizedParty == "" && len(id.audience) > 1:
		return fmt.Errorf("%w: the ID token is for another client", session.ErrRefused)
	case id.ACR != secondFactor:
		return errOneFactor
	case time.Unix(id.AuthTime, 0).Before(f.Began.Add(-clockSkew)):
		return errNotAnew
	}
	return nil
}

// clockSkew is how far the issuer's clock may be behind ours.
const clockSkew = 30 * time.Second

var (
	errOneFactor = errors.New("signin: the person was not asked for a second factor")
	errNotAnew   = errors.New("signin: the person was not asked anew")
)

// Refresh implements session.Issuer.
func (p *Provider) Refresh(ctx context.Context, refreshToken string) (session.Tokens, error) {
	d := p.found.Load()
	if d == nil {
		return session.Tokens{}, ErrAway
	}
	token, err := d.oauth.TokenSource(p.context(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return session.Tokens{}, classify(err)
	}
	return session.Tokens{Access: token.AccessToken, Refresh: token.RefreshToken}, nil
}

// End implements session.Issuer. Keycloak's end-session endpoint takes the refresh token of a client and ends the person's sign-in
// with it; elsewhere the token is revoked (RFC 7009).
func (p *Provider) End(ctx context.Context, refreshToken string) error {
	d := p.found.Load()
	if d == nil {
		return ErrAway
	}
	if d.endSession != "" && p.post(ctx, d.endSession, url.Values{"refresh_token": {refreshToken}}) == nil {
		return nil
	}
	if d.revocation == "" {
		return errors.New("signin: the issuer has no way to end a sign-in")
	}
	return p.post(ctx, d.revocation, url.Values{"token": {refreshToken}, "token_type_hint": {"refresh_token"}})
}

func (p *Provider) post(ctx context.Context, to string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(p.cfg.ClientID), url.QueryEscape(p.cfg.ClientSecret))
	resp, err := p.cfg.Client.Do(req)
	if err != nil {
		return ErrAway
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("signin: the issuer answers %d", resp.StatusCode)
	}
	return nil
}

// endSessionURL is where a browser goes so that the issuer forgets it too. No token is in it: addresses are kept by browsers.
func (p *Provider) endSessionURL() string {
	d := p.found.Load()
	if d == nil || d.endSession == "" {
		return "/"
	}
	u, err := url.Parse(d.endSession)
	if err != nil || u.Scheme != "https" {
		return "/"
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	q.Set("post_logout_redirect_uri", p.cfg.Origin+signedOutPath)
	u.RawQuery = q.Encode()
	return u.String()
}

func (p *Provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.cfg.Client)
}

// classify tells an issuer that refuses from one that cannot answer. The texts of neither go on: they may quote what was sent.
func classify(err error) error {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && slices.Contains([]string{"invalid_grant", "invalid_request"}, answer.ErrorCode) {
		return fmt.Errorf("%w: %s", session.ErrRefused, answer.ErrorCode)
	}
	if errors.As(err, &answer) {
		return fmt.Errorf("%w: it answers %d %s", ErrAway, statusOf(answer), answer.ErrorCode)
	}
	return ErrAway
}

func statusOf(e *oauth2.RetrieveError) int {
	if e.Response == nil {
		return 0
	}
	return e.Response.StatusCode
}
