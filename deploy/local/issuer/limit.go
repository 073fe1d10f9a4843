package issuer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/fusionems/quantum/pkg/limit"
)

// retryLater is when to ask again after an answer that names no better moment.
const retryLater = time.Second

// counters count requests by address and by whom they are about, together with all replicas.
type counters struct {
	limiter *limit.Limiter
	// secret names the counters: a plain hash of an address or a user name is found again by hashing all of them.
	secret []byte
}

func newCounters(cfg Config, key jose.JSONWebKey) (*counters, error) {
	secret, err := derived(key, "issuer: names of counters")
	if err != nil {
		return nil, err
	}
	opt, err := limit.Options(cfg.RedisURL, cfg.RedisTLS)
	if err != nil {
		return nil, err
	}
	limiter, err := limit.New(opt, limit.Limits{
		Window: cfg.Limits.Window, Address: cfg.Limits.Address, Identity: cfg.Limits.Identity,
	}, cfg.Now)
	if err != nil {
		return nil, err
	}
	return &counters{limiter: limiter, secret: secret}, nil
}

// take counts a request before its client or user is looked at: a guess costs as much as the right word. Without counters
// nobody is let in, or whoever can stop them could guess without end.
func (c *counters) take(r *http.Request, clientID, about string) error {
	wait, err := c.limiter.Take(r.Context(), limit.Subject{
		Address:  c.name("address", addressOf(r)),
		Identity: c.name("identity", clientID, about),
	})
	return counted(wait, err)
}

// takeAddress counts a request that is about nobody yet: a page that is asked for.
func (c *counters) takeAddress(r *http.Request) error {
	wait, err := c.limiter.Take(r.Context(), limit.Subject{Address: c.name("address", addressOf(r))})
	return counted(wait, err)
}

// takeIdentity counts a request whose address is counted already, once it is known whom it is about.
func (c *counters) takeIdentity(r *http.Request, clientID, about string) error {
	wait, err := c.limiter.Take(r.Context(), limit.Subject{Identity: c.name("identity", clientID, about)})
	return counted(wait, err)
}

// counted turns what the counters say into a refusal, if it is one.
func counted(wait time.Duration, err error) error {
	switch {
	case err != nil:
		return &oauthError{Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable",
			Description: "requests cannot be counted now, and without that none is answered; try again", retry: retryLater}
	case wait > 0:
		// RFC 6749 has no code for this at the token endpoint. slow_down of RFC 8628 says that a device's request is still
		// pending, which it is not; temporarily_unavailable is the word for overload in section 4.1.2.1.
		return &oauthError{Status: http.StatusTooManyRequests, Code: "temporarily_unavailable",
			Description: "too many requests; Retry-After says in how many seconds to go on", retry: wait}
	}
	return nil
}

// aboutGrant says whom a grant is about besides the client: the user of a login, the token of a refresh. A field that the
// grant does not read must not choose the counter, or a guesser would fill it with something new each time.
func aboutGrant(form url.Values) string {
	switch form.Get("grant_type") {
	case "password":
		return aboutUser(strings.ToLower(form.Get("username")))
	case "authorization_code":
		return "code " + form.Get("code")
	case "refresh_token":
		return aboutToken(form.Get("refresh_token"))
	}
	return ""
}

func aboutUser(name string) string { return "user " + name }

func aboutToken(token string) string { return "token " + token }

// name keeps who it is out of the server, and apart from the counters of others there.
func (c *counters) name(parts ...string) string {
	h := hmac.New(sha256.New, c.secret)
	for _, part := range parts {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// addressOf is the address of the connection. One person has a whole /64 of IPv6, so that counts as one.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if p, err := address.Prefix(64); err == nil {
			return p.Addr().String()
		}
	}
	return address.String()
}

// seconds is Retry-After, which knows no fractions and may not say less than has to be waited.
func seconds(d time.Duration) string { return strconv.Itoa(max(1, int(math.Ceil(d.Seconds())))) }
