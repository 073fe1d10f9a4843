package livekit

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what TURN servers compute, too
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

const secret = "a secret of at least thirty-two characters"

func server(t *testing.T, h http.HandlerFunc) *Server {
	t.Helper()
	api := httptest.NewServer(h)
	t.Cleanup(api.Close)
	s, err := New(Options{APIURL: api.URL, URL: "wss://rtc.test", Key: "key", Secret: secret, Client: api.Client(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestATokenSaysWhatItDoesNotPermit(t *testing.T) {
	s := server(t, nil)
	c, err := s.Token(t.Context(), room.Grant{Room: "a", Identity: "b", TTL: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := auth.ParseAPIToken(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	claims, grants, err := parsed.Verify(secret)
	if err != nil {
		t.Fatal(err)
	}
	v := grants.Video
	if left := time.Until(claims.ExpiresAt.Time); left > 2*time.Minute || left < time.Minute {
		t.Errorf("it lasts %v", left)
	}
	if !v.RoomJoin || v.Room != "a" || claims.Subject != "b" || c.URL != "wss://rtc.test" {
		t.Errorf("%+v %+v", claims, v)
	}
	if v.GetCanPublish() || v.GetCanPublishData() || v.GetCanUpdateOwnMetadata() || v.RoomCreate || v.RoomAdmin || v.RoomList || v.RoomRecord || v.Hidden || v.Recorder || v.IngressAdmin {
		t.Errorf("it permits more than to watch: %+v", v)
	}
	for _, g := range []room.Grant{{Identity: "b", TTL: time.Minute}, {Room: "a", TTL: time.Minute}, {Room: "a", Identity: "b"}} {
		if _, err := s.Token(t.Context(), g); err == nil {
			t.Errorf("a token for %+v", g)
		}
	}
}

func TestNoRoomWhereTokensMakeRooms(t *testing.T) {
	var status, created atomic.Int64
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/CreateRoom") {
			created.Add(1)
			return
		}
		w.WriteHeader(int(status.Load()))
	})
	status.Store(http.StatusOK)
	if err := s.Open(t.Context(), "a"); !errors.Is(err, ErrAutoCreate) || created.Load() != 0 {
		t.Errorf("%v, %d rooms", err, created.Load())
	}
	status.Store(http.StatusUnauthorized)
	if err := s.Open(t.Context(), "a"); err == nil || created.Load() != 0 || strings.Contains(err.Error(), "access_token") {
		t.Errorf("%v, %d rooms", err, created.Load())
	}
	status.Store(http.StatusNotFound)
	if err := s.Open(t.Context(), "a"); err != nil || created.Load() != 1 {
		t.Errorf("%v, %d rooms", err, created.Load())
	}
}

func TestErrorsQuoteNothing(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"code":"internal","msg":"marker of somebody"}`))
	})
	err := s.Close(t.Context(), "a")
	if err == nil || strings.Contains(err.Error(), "marker") || !strings.Contains(err.Error(), "internal") {
		t.Errorf("%v", err)
	}
}

func TestICEServers(t *testing.T) {
	if none := (ICE{}).For("me", time.Now()); len(none) != 0 {
		t.Errorf("without settings: %v", none)
	}
	for _, bad := range []string{"https://turn.test", "turn:", "stun.test:3478", "turn:user@turn.test:3478"} {
		if _, err := NewICE([]string{bad}, secret); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := NewICE([]string{"turn:turn.test:3478"}, ""); err == nil {
		t.Error("TURN without a secret")
	}
	i, err := NewICE([]string{"stun:stun.test:3478", "turns:turn.test:5349?transport=tcp"}, secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	got := i.For("me", now)
	if len(got) != 2 || got[0].Credential != "" || got[1].URLs[0] != "turns:turn.test:5349?transport=tcp" {
		t.Fatalf("%+v", got)
	}
	ends, identity, _ := strings.Cut(got[1].Username, ":")
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(got[1].Username))
	if end, err := strconv.ParseInt(ends, 10, 64); err != nil || end <= now.Unix() || end > now.Add(turnLife+time.Second).Unix() || identity != "me" ||
		got[1].Credential != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%+v", got[1])
	}
}

func TestKeyFile(t *testing.T) {
	if k, s, err := ParseKey(" APIkey: secret\n"); err != nil || k != "APIkey" || s != "secret" {
		t.Errorf("%q %q %v", k, s, err)
	}
	for _, bad := range []string{"", "key", "key:", ":secret", "a: b\nc: d"} {
		if _, _, err := ParseKey(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
