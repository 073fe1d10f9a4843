//go:build e2e

package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// user is one entry of DEMO_USERS.
type user struct {
	Name       string   `json:"name"`
	Roles      []string `json:"roles"`
	Agency     int64    `json:"agency"`
	TOTPSecret string   `json:"totpSecret"`
}

// client is one entry of DEMO_CLIENTS.
type client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	Agency int64  `json:"agency"`
}

func env(t testing.TB, key string) string {
	t.Helper()
	v := fleet.Env()[key]
	if v == "" {
		t.Fatalf("fleet.env has no %s", key)
	}
	return v
}

func users(t testing.TB) []user {
	t.Helper()
	var out []user
	if err := json.Unmarshal([]byte(env(t, "DEMO_USERS")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func clients(t testing.TB) []client {
	t.Helper()
	var out []client
	if err := json.Unmarshal([]byte(env(t, "DEMO_CLIENTS")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// agencies are the two demo agencies, in the order of their profiles.
func agencies(t testing.TB) [2]int64 {
	t.Helper()
	cs := clients(t)
	if len(cs) != 2 || cs[0].Agency == cs[1].Agency {
		t.Fatalf("want one integration client in each of two agencies, have %d", len(cs))
	}
	return [2]int64{cs[0].Agency, cs[1].Agency}
}

var httpClient = sync.OnceValue(func() *http.Client {
	pool, err := trusting(fleet.Env()["CA_FILE"])
	if err != nil {
		panic(err)
	}
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 32,
	}}
})

func trusting(caFile string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + caFile)
	}
	return pool, nil
}

// caller is somebody with an access token.
type caller struct {
	name   string
	agency int64
	token  string
	header http.Header
}

// as signs a user with the role in, of the agency (0 for the founder).
func as(t testing.TB, role string, agency int64) caller {
	t.Helper()
	if role == "integration" {
		return asIntegration(t, agency)
	}
	for _, u := range users(t) {
		if u.Agency == agency && slices.Contains(u.Roles, role) {
			return caller{name: u.Name, agency: agency, token: personToken(t, u)}
		}
	}
	t.Fatalf("no demo user with role %s in agency %d", role, agency)
	return caller{}
}

func founder(t testing.TB) caller { return as(t, "founder", 0) }

func asIntegration(t testing.TB, agency int64) caller {
	t.Helper()
	for _, c := range clients(t) {
		if c.Agency != agency {
			continue
		}
		return caller{name: c.ID, agency: agency, token: machineToken(t, c)}
	}
	t.Fatalf("no integration client of agency %d", agency)
	return caller{}
}

func postForm(t testing.TB, form url.Values) (int, []byte) {
	t.Helper()
	res, err := httpClient().PostForm(env(t, "OIDC_ISSUER")+"/protocol/openid-connect/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// with returns the caller with one more request header.
func (c caller) with(key, value string) caller {
	h := c.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set(key, value)
	c.header = h
	return c
}

// answer is one HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c caller) do(t testing.TB, method, path, contentType string, body []byte) answer {
	t.Helper()
	a, err := c.try(method, path, contentType, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (c caller) try(method, path, contentType string, body []byte) (answer, error) {
	if contentType == "application/xml" {
		sent.add(body)
	}
	req, err := http.NewRequest(method, fleet.Env()["GATEWAY_URL"]+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for k, v := range c.header {
		req.Header[k] = v
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := httpClient().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, raw}, err
}

func (c caller) get(t testing.TB, path string) answer {
	t.Helper()
	return c.do(t, "GET", path, "", nil)
}

func (c caller) send(t testing.TB, method, path, body string) answer {
	t.Helper()
	return c.do(t, method, path, "application/json", []byte(body))
}

func (c caller) importXML(t testing.TB, doc []byte) answer {
	t.Helper()
	return c.do(t, "POST", "/api/clinical/charts", "application/xml", doc)
}

// want fails unless the status is the one.
func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// into decodes the answer as a message of the API.
func (a answer) into(t testing.TB, m proto.Message) {
	t.Helper()
	if err := protojson.Unmarshal(a.body, m); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

func decode(t testing.TB, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}

// problem is RFC 9457 as the gateway answers it.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Reason string `json:"reason"`
	Errors []struct {
		Field   string `json:"field"`
		Element string `json:"element"`
		Rule    string `json:"rule"`
		Line    int    `json:"line"`
		Message string `json:"message"`
	} `json:"errors"`
}

// refused fails unless the answer is a problem with the status and one of the reasons; no reason means any.
func (a answer) refused(t testing.TB, status int, reasons ...string) problem {
	t.Helper()
	a.want(t, status)
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/problem+json") {
		t.Fatalf("content type %q", ct)
	}
	if p.Status != status || p.Reason == "" || (len(reasons) > 0 && !slices.Contains(reasons, p.Reason)) {
		t.Fatalf("problem %+v, want status %d and a reason of %v", p, status, reasons)
	}
	return p
}

// eventually repeats f until it returns true.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within two minutes", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
