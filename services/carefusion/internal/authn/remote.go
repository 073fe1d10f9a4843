package authn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// refetch bounds how often unknown key ids, which anybody can send, make us ask the issuer.
	refetch = 10 * time.Second
	// stale is when keys are asked for again though nothing is missing, so that a revoked one goes.
	stale = 10 * time.Minute
	// tooMuch bounds the answer.
	tooMuch = 1 << 20
)

// Remote is the keys that an issuer publishes.
type Remote struct {
	url    string
	client *http.Client
	clock  func() time.Time
	mu     sync.Mutex
	keys   jose.JSONWebKeySet
	asked  time.Time
	got    time.Time
}

// NewRemote reads keys from url, not before they are needed.
func NewRemote(url string, client *http.Client, clock func() time.Time) *Remote {
	return &Remote{url: url, client: client, clock: clock}
}

// Key is Keys.
func (r *Remote) Key(ctx context.Context, kid string) (*jose.JSONWebKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	found := r.keys.Key(kid)
	if (len(found) == 0 || now.Sub(r.got) > stale) && now.Sub(r.asked) >= refetch {
		r.asked = now
		keys, err := r.fetch(ctx)
		if err == nil {
			r.keys, r.got = keys, now
			found = keys.Key(kid)
		} else if len(found) == 0 {
			return nil, err
		}
	}
	if len(found) == 0 || !found[0].Valid() || !found[0].IsPublic() {
		return nil, errors.New("authn: the issuer has no such key")
	}
	return &found[0], nil
}

func (r *Remote) fetch(ctx context.Context) (jose.JSONWebKeySet, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return jose.JSONWebKeySet{}, fmt.Errorf("authn: the issuer's keys: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return jose.JSONWebKeySet{}, fmt.Errorf("authn: the issuer's keys: status %d", res.StatusCode)
	}
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(res.Body, tooMuch)).Decode(&keys); err != nil {
		return jose.JSONWebKeySet{}, errors.New("authn: the issuer's keys are not a JWKS")
	}
	return keys, nil
}
