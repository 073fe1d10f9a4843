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
	if offered := w.get("patient0", "consentTexts"); offered.body["recordingAvailable"] != true {
		t.Errorf("with a recorder: %s", offered.text)
	}
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

func TestTheRoomFollowsTheSession(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	first := w.post("patient0", path+"/session:join", nil)
	name := first.str("room")
	w.room.enter(name, first.str("identity"))
	w.room.enter(name, "a stranger")
	w.eventually("who joined may send, nobody else stays", func() bool {
		_, publish := w.room.has(name, first.str("identity"))
		stranger, _ := w.room.has(name, "a stranger")
		return publish && !stranger
	})
	w.clock.to(w.clock.now().Add(time.Second))
	second := w.post("patient0", path+"/session:join", nil)
	w.room.enter(name, second.str("identity"))
	w.room.events <- room.Event{Kind: room.Joined, Room: name, Identity: second.str("identity")}
	w.eventually("of one person the newest join stays", func() bool {
		_, publish := w.room.has(name, second.str("identity"))
		here, _ := w.room.has(name, first.str("identity"))
		return publish && !here
	})
	w.eventually("both joins and one leave are kept", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.participant WHERE join_time IS NOT NULL`).(int64) == 2 &&
			w.behind(`SELECT count(*) FROM carefusion.participant WHERE leave_time IS NOT NULL AND identity = $1`, first.str("identity")).(int64) == 1
	})
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"})
	w.eventually("everybody has left", func() bool {
		return w.behind(`SELECT count(*) FROM carefusion.participant WHERE leave_time IS NULL`).(int64) == 0
	})
	// A call to the video server that is carried out late must not keep a closed room.
	w.room.reopen(name)
	w.eventually("the room is closed once more", func() bool { return !w.room.isOpen(name) })
}

// TestAVideoServerThatHangsHoldsNobodyElse lets more joins hang than there are connections to the database.
func TestAVideoServerThatHangsHoldsNobodyElse(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	hang := make(chan struct{})
	w.room.hang.Store(&hang)
	token := w.token("patient0")
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { w.send(token, http.MethodPost, path+"/session:join", obj{}) })
	}
	w.eventually("a join hangs", func() bool { return w.room.hanging.Load() > 0 })
	for range 10 {
		w.get("provider", "waitingRoom")
		time.Sleep(100 * time.Millisecond)
	}
	close(hang)
	wg.Wait()
	w.post("patient0", path+"/session:join", nil)
}
