package demo

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

	"github.com/fusionems/quantum/deploy/local/issuer"
)

// Edge talks to the gateway and the identity provider of a fleet.
type Edge struct {
	Gateway string
	Issuer  string
	// Directory signs people and machines in, where the provider is not the fleet's own.
	Directory Directory
	http      *http.Client

	// people are the access tokens of those who have logged in. Each login spends a code, and the person who sits in front of
	// this may want to log in as the same one right away.
	people map[string]string
}

// NewEdge makes a client that trusts the fleet's authority.
func NewEdge(gateway, issuerURL, caFile string) (*Edge, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New(caFile + ": no certificate in it")
	}
	return &Edge{Gateway: gateway, Issuer: issuerURL, people: map[string]string{}, http: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
	}}, nil
}

// Token is an access token and its scope.
type Token struct {
	AccessToken string `json:"access_token"`
	Scope       string `json:"scope"`
}

// ClientToken asks for the token of a machine.
func (e *Edge) ClientToken(ctx context.Context, id, secret string) (Token, error) {
	if e.Directory != nil {
		return e.Directory.Machine(ctx, id, secret)
	}
	return e.token(ctx, url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
}

// PersonToken logs a person in. A code is good once, so it tries the three that are valid now, the oldest first: that leaves
// the current one to whoever holds the authenticator. When all three are spent it waits for the next.
func (e *Edge) PersonToken(ctx context.Context, name, password, totpSecret string) (Token, error) {
	if e.Directory != nil {
		return e.Directory.Person(ctx, name, password, totpSecret)
	}
	var last error
	for range 2 {
		now := time.Now()
		for offset := int64(-1); offset <= 1; offset++ {
			code, err := issuer.TOTPCode(totpSecret, issuer.TOTPStep(now)+offset)
			if err != nil {
				return Token{}, err
			}
			token, err := e.token(ctx, url.Values{
				"grant_type": {"password"}, "client_id": {ClientID}, "username": {name}, "password": {password}, "totp": {code},
			})
			if err == nil || !errors.Is(err, errInvalidGrant) {
				return token, err
			}
			last = err
		}
		select {
		case <-ctx.Done():
			return Token{}, ctx.Err()
		case <-time.After(time.Until(time.Unix((issuer.TOTPStep(now)+1)*30, 0)) + 100*time.Millisecond):
		}
	}
	return Token{}, last
}

var errInvalidGrant = errors.New("invalid_grant")

func (e *Edge) token(ctx context.Context, form url.Values) (Token, error) {
	var t Token
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Issuer+"/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	if err != nil {
		return t, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := e.http.Do(req)
	if err != nil {
		return t, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var refusal struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&refusal)
		if refusal.Error == errInvalidGrant.Error() {
			return t, fmt.Errorf("token: %w: %s", errInvalidGrant, refusal.Description)
		}
		return t, fmt.Errorf("token: %s: %s: %s", resp.Status, refusal.Error, refusal.Description)
	}
	return t, json.NewDecoder(resp.Body).Decode(&t)
}

// statusError is an answer of the gateway that is not a success.
type statusError struct {
	Status int
	Reason string
	Detail string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Reason, e.Detail)
}

// call sends JSON and reads JSON.
func (e *Edge) call(ctx context.Context, token, method, path string, body, into any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return err
		}
	}
	return e.send(ctx, token, method, path, "application/json", payload, into)
}

func (e *Edge) send(ctx context.Context, token, method, path, contentType string, payload []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, e.Gateway+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if payload != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		problem := &statusError{}
		if json.Unmarshal(raw, problem) != nil || problem.Reason == "" {
			problem.Detail = string(raw[:min(len(raw), 300)])
		}
		problem.Status = resp.StatusCode
		return fmt.Errorf("%s %s: %w", method, path, problem)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}
