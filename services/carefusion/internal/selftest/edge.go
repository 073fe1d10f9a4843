package selftest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// protected is a path that nobody may read without a token.
const protected = "/api/telehealth/v1/appointments"

type edge struct {
	base   *url.URL
	client *http.Client
}

func newEdge(t Target) (*edge, error) {
	base, err := url.Parse(t.URL)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("selftest: %q is not an https address", t.URL)
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, fmt.Errorf("selftest: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("selftest: %s holds no certificate", t.CAFile)
	}
	return &edge{base: base, client: &http.Client{
		Timeout:       15 * time.Second,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (e *edge) checks() []check {
	return []check{
		{"tls: the certificate is of the namespace's authority", func(ctx context.Context) error {
			_, err := e.get(ctx, *e.base, "")
			return err
		}},
		{"tls: plain text is not answered", e.plain},
		{"tokens: none is refused", func(ctx context.Context) error { return e.refused(ctx, "") }},
		{"tokens: one of another issuer is refused", func(ctx context.Context) error {
			token, err := foreign()
			if err != nil {
				return err
			}
			return e.refused(ctx, token)
		}},
	}
}

func (e *edge) get(ctx context.Context, u url.URL, token string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath(protected).String(), nil)
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, err
}

// plain may be answered with a complaint, as Go's servers do, but with nothing of the API.
func (e *edge) plain(ctx context.Context) error {
	u := *e.base
	u.Scheme = "http"
	status, err := e.get(ctx, u, "")
	if err == nil && status != http.StatusBadRequest {
		return fmt.Errorf("plain text is answered with %d", status)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

func (e *edge) refused(ctx context.Context, token string) error {
	status, err := e.get(ctx, *e.base, token)
	if err == nil && status != http.StatusUnauthorized {
		err = fmt.Errorf("answered with %d instead of %d", status, http.StatusUnauthorized)
	}
	return err
}

// foreign is a token that is right in every respect but for who signed it.
func foreign() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "another").WithType("JWT"))
	if err != nil {
		return "", err
	}
	token, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": "https://another.invalid/realms/other", "aud": "carefusion", "sub": "00000000-0000-4000-8000-000000000000", "typ": "Bearer", "acr": "2",
		"exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "realm_access": map[string]any{"roles": []string{"admin"}},
	}).Serialize()
	if token == "" && err == nil {
		err = errors.New("no token was made")
	}
	return token, err
}
