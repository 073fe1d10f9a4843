package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/broker/embedded"
)

// watcher is an open stream of events and the last one of it.
type watcher struct {
	mu   sync.Mutex
	last obj
	raw  []string
	over chan struct{}
}

func (v *watcher) now() obj {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// watching opens a stream; status is what a refusal answers.
func (w *world) watching(base, token, path string) (*watcher, int) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/telehealth/v1/"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: w.client.Transport}
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		_ = res.Body.Close()
		return nil, res.StatusCode
	}
	v := &watcher{over: make(chan struct{})}
	go func() {
		defer close(v.over)
		defer func() { _ = res.Body.Close() }()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			line := lines.Text()
			if text, ok := strings.CutPrefix(line, "data: "); ok {
				var o obj
				_ = json.Unmarshal([]byte(text), &o)
				v.mu.Lock()
				v.last, v.raw = o, append(v.raw, text)
				v.mu.Unlock()
			}
		}
	}()
	return v, res.StatusCode
}

func (w *world) sees(what string, v *watcher, is func(o obj) bool) {
	w.t.Helper()
	w.eventually(what, func() bool { o := v.now(); return o != nil && is(o) })
}

// watchesNothing tries to watch a visit as everybody who has no business with it.
func (w *world) watchesNothing(path string) {
	w.t.Helper()
	for who, want := range map[string]int{"patient1": http.StatusNotFound, "colleague": http.StatusNotFound, "billing": http.StatusForbidden, "admin": http.StatusForbidden} {
		if _, got := w.watching(w.base, w.token(who), path+"/session:watch"); got != want {
			w.t.Errorf("%s watches: %d, want %d", who, got, want)
		}
	}
	if _, got := w.watching(w.base, "", path+"/session:watch"); got != http.StatusUnauthorized {
		w.t.Errorf("nobody watches: %d", got)
	}
	if _, got := w.watching(w.base, w.token("patient0"), "waitingRoom:watch"); got != http.StatusForbidden {
		w.t.Errorf("a patient watches the waiting room: %d", got)
	}
	if _, got := w.watching(w.base, w.token("patient0"), "appointments/nonsense/session:watch"); got != http.StatusBadRequest {
		w.t.Errorf("nonsense: %d", got)
	}
}

func TestWatchersAreToldOfChangesAndOfNothingElse(t *testing.T) {
	w := newWorld(t, 2)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.provide("colleague", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	id := w.book("patient0", p, start)
	path := "appointments/" + id
	moving, _ := w.watching(w.base, w.token("patient0"), path+"/session:watch")
	if moving == nil {
		t.Fatal("watching is refused before anybody checked in")
	}
	w.sees("the time that it has", moving, func(o obj) bool { return o["startTime"] == start })
	start = w.slot("patient0", p, 4*time.Hour)
	w.post("patient0", path+":reschedule", to(start))
	w.sees("the time that it was moved to", moving, func(o obj) bool { return o["startTime"] == start })
	w.at(start, -10*time.Minute)
	w.watchesNothing(path)
	mine, _ := w.watching(w.base, w.token("patient0"), path+"/session:watch")
	queue, _ := w.watching(w.base, w.token("provider"), "waitingRoom:watch")
	other, _ := w.watching(w.base, w.token("colleague"), "waitingRoom:watch")
	if mine == nil || queue == nil || other == nil {
		t.Fatal("watching is refused")
	}
	w.sees("not yet checked in", mine, func(o obj) bool { return o["state"] == "SESSION_STATE_UNSPECIFIED" })
	w.visit("patient0", "provider", start, id, texts)
	w.sees("in the call", mine, func(o obj) bool { return o["state"] == "SESSION_STATE_IN_CALL" && o["consents"] == 2.0 })
	w.post("provider", path+"/messages", obj{"body": "marker in a message"})
	w.sees("a message", mine, func(o obj) bool { return o["lastMessageId"] != "" })
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"})
	w.sees("waiting again", mine, func(o obj) bool { return o["state"] == "SESSION_STATE_WAITING" && o["consentEpoch"] == 2.0 })
	w.sees("in the waiting room", queue, func(o obj) bool { return slices.Contains(o["appointmentIds"].([]any), any(id)) })
	w.sees("a colleague's own waiting room", other, func(o obj) bool { return o["appointmentIds"] != nil })
	if o := other.now(); len(o["appointmentIds"].([]any)) != 0 {
		t.Errorf("a colleague is told %v", o)
	}
	mine.mu.Lock()
	said := strings.Join(mine.raw, "")
	mine.mu.Unlock()
	for _, secret := range []string{"marker", "Given-", "reason of", w.users["patient0"].subject.String()} {
		if strings.Contains(said, secret) {
			t.Errorf("the stream says %q: %s", secret, said)
		}
	}
	if n := w.behind(`SELECT count(*) FROM carefusion.audit_record WHERE body LIKE '%GetSession%' AND body LIKE '%"outcome":"OK"%' AND body LIKE '%' || $1 || '%'`, w.users["patient0"].subject.String()).(int64); n != 2 {
		t.Errorf("%d records of watching, want one for each of two streams", n)
	}
	// A token that ends, ends what it opened.
	w.clock.to(w.clock.now().Add(time.Hour))
	w.eventually("the stream is over", func() bool {
		select {
		case <-mine.over:
			return true
		default:
			return false
		}
	})
}

// TestWithABroker runs a second process on the same database and NATS, stops NATS and starts it again.
func TestWithABroker(t *testing.T) {
	dir := t.TempDir()
	nats, err := embedded.Start(embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOf(t, setup{patients: 2, settings: map[string]string{"NATS_URL": nats.URL, "CHECK_IN_LEAD": "72h"}})
	second := w.process("CAREFUSION_NATS_URL="+nats.URL, "CAREFUSION_CHECK_IN_LEAD=72h")
	second.serve()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	id := w.book("patient0", p, w.slot("patient0", p, 2*time.Hour))
	there, _ := w.watching("https://"+second.listen, w.token("patient0"), "appointments/"+id+"/session:watch")
	if there == nil {
		t.Fatal("watching is refused")
	}
	w.post("patient0", "appointments/"+id+"/session:checkIn", nil)
	w.sees("the other process tells", there, func(o obj) bool { return o["state"] == "SESSION_STATE_CHECKED_IN" })
	empty := func() bool { return w.behind(`SELECT count(*) FROM carefusion.outbox`).(int64) == 0 }
	w.eventually("everything was handed on", empty)

	nats.Stop()
	w.post("patient0", "appointments/"+id+"/session:wait", nil)
	w.book("patient1", p, w.slot("patient1", p, 2*time.Hour))
	w.sees("work goes on, and watchers see it", there, func(o obj) bool { return o["state"] == "SESSION_STATE_WAITING" })
	if n := w.behind(`SELECT count(*) FROM carefusion.outbox`).(int64); n < 2 {
		t.Errorf("%d events wait, want those of a wait and a booking", n)
	}
	again, err := embedded.Start(embedded.Options{Dir: dir, Port: nats.Port})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	w.eventually("nothing is lost", empty)
}

// TestRemindersByTheBroker lets two consumers and a worker send what falls due: each reminder goes out once.
func TestRemindersByTheBroker(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 48*time.Hour)
	id := w.book("patient0", p, start)
	sender := &stubborn{}
	worker := w.reminders(sender)
	worker.Queue = true
	w.at(start, -23*time.Hour)
	if n, err := worker.Work(system()); err != nil || n != 0 {
		t.Errorf("the worker does not wait for the broker: %d %v", n, err)
	}
	if n := w.behind(`SELECT count(*) FROM carefusion.reminder WHERE queue_time IS NOT NULL AND sent_time IS NULL`).(int64); n != 1 {
		t.Fatalf("%d reminders were handed to the broker, want 1", n)
	}
	event, appointment := uuid.New(), uuid.MustParse(id)
	for range 3 {
		if err := worker.Handle(t.Context(), event, appointment); err != nil {
			t.Fatal(err)
		}
	}
	if err := worker.Handle(t.Context(), uuid.New(), appointment); err != nil {
		t.Fatal(err)
	}
	if len(sender.sent) != 1 {
		t.Errorf("sent %d times", len(sender.sent))
	}
	// A second appointment whose event never comes.
	w.book("patient0", p, w.slot("patient0", p, 30*time.Hour))
	w.clock.to(w.clock.now().Add(8 * time.Hour))
	for range 2 {
		if _, err := worker.Work(system()); err != nil {
			t.Fatal(err)
		}
		w.clock.to(w.clock.now().Add(2 * time.Minute))
	}
	if len(sender.sent) != 2 {
		t.Errorf("%d reminders after the broker lost one, want 2", len(sender.sent))
	}
}
