package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// errRefused is the issuer saying no; other errors are that it did not say.
var errRefused = errors.New("web: the issuer refused")

func refused(err error) bool { return errors.Is(err, errRefused) }

const largest = 64 << 10

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

func (p *Page) post(ctx context.Context, endpoint string, form url.Values) (*http.Response, error) {
	form.Set("client_id", p.ClientID)
	if p.Secret != "" {
		form.Set("client_secret", p.Secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.endpoint(endpoint), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.HTTP.Do(req)
}

func (p *Page) ask(ctx context.Context, form url.Values) (tokens, error) {
	var t tokens
	res, err := p.post(ctx, "token", form)
	if err != nil {
		return t, fmt.Errorf("web: the issuer does not answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusBadRequest || res.StatusCode == http.StatusUnauthorized {
		return t, errRefused
	}
	if res.StatusCode != http.StatusOK {
		return t, fmt.Errorf("web: the issuer answers %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, largest)).Decode(&t); err != nil || t.Access == "" {
		return t, errors.New("web: the issuer's answer holds no token")
	}
	return t, nil
}

// end is an attempt: the cookies go, whatever the issuer says.
func (p *Page) end(ctx context.Context, refresh string) {
	if res, err := p.post(ctx, "logout", url.Values{"refresh_token": {refresh}}); err == nil {
		_ = res.Body.Close()
	}
}

// lifeOf reads how long a token holds that was verified before.
func lifeOf(token string, now time.Time) int {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA})
	if err != nil {
		return 0
	}
	var c jwt.Claims
	if err := parsed.UnsafeClaimsWithoutVerification(&c); err != nil || c.Expiry == nil {
		return 0
	}
	return max(0, int(c.Expiry.Time().Sub(now).Seconds()))
}
