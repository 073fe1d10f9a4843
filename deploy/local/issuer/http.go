package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/fusionems/quantum/deploy/local/issuer/pages"
)

// maxForm bounds a request body: the longest honest one is a refresh token and a secret.
const maxForm = 16 << 10

// Handler serves the issuer's endpoints below the path of its URL, and its health beside them.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	endpoint := p.path + "/protocol/openid-connect"
	mux.HandleFunc("GET "+p.path+"/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET "+endpoint+"/certs", p.certs)
	mux.HandleFunc("GET "+endpoint+"/auth", p.authorize)
	mux.HandleFunc("GET "+p.path+flowPath, p.showStep)
	mux.HandleFunc("POST "+p.path+flowPath, p.takeStep)
	mux.Handle("GET "+p.path+pages.AssetPath, http.StripPrefix(p.path, p.pages.Assets()))
	mux.HandleFunc("POST "+endpoint+"/token", p.token)
	mux.HandleFunc("GET "+endpoint+"/logout", p.logoutPage)
	mux.HandleFunc("POST "+endpoint+"/logout", p.logout)
	mux.HandleFunc("POST "+endpoint+"/revoke", p.revoke)
	mux.HandleFunc("GET "+endpoint+"/userinfo", p.userinfo)
	mux.HandleFunc("POST "+endpoint+"/userinfo", p.userinfo)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", p.ready)
	return mux
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	base := p.cfg.URL + "/protocol/openid-connect"
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                p.cfg.URL,
		"authorization_endpoint":                base + "/auth",
		"token_endpoint":                        base + "/token",
		"jwks_uri":                              base + "/certs",
		"userinfo_endpoint":                     base + "/userinfo",
		"revocation_endpoint":                   base + "/revoke",
		"end_session_endpoint":                  base + "/logout",
		"grant_types_supported":                 []string{"authorization_code", "password", "client_credentials", "refresh_token"},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"code_challenge_methods_supported":      []string{"S256"},
		"prompt_values_supported":               []string{"none", "login"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.RS256)},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"scopes_supported":                      standardScopes,
		"acr_values_supported":                  []string{acrMachine, acrSecondFactor},
		"claims_supported": []string{"aud", "iss", "sub", "azp", "sid", "preferred_username", "realm_access",
			"agency_id", "acr", "amr", "auth_time", "nonce", "at_hash"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (p *Provider) certs(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.mint.key.Public()}})
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	form, client, err := p.clientRequest(w, r, aboutGrant)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	response, err := p.grant(r.Context(), client, form)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, response)
}

// revoke is RFC 7009. An unknown token is a success there: it is not valid any more, which is all that was asked.
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) {
	p.end(w, r, "token", http.StatusOK, false)
}

func (p *Provider) end(w http.ResponseWriter, r *http.Request, field string, success int, everywhere bool) {
	form, client, err := p.clientRequest(w, r, func(form url.Values) string { return aboutToken(form.Get(field)) })
	if err == nil && form.Get(field) == "" {
		err = refuse(http.StatusBadRequest, "invalid_request", "Missing form parameter: "+field)
	}
	if err == nil {
		err = p.store.endByToken(r.Context(), form.Get(field), client.ID, everywhere)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(success)
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims, err := p.mint.verify(raw, p.cfg.Now())
	alive := false
	if ok && err == nil && claims.SessionID != "" {
		if alive, err = p.store.sessionAlive(r.Context(), claims.SessionID, p.cfg.Now()); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	if !alive {
		w.Header().Set("WWW-Authenticate", `Bearer realm="fusionems", error="invalid_token"`)
		p.fail(w, r, refuse(http.StatusUnauthorized, "invalid_token", "Token verification failed"))
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"sub": claims.Subject, "preferred_username": claims.PreferredUsername, "realm_access": claims.RealmAccess,
	})
}

func (p *Provider) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if err := p.store.pool.Ping(ctx); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	if err := p.counters.limiter.Ready(ctx); err != nil {
		http.Error(w, "the counters do not answer", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// clientRequest reads the form, counts the request for its client and whom it is about, and authenticates the client.
func (p *Provider) clientRequest(w http.ResponseWriter, r *http.Request, about func(url.Values) string) (url.Values, *Client, error) {
	form, err := readForm(w, r)
	if err != nil {
		return nil, nil, err
	}
	id, secret, err := credentials(r, form)
	if err != nil {
		return nil, nil, err
	}
	if err := p.counters.take(r, id, about(form)); err != nil {
		return nil, nil, err
	}
	client := p.currentRealm().byClient[id]
	if client == nil || (client.public() && secret != "") || (!client.public() && !secretMatches(client.SecretHash, secret)) {
		w.Header().Set("WWW-Authenticate", `Basic realm="fusionems"`)
		return nil, nil, refuse(http.StatusUnauthorized, "invalid_client", "Invalid client or Invalid client credentials")
	}
	return form, client, nil
}

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/x-www-form-urlencoded" {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Content-Type must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "the form is malformed or too long")
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refuse(http.StatusBadRequest, "invalid_request", "duplicated parameter")
		}
	}
	return r.PostForm, nil
}

// credentials are the client's, by Basic or by form as RFC 6749 section 2.3.1 describes.
func credentials(r *http.Request, form url.Values) (id, secret string, err error) {
	id, secret = form.Get("client_id"), form.Get("client_secret")
	user, password, ok := r.BasicAuth()
	if !ok {
		return id, secret, nil
	}
	if secret != "" {
		return "", "", refuse(http.StatusBadRequest, "invalid_request", "use one way of client authentication")
	}
	id, idErr := url.QueryUnescape(user)
	secret, secretErr := url.QueryUnescape(password)
	if idErr != nil || secretErr != nil {
		return "", "", nil
	}
	return id, secret, nil
}

// fail answers a refusal as it is and anything else without its cause, which goes to the log only.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known *oauthError
	if errors.As(err, &known) {
		if known.retry > 0 {
			w.Header().Set("Retry-After", seconds(known.retry))
		}
		answer(w, known.Status, known)
		return
	}
	p.cfg.Log.Error("request failed", "path", r.URL.Path, "error", err)
	w.Header().Set("Retry-After", seconds(retryLater))
	answer(w, http.StatusServiceUnavailable, &oauthError{
		Code: "temporarily_unavailable", Description: "the identity provider cannot answer at the moment",
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The status line is out: a client that has gone away by now is nobody's error.
	_ = json.NewEncoder(w).Encode(body)
}
