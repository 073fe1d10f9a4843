package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	testclient "github.com/livekit/livekit-server/test/client"
	lk "github.com/livekit/protocol/livekit"

	"github.com/fusionems/quantum/services/carefusion/internal/room/embedded"
)

// studio starts a real LiveKit server and answers the settings that name it.
func studio(t *testing.T, hookAddr string) (*embedded.Server, map[string]string) {
	t.Helper()
	o := embedded.Options{}
	if hookAddr != "" {
		o.HookURL = "http://" + hookAddr
	}
	s, err := embedded.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s, map[string]string{"LIVEKIT_API_URL": s.APIURL, "LIVEKIT_URL": s.URL, "LIVEKIT_KEY_FILE": file(t, t.TempDir(), "livekit", []byte(s.Key+": "+s.Secret+"\n"))}
}

// attend comes into a call with what JoinSession answered.
func (w *world) attend(joined answer) *testclient.RTCClient {
	w.t.Helper()
	o := &testclient.Options{AutoSubscribe: true, SignalRequestInterceptor: func(msg *lk.SignalRequest, next testclient.SignalRequestHandler) error {
		if add := msg.GetAddTrack(); add != nil {
			add.Source = lk.TrackSource_MICROPHONE
		}
		return next(msg)
	}}
	conn, err := testclient.NewWebSocketConn(joined.str("url"), joined.str("token"), o)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := testclient.NewRTCClient(conn, false, o)
	if err != nil {
		w.t.Fatal(err)
	}
	go func() { _ = c.Run() }()
	w.t.Cleanup(c.Stop)
	if err := c.WaitUntilConnected(time.Minute); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// admits asks LiveKit, through CareFusion's own address, what a token is worth.
func (w *world) admits(token string) int {
	w.t.Helper()
	res, err := w.client.Get(w.base + "/rtc/validate?" + url.Values{"access_token": {token}}.Encode())
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.Header.Get("Access-Control-Allow-Origin") != "" {
		w.t.Error("LiveKit's headers for every origin come through")
	}
	return res.StatusCode
}

// visitNow is visit without moving the clock: LiveKit's tokens are compared with real time.
func (w *world) visitNow(patient, provider, appointment string, texts map[string]string) string {
	w.t.Helper()
	path := "appointments/" + appointment
	w.post(patient, path+"/session:checkIn", nil)
	w.post(patient, path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	w.post(patient, path+"/session:wait", nil)
	w.post(provider, path+"/session:admit", nil)
	w.post(provider, path+"/session:start", nil)
	return path
}

// TestACallInARealRoom is a visit whose signals go through CareFusion's address and whose media a LiveKit server carries.
func TestACallInARealRoom(t *testing.T) {
	hook, listen := free(t), free(t)
	_, settings := studio(t, hook)
	settings["LISTEN_ADDR"], settings["LIVEKIT_URL"], settings["LIVEKIT_PROXY"], settings["LIVEKIT_HOOK_ADDR"] = listen, "wss://"+listen, "true", hook
	settings["CHECK_IN_LEAD"] = "24h"
	w := newWorldOf(t, setup{patients: 1, without: true, settings: settings})
	websocket.DefaultDialer.TLSClientConfig = w.client.Transport.(*http.Transport).TLSClientConfig.Clone()
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	id := w.book("patient0", p, start)
	path := w.visitNow("patient0", "provider", id, texts)

	first := w.post("patient0", path+"/session:join", nil)
	if ice := first.list("iceServers"); len(ice) != 0 {
		t.Errorf("clients are told to ask %v", ice)
	}
	if got := w.admits(first.str("token")); got != http.StatusOK {
		t.Fatalf("a token of the room: %d", got)
	}
	patient, doctor := w.attend(first), w.attend(w.post("provider", path+"/session:join", nil))
	w.eventually("the patient may send", func() bool {
		_, err := patient.AddStaticTrack("audio/opus", fmt.Sprint("mic", time.Now().UnixNano()), "mic")
		return err == nil
	})
	w.eventually("the doctor hears", func() bool { return doctor.BytesReceived() > 500 })
	w.eventually("both came", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.participant WHERE join_time IS NOT NULL AND leave_time IS NULL`).(int64) == 2
	})

	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"})
	if s := w.get("provider", path+"/session"); s.str("state") != "SESSION_STATE_WAITING" || s.body["consentEpoch"] != 2.0 {
		t.Errorf("after the withdrawal: %s", s.text)
	}
	w.eventually("the room is gone", func() bool { return w.admits(first.str("token")) == http.StatusNotFound })
	w.eventually("both are out", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.participant WHERE leave_time IS NULL`).(int64) == 0
	})
	silent := doctor.BytesReceived()
	w.post("patient0", path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	w.post("provider", path+"/session:admit", nil)
	w.post("provider", path+"/session:start", nil)
	second := w.post("patient0", path+"/session:join", nil)
	if second.str("room") == first.str("room") || w.admits(first.str("token")) != http.StatusNotFound || w.admits(second.str("token")) != http.StatusOK {
		t.Error("the new call has the old room, or the old token is worth something")
	}
	if again := doctor.BytesReceived(); again != silent {
		t.Errorf("%d bytes came after everybody was out", again-silent)
	}
	w.post("provider", path+"/session:end", nil)
	w.eventually("the second room is gone", func() bool { return w.admits(second.str("token")) == http.StatusNotFound })
	w.keepsItsAPI()
}

// keepsItsAPI looks that only joining goes through CareFusion's address.
func (w *world) keepsItsAPI() {
	w.t.Helper()
	for _, api := range []string{"/twirp/livekit.RoomService/ListRooms", "/rtc/../twirp/livekit.RoomService/ListRooms", "/agent"} {
		if res, err := w.client.Post(w.base+api, "application/json", strings.NewReader("{}")); err != nil {
			w.t.Error(err)
		} else {
			_ = res.Body.Close()
			if res.StatusCode < 400 || res.Header.Get("X-Request-Id") == "" {
				w.t.Errorf("LiveKit's API is reached through CareFusion: %s %d", api, res.StatusCode)
			}
		}
	}
}

// TestAKilledProcessStillClosesTheRoom kills the process while it tells LiveKit to close a room, which another one then does.
func TestAKilledProcessStillClosesTheRoom(t *testing.T) {
	server, settings := studio(t, "")
	target := mustURL(t, server.APIURL)
	arrived, release := make(chan struct{}, 64), make(chan struct{})
	gate := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/DeleteRoom") {
			_, _ = io.Copy(io.Discard, r.Body)
			arrived <- struct{}{}
			select {
			case <-r.Context().Done():
			case <-release:
			}
			return
		}
		httputil.NewSingleHostReverseProxy(target).ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { close(release); gate.Close() })
	w := newWorldOf(t, setup{patients: 1, without: true, settings: map[string]string{"CHECK_IN_LEAD": "24h"}})
	environ := []string{"CAREFUSION_CHECK_IN_LEAD=24h"}
	for k, v := range settings {
		environ = append(environ, "CAREFUSION_"+k+"="+v)
	}
	first := w.process(append(environ, "CAREFUSION_LIVEKIT_API_URL="+gate.URL)...)
	serve, _ := first.serve()
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	id := w.book("patient0", p, w.slot("patient0", p, 2*time.Hour))
	own := w.base
	w.base = "https://" + first.listen
	path := w.visitNow("patient0", "provider", id, texts)
	joined := w.post("patient0", path+"/session:join", nil)
	w.attend(joined)
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"})
	<-arrived
	kill(serve)
	w.base = own
	if n := w.behind(`SELECT count(*) FROM carefusion.room_command WHERE kind = 'CLOSE' AND done_time IS NULL`); n.(int64) != 1 {
		t.Fatalf("%v commands wait, want the one that was in flight", n)
	}
	if s := w.get("patient0", path+"/session"); s.str("state") != "SESSION_STATE_WAITING" {
		t.Errorf("the withdrawal that was confirmed: %s", s.text)
	}
	second := w.process(environ...)
	second.serve()
	w.eventually("the room is closed", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.room_command WHERE done_time IS NULL`).(int64) == 0
	})
	if res, err := http.Get(server.APIURL + "/rtc/validate?" + url.Values{"access_token": {joined.str("token")}}.Encode()); err != nil {
		t.Error(err)
	} else if _ = res.Body.Close(); res.StatusCode != http.StatusNotFound {
		t.Errorf("a token of the closed room: %d", res.StatusCode)
	}
	w.kept(map[string]string{id: "patient0"}, second.command)
}
