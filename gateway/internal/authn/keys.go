package authn

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// calm answers the issuer's keys from memory for a moment. go-oidc asks for them at every signature that does not verify, and
// anybody can send such tokens: without it a guesser would turn the gateway into a load on the issuer.
type calm struct {
	next  http.RoundTripper
	now   func() time.Time
	every time.Duration

	mu   sync.Mutex
	at   time.Time
	code int
	body []byte
}

const (
	// calmFor is also how late a new key may be seen, and only while bad tokens arrive.
	calmFor = time.Second
	maxKeys = 1 << 20
)

// RoundTrip implements http.RoundTripper. Requests wait for each other: there is one issuer and one document.
func (c *calm) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.body == nil || now.Sub(c.at) >= c.every {
		resp, err := c.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeys))
		if err != nil {
			return nil, err
		}
		c.at, c.code, c.body = now, resp.StatusCode, body
	}
	return &http.Response{
		StatusCode: c.code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)),
	}, nil
}
