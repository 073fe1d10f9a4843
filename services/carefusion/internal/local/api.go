package local

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
)

const apiPath = "/api/telehealth/v1/"

// api calls CareFusion as anybody would: over TLS, with a token of a person.
type api struct {
	base   string
	http   *http.Client
	people People
	tokens map[string]string
}

func newAPI(l Layout, base string, people People) (*api, error) {
	text, err := os.ReadFile(l.CA())
	if err != nil {
		return nil, fmt.Errorf("local: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("local: %s holds no certificate", l.CA())
	}
	return &api{base: base, people: people, tokens: map[string]string{},
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}}}, nil
}

// Token signs a demo user in with password and code. A code is good once, so those of the steps beside this one are tried too;
// the oldest first, which leaves the code of this moment to the person who is about to sign in.
func (l Layout) Token(ctx context.Context, name string) (string, error) {
	s, err := l.State()
	if err != nil {
		return "", err
	}
	if running, err := l.Running(); err != nil || !running || !s.Ready {
		return "", errors.Join(err, errors.New("local: CareFusion is not running"))
	}
	people, err := l.People()
	if err != nil {
		return "", err
	}
	a, err := newAPI(l, s.URL, people)
	if err != nil {
		return "", err
	}
	return a.token(ctx, name)
}

func (a *api) token(ctx context.Context, name string) (string, error) {
	if t := a.tokens[name]; t != "" {
		return t, nil
	}
	p, err := a.people.named(name)
	if err != nil {
		return "", err
	}
	for _, offset := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
		code, err := issuer.Code(p.TOTP, time.Now().Add(offset))
		if err != nil {
			return "", err
		}
		t, err := a.direct(ctx, name, code)
		if err != nil {
			return "", err
		}
		if t != "" {
			a.tokens[name] = t
			return t, nil
		}
	}
	return "", fmt.Errorf("local: %s could not sign in: all codes of this moment were used; wait half a minute", name)
}

// direct answers no token where the login was refused.
func (a *api) direct(ctx context.Context, name, code string) (string, error) {
	form := url.Values{"grant_type": {"password"}, "client_id": {cliClient}, "username": {name}, "password": {a.people.Password}, "totp": {code}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+issuer.Path+"/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := a.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("local: sign-in: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		Token string `json:"access_token"`
	}
	if res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusBadRequest {
		return "", nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("local: sign-in of %s: status %d", name, res.StatusCode)
	}
	return out.Token, nil
}

type object = map[string]any

// refusal is an answer that is not a success.
type refusal struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
	ID     string `json:"instance"`
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s: %s (request %s)", r.Status, r.Reason, r.Detail, r.ID)
}

// call sends one request as a person; out may be nil.
func (a *api) call(ctx context.Context, who, method, path string, body object, out any) error {
	token, err := a.token(ctx, who)
	if err != nil {
		return err
	}
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+apiPath+path, r)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := a.http.Do(req)
	if err != nil {
		return fmt.Errorf("local: %s %s: %w", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		bad := &refusal{Status: res.StatusCode}
		_ = json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(bad)
		return fmt.Errorf("local: %s %s as %s: %w", method, path, who, bad)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(out)
}
