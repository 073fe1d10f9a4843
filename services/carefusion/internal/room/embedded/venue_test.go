package embedded_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	testclient "github.com/livekit/livekit-server/test/client"
	lk "github.com/livekit/protocol/livekit"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/room/embedded"
	"github.com/fusionems/quantum/services/carefusion/internal/room/livekit"
)

// venue is a real LiveKit server and the service's side of it.
type venue struct {
	server *embedded.Server
	room   *livekit.Server
	events <-chan room.Event
	// deliver takes webhooks; the last one is kept, to be sent again.
	mu   sync.Mutex
	last *http.Request
	body []byte
}

func open(t *testing.T) *venue {
	t.Helper()
	v := &venue{}
	var hook http.Handler
	ready := make(chan struct{})
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-ready
		v.keep(r)
		hook.ServeHTTP(w, r)
	}))
	t.Cleanup(hooks.Close)
	var err error
	if v.server, err = embedded.Start(t.Context(), embedded.Options{HookURL: hooks.URL}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.server.Stop)
	v.room, err = livekit.New(livekit.Options{APIURL: v.server.APIURL, URL: v.server.URL, Key: v.server.Key, Secret: v.server.Secret,
		Client: &http.Client{Timeout: time.Minute}, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	hook = v.room.Hook()
	close(ready)
	v.events = v.room.Events(t.Context())
	return v
}

// guest is somebody in a room, or at its door.
type guest struct {
	*testclient.RTCClient
	identity string
	mu       sync.Mutex
	ice      []string
	over     chan struct{}
}

func (v *venue) token(t *testing.T, name string) (string, string) {
	t.Helper()
	identity := room.NewIdentity()
	c, err := v.room.Token(t.Context(), room.Grant{Room: name, Identity: identity, TTL: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return c.Token, identity
}

// enter joins with a token, as a client does that somebody else wrote.
func (v *venue) enter(t *testing.T, token, identity string) (*guest, error) {
	t.Helper()
	g := &guest{identity: identity, over: make(chan struct{})}
	o := &testclient.Options{AutoSubscribe: true,
		SignalRequestInterceptor: func(msg *lk.SignalRequest, next testclient.SignalRequestHandler) error {
			if add := msg.GetAddTrack(); add != nil && add.GetSource() == lk.TrackSource_UNKNOWN {
				add.Source = map[lk.TrackType]lk.TrackSource{lk.TrackType_AUDIO: lk.TrackSource_MICROPHONE, lk.TrackType_VIDEO: lk.TrackSource_CAMERA}[add.GetType()]
			}
			return next(msg)
		},
		SignalResponseInterceptor: func(msg *lk.SignalResponse, next testclient.SignalResponseHandler) error {
			g.mu.Lock()
			if j := msg.GetJoin(); j != nil {
				for _, s := range j.GetIceServers() {
					g.ice = append(g.ice, s.GetUrls()...)
				}
			}
			g.mu.Unlock()
			return next(msg)
		}}
	conn, err := testclient.NewWebSocketConn(v.server.URL, token, o)
	if err != nil {
		return nil, err
	}
	if g.RTCClient, err = testclient.NewRTCClient(conn, false, o); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(g.over); _ = g.Run() }()
	t.Cleanup(g.Stop)
	return g, g.WaitUntilConnected(30 * time.Second)
}

func (v *venue) mustEnter(t *testing.T, name string) *guest {
	t.Helper()
	token, identity := v.token(t, name)
	g, err := v.enter(t, token, identity)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (v *venue) mustOpen(t *testing.T) string {
	t.Helper()
	name := room.NewName()
	if err := v.room.Open(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return name
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not so in a minute: %s", what)
}

// inside are the identities in a room.
func (v *venue) inside(t *testing.T, name string) []string {
	t.Helper()
	found, err := v.room.Participants(t.Context(), name)
	if err != nil && !errors.Is(err, room.ErrClosed) {
		t.Fatal(err)
	}
	var out []string
	for _, p := range found {
		out = append(out, p.Identity)
	}
	return out
}

func (v *venue) next(t *testing.T, kind room.Kind) room.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		select {
		case e := <-v.events:
			if e.Kind == kind {
				return e
			}
		case <-ctx.Done():
			t.Fatalf("no event %d in a minute", kind)
		}
	}
}
