package authn

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestRemoteKeys(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "a"}, {Key: []byte("symmetric key of 32 bytes length"), KeyID: "sym"}}})
	}))
	defer server.Close()
	now := time.Now()
	r := NewRemote(server.URL, server.Client(), func() time.Time { return now })
	get := func(kid string) error {
		_, err := r.Key(context.Background(), kid)
		return err
	}
	if err := get("a"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if get("unknown") == nil || get("sym") == nil {
			t.Error("a key that is not there, or is symmetric, was answered")
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("unknown names made us ask %d times, want 1", n)
	}
	now = now.Add(refetch)
	_ = get("unknown")
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times after a while, want 2", n)
	}
	down.Store(true)
	now = now.Add(stale + time.Second)
	if err := get("a"); err != nil {
		t.Errorf("while the issuer is down, a known key: %v", err)
	}
}
