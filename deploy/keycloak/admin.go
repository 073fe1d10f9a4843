package keycloak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Admin is an administrator of one realm.
type Admin struct {
	url, realm string
	login      url.Values
	client     *http.Client

	mu    sync.Mutex
	token string
	until time.Time
}

// ByPassword makes an administrator who is a user of the realm master: the one that a new Keycloak is started with.
func ByPassword(client *http.Client, address, realm, user, password string) *Admin {
	return newAdmin(client, address, realm, url.Values{
		"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {user}, "password": {password},
	})
}

// ByClient makes an administrator that is a machine: a confidential client of the realm master with a service account.
func ByClient(client *http.Client, address, realm, id, secret string) *Admin {
	return newAdmin(client, address, realm, url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
}

func newAdmin(client *http.Client, address, realm string, login url.Values) *Admin {
	return &Admin{url: strings.TrimSuffix(address, "/"), realm: realm, login: login, client: client}
}

// StatusError is an answer of Keycloak that is not a success. The body of the request is not in it: it may hold a secret.
type StatusError struct {
	Method, Path string
	Status       int
	Message      string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("keycloak: %s %s: %d %s", e.Method, e.Path, e.Status, e.Message)
}

// isStatus says whether Keycloak answered with the status.
func isStatus(err error, status int) bool {
	var s *StatusError
	return errors.As(err, &s) && s.Status == status
}

// renewAhead is how long before its end a token is replaced; the administrator's lives a minute.
const renewAhead = 15 * time.Second

func (a *Admin) bearer(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.until) {
		return a.token, nil
	}
	var t struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	const path = "/realms/master/protocol/openid-connect/token"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+path, strings.NewReader(a.login.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := a.exchange(req, path, &t); err != nil {
		return "", err
	}
	a.token, a.until = t.AccessToken, time.Now().Add(time.Duration(t.ExpiresIn)*time.Second-renewAhead)
	return a.token, nil
}

// forget has the next request ask for a token.
func (a *Admin) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.until = time.Time{}
}

// path is where a realm, or something of it, is administered; the parts are escaped.
func (a *Admin) path(parts ...string) string {
	path := "/admin/realms/" + url.PathEscape(a.realm)
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

// do sends JSON, or nothing for a body of nil, and reads JSON, or nothing into nil.
func (a *Admin) do(ctx context.Context, method, path string, body, into any) error {
	token, err := a.bearer(ctx)
	if err != nil {
		return err
	}
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, payload)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return a.exchange(req, path, into)
}

func (a *Admin) exchange(req *http.Request, path string, into any) error {
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return &StatusError{Method: req.Method, Path: path, Status: resp.StatusCode, Message: messageOf(raw)}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// messageOf is what Keycloak says of a failure, whose form depends on the endpoint.
func messageOf(raw []byte) string {
	var m struct {
		ErrorMessage string `json:"errorMessage"`
		Error        string `json:"error"`
		Description  string `json:"error_description"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	return strings.TrimSpace(m.ErrorMessage + " " + m.Error + " " + m.Description)
}

// Get reads what is at the parts below the realm, e.g. "clients".
func (a *Admin) Get(ctx context.Context, into any, parts ...string) error {
	return a.do(ctx, http.MethodGet, a.path(parts...), nil, into)
}

// Find reads those of a list below the realm that a query is true of.
func (a *Admin) Find(ctx context.Context, into any, what string, query url.Values) error {
	return a.do(ctx, http.MethodGet, a.path(what)+"?"+query.Encode(), nil, into)
}

// Create posts something new to a list below the realm.
func (a *Admin) Create(ctx context.Context, what any, parts ...string) error {
	return a.do(ctx, http.MethodPost, a.path(parts...), what, nil)
}
