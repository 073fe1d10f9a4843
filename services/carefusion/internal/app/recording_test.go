package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/app"
	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// fakeRecorder keeps which rooms are being recorded, and which ever were.
type fakeRecorder struct {
	mu        sync.Mutex
	now, ever map[string]bool
}

func (f *fakeRecorder) Start(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now[name], f.ever[name] = true, true
	return nil
}

func (f *fakeRecorder) Stop(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.now, name)
	return nil
}

func (f *fakeRecorder) counts() (now, ever int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.now), len(f.ever)
}

func TestRecordingFollowsConsent(t *testing.T) {
	rec := &fakeRecorder{now: map[string]bool{}, ever: map[string]bool{}}
	w := newWorldWith(t, 1, rec)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	w.refused("patient0", path+"/session:startRecording", nil, http.StatusForbidden, "PERMISSION_DENIED")
	w.refused("provider", path+"/session:startRecording", nil, http.StatusBadRequest, "CONSENT_REQUIRED")
	declined := consenting("PURPOSE_RECORDING", texts["PURPOSE_RECORDING"])
	declined["decision"] = "DECISION_DECLINED"
	w.post("patient0", path+"/consents", declined)
	w.refused("provider", path+"/session:startRecording", nil, http.StatusBadRequest, "CONSENT_REQUIRED")
	if now, ever := rec.counts(); now+ever != 0 {
		t.Fatalf("recorded without consent: %d %d", now, ever)
	}
	w.post("patient0", path+"/consents", consenting("PURPOSE_RECORDING", texts["PURPOSE_RECORDING"]))
	if s := w.post("provider", path+"/session:startRecording", nil); s.body["recording"] != true {
		t.Errorf("no badge: %s", s.text)
	}
	w.eventually("a recording runs", func() bool { now, _ := rec.counts(); return now == 1 })
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_RECORDING"})
	if s := w.get("patient0", path+"/session"); s.body["recording"] != false || s.str("state") != "SESSION_STATE_IN_CALL" {
		t.Errorf("after the withdrawal: %s", s.text)
	}
	w.eventually("it stopped", func() bool { now, ever := rec.counts(); return now == 0 && ever == 1 })

	// Consent to care that is withdrawn, or refused anew, ends a recording with the call.
	w.post("patient0", path+"/consents", consenting("PURPOSE_RECORDING", texts["PURPOSE_RECORDING"]))
	w.post("provider", path+"/session:startRecording", nil)
	w.eventually("it runs again", func() bool { now, _ := rec.counts(); return now == 1 })
	refuse := consenting("PURPOSE_CARE", texts["PURPOSE_CARE"])
	refuse["decision"] = "DECISION_DECLINED"
	w.post("patient0", path+"/consents", refuse)
	w.eventually("it stopped with the call", func() bool { now, _ := rec.counts(); return now == 0 })
	if s := w.get("patient0", path+"/session"); s.body["recording"] != false || s.str("state") != "SESSION_STATE_WAITING" {
		t.Errorf("after care was refused: %s", s.text)
	}
}

func TestRecordingNeedsARecorder(t *testing.T) {
	w := newWorld(t, 0)
	cfg := w.cfg
	cfg.Recording = true
	a, err := app.New(context.Background(), cfg, app.Parts{Clock: time.Now})
	if err == nil {
		a.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "CAREFUSION_RECORDING") {
		t.Errorf("recording without a recorder: %v", err)
	}
}

// TestWithdrawalAgainstJoin lets patients withdraw while they join: no token is handed out for a room that stays open afterwards.
func TestWithdrawalAgainstJoin(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	token := w.token("patient0")
	for round := range 5 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { w.send(token, http.MethodPost, path+"/session:join", obj{}) })
		}
		wg.Go(func() { w.send(token, http.MethodPost, path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"}) })
		wg.Wait()
		for _, g := range w.room.granted() {
			w.eventually("the room of every token is closed", func() bool { return w.room.isClosed(g.Room) })
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		w.post("patient0", path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
		w.post("provider", path+"/session:admit", nil)
		w.post("provider", path+"/session:start", nil)
	}
}

func TestWhatRoomsTellIsKept(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	joined := w.post("patient0", path+"/session:join", nil)
	for _, kind := range []room.Kind{room.Joined, room.Left} {
		w.room.events <- room.Event{Kind: kind, Room: joined.str("room"), Identity: joined.str("identity"), Time: w.clock.now()}
	}
	w.eventually("join and leave are kept", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.participant WHERE join_time IS NOT NULL AND leave_time IS NOT NULL`).(int64) == 1
	})
}
