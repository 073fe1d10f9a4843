package issuer

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authRequest is an authorization request that has been checked, as it is kept until its code is redeemed.
type authRequest struct {
	ClientID    string `json:"clientId"`
	RedirectURI string `json:"redirectUri"`
	Scope       string `json:"scope,omitempty"`
	State       string `json:"state,omitempty"`
	Nonce       string `json:"nonce,omitempty"`
	Challenge   string `json:"codeChallenge"`
	LoginHint   string `json:"loginHint,omitempty"`

	silent bool           // prompt=none
	again  bool           // prompt=login
	maxAge *time.Duration // how long ago the person may have signed in
	hinted string         // the subject of id_token_hint
}

// codeChallenge is the form of an S256 challenge: 32 bytes in URL-safe base64.
var codeChallenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// maxParameter bounds what a client may have carried through a sign-in.
const maxParameter = 2048

// authorize is the authorization endpoint: it sends a browser back with a code, or to the sign-in pages first.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	if err := p.counters.takeAddress(r); err != nil {
		p.failPage(w, r, err)
		return
	}
	request, err := p.readAuthRequest(r.URL.Query())
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	browser, err := p.browserOf(r)
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	now := p.cfg.Now()
	switch user := p.rememberedUser(browser, request, now); {
	case user != nil:
		p.authorizeAgain(w, r, request, browser, user)
	case request.silent:
		p.failPage(w, r, request.refuse("login_required", "the person has to sign in"))
	default:
		p.beginFlow(w, r, request, browser)
	}
}

// rememberedUser is who this browser signed in as, where that is enough for the request.
func (p *Provider) rememberedUser(b *browserSession, request *authRequest, now time.Time) *User {
	if b == nil || request.again || now.Sub(b.UsedTime) >= p.cfg.BrowserIdle {
		return nil
	}
	// A maximum of 0 always asks, as prompt=login does: within the second of the sign-in it would compare as fresh.
	if request.maxAge != nil && (*request.maxAge == 0 || now.Sub(b.AuthTime) > *request.maxAge) {
		return nil
	}
	if request.hinted != "" && request.hinted != b.Subject {
		return nil
	}
	user := p.currentRealm().byID[b.Subject]
	if user == nil || user.Disabled {
		return nil
	}
	return user
}

// readAuthRequest checks a request. Before client and address are known to belong together nothing is sent there: an open
// redirector would be the least of what that gives away.
func (p *Provider) readAuthRequest(query url.Values) (*authRequest, error) {
	for name, values := range query {
		if len(values) > 1 || len(values[0]) > maxParameter {
			return nil, badPage("The parameter " + strconv.Quote(name) + " of the sign-in request is given twice or is too long.")
		}
	}
	client := p.currentRealm().byClient[query.Get("client_id")]
	if client == nil || !client.StandardFlow {
		return nil, badPage("The application that asks for the sign-in is not known here.")
	}
	request := &authRequest{
		ClientID: client.ID, RedirectURI: query.Get("redirect_uri"), Scope: query.Get("scope"), State: query.Get("state"),
		Nonce: query.Get("nonce"), Challenge: query.Get("code_challenge"), LoginHint: query.Get("login_hint"),
	}
	if !slices.Contains(client.RedirectURIs, request.RedirectURI) {
		return nil, badPage("The address that the application wants the answer at is not registered for it.")
	}
	if code, description := refusal(query); code != "" {
		return nil, request.refuse(code, description)
	}
	return request, p.readPrompt(request, query)
}

// refusal says what is wrong with a request that can be answered to its client; code is "" where nothing is.
func refusal(query url.Values) (code, description string) {
	switch {
	case query.Has("request"):
		return "request_not_supported", "parameters come one by one, not as a request object"
	case query.Has("request_uri"):
		return "request_uri_not_supported", "parameters come one by one, not as a request object"
	case query.Get("response_type") != "code":
		return "unsupported_response_type", "response_type must be code"
	case query.Has("response_mode") && query.Get("response_mode") != "query":
		return "invalid_request", "response_mode must be query"
	case query.Get("code_challenge_method") != "S256":
		return "invalid_request", "code_challenge_method must be S256"
	case !codeChallenge.MatchString(query.Get("code_challenge")):
		return "invalid_request", "code_challenge must be the 43 characters of an S256 challenge"
	}
	return "", ""
}

// readPrompt reads what the client says of when the person has to be asked.
func (p *Provider) readPrompt(request *authRequest, query url.Values) error {
	switch query.Get("prompt") {
	case "":
	case "none":
		request.silent = true
	case "login":
		request.again = true
	default:
		return request.refuse("invalid_request", "prompt must be login or none")
	}
	if raw := query.Get("max_age"); raw != "" {
		seconds, err := strconv.ParseUint(raw, 10, 31)
		if err != nil {
			return request.refuse("invalid_request", "max_age must be a number of seconds")
		}
		age := time.Duration(seconds) * time.Second
		request.maxAge = &age
	}
	if raw := query.Get("id_token_hint"); raw != "" {
		claims, err := p.mint.hint(raw)
		if err != nil {
			return request.refuse("invalid_request", "id_token_hint is not an ID token of this issuer")
		}
		request.hinted = claims.Subject
	}
	return nil
}

// respond is the address that takes an answer to the client. It names the issuer (RFC 9207), so that a client of several
// cannot be made to take the answer of one for that of another.
func (request *authRequest) respond(issuer string, answer url.Values) string {
	answer.Set("iss", issuer)
	if request.State != "" {
		answer.Set("state", request.State)
	}
	separator := "?"
	if strings.Contains(request.RedirectURI, "?") {
		separator = "&"
	}
	return request.RedirectURI + separator + answer.Encode()
}

// refuse is an error that the client is told, by way of the browser.
func (request *authRequest) refuse(code, description string) error {
	return &clientError{request: request, code: code, description: description}
}
