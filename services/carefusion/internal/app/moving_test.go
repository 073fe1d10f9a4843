package app_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/reminder"
)

func to(start string) obj { return obj{"startTime": start, "requestId": uuid.NewString()} }

func (w *world) countOf(sql string, args ...any) int64 {
	w.t.Helper()
	return w.behind(sql, args...).(int64)
}

func TestAnAppointmentIsMoved(t *testing.T) {
	w := newWorld(t, 2)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	texts := w.texts()
	from, then := w.slot("patient0", p, 48*time.Hour), w.slot("patient0", p, 72*time.Hour)
	id := w.book("patient0", p, from)
	path := "appointments/" + id
	w.post("patient0", path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	request := to(then)
	moved := w.post("patient0", path+":reschedule", request)
	if moved.str("appointmentId") != id || moved.str("startTime") != then || moved.str("state") != "APPOINTMENT_STATE_SCHEDULED" || moved.str("reasonForVisit") != "reason of patient0" {
		t.Errorf("moved: %s", moved.text)
	}
	if n := len(w.get("patient0", path+"/consents").list("consents")); n != 1 {
		t.Errorf("%d decisions after the move, want 1", n)
	}
	if again := w.slotFrom("patient1", p, timeOf(t, from)); again != from {
		t.Errorf("the old slot %s is not free again; the first is %s", from, again)
	}
	if next := w.slot("patient1", p, 72*time.Hour); next == then {
		t.Error("the new slot is still listed as free")
	}
	// The same request moves nothing again, also when the appointment has gone on from there.
	w.post("patient0", path+":reschedule", to(from))
	if again := w.post("patient0", path+":reschedule", request); again.str("startTime") != from {
		t.Errorf("an old request moved the appointment again: %s", again.text)
	}
	w.refused("patient0", path+":reschedule", obj{"startTime": w.slot("patient0", p, 96*time.Hour), "requestId": request["requestId"]}, http.StatusConflict, "REQUEST_ID_REUSED")
	if n := w.countOf(`SELECT count(*) FROM carefusion.appointment_move WHERE appointment_id = $1`, id); n != 2 {
		t.Errorf("%d moves are kept, want 2", n)
	}
	if n := len(w.get("admin", "auditRecords?method=RescheduleAppointment&outcome=OK&target="+path).list("records")); n != 3 {
		t.Errorf("%d records of moves, want 3", n)
	}
}

func TestWhatCannotBeMoved(t *testing.T) {
	w := newWorld(t, 2)
	p := w.provide("provider", "CO")
	for _, who := range []string{"patient0", "patient1"} {
		w.enroll(who, "CO")
	}
	start := w.slot("patient0", p, 24*time.Hour)
	path := "appointments/" + w.book("patient0", p, start)
	taken := w.slot("patient1", p, 30*time.Hour)
	w.book("patient1", p, taken)
	free := w.slot("patient0", p, 40*time.Hour)
	off, err := time.Parse(time.RFC3339, free)
	if err != nil {
		t.Fatal(err)
	}
	w.refused("patient1", path+":reschedule", to(free), http.StatusNotFound, "APPOINTMENT_NOT_FOUND")
	w.refused("provider", path+":reschedule", to(free), http.StatusForbidden, "PERMISSION_DENIED")
	w.refused("patient0", path+":reschedule", to(taken), http.StatusConflict, "SLOT_TAKEN")
	w.refused("patient0", path+":reschedule", to(off.Add(time.Minute).Format(time.RFC3339)), http.StatusBadRequest, "SLOT_UNKNOWN")
	w.refused("patient0", path+":reschedule", to(w.clock.now().Add(-time.Hour).UTC().Truncate(time.Hour).Format(time.RFC3339)), http.StatusBadRequest, "SLOT_PAST")
	w.refused("patient0", path+":reschedule", obj{"startTime": free}, http.StatusBadRequest, "INVALID")
	// Who is in another state now is moved by that state's licences.
	w.post("patient0", "patients/me:update", obj{"state": "WY"})
	w.refused("patient0", path+":reschedule", to(free), http.StatusBadRequest, "PROVIDER_NOT_LICENSED")
	w.post("patient0", "patients/me:update", obj{"state": "CO"})
	if now := w.get("patient0", path).str("startTime"); now != start {
		t.Errorf("a refused move left the appointment at %s, want %s", now, start)
	}
	w.at(start, -10*time.Minute)
	w.post("patient0", path+"/session:checkIn", nil)
	w.refused("patient0", path+":reschedule", to(free), http.StatusBadRequest, "APPOINTMENT_STATE")
	w.post("patient0", path+":cancel", obj{"reason": "CANCEL_REASON_PATIENT"})
	w.refused("patient0", path+":reschedule", to(free), http.StatusBadRequest, "APPOINTMENT_STATE")
	missed := "appointments/" + w.book("patient0", p, free)
	w.at(free, time.Minute)
	w.refused("patient0", missed+":reschedule", to(w.slot("patient0", p, 24*time.Hour)), http.StatusBadRequest, "APPOINTMENT_STATE")
}

// TestManyMoveToOneSlot: one winner, and everybody else still has what they had.
func TestManyMoveToOneSlot(t *testing.T) {
	const clients = 24
	w := newWorld(t, clients+1)
	p := w.provide("provider", "CO")
	had := make([]string, clients)
	ids := make([]string, clients)
	tokens := make([]string, clients+1)
	for i := range clients + 1 {
		who := fmt.Sprintf("patient%d", i)
		w.enroll(who, "CO")
		tokens[i] = w.token(who)
		if i < clients {
			had[i] = w.slot(who, p, time.Duration(24+i/2)*time.Hour)
			ids[i] = w.book(who, p, had[i])
		}
	}
	goal := w.slot("patient0", p, 90*time.Hour)
	got := make([]answer, clients+1)
	var wg sync.WaitGroup
	ready := make(chan struct{})
	for i := range clients + 1 {
		wg.Go(func() {
			<-ready
			if i == clients {
				got[i] = w.send(tokens[i], http.MethodPost, "appointments", obj{"providerId": p, "startTime": goal, "requestId": uuid.NewString()})
				return
			}
			got[i] = w.send(tokens[i], http.MethodPost, "appointments/"+ids[i]+":reschedule", to(goal))
		})
	}
	close(ready)
	wg.Wait()
	won := 0
	for i, a := range got {
		switch {
		case a.status == http.StatusOK:
			won++
		case a.status != http.StatusConflict || a.str("reason") != "SLOT_TAKEN":
			t.Errorf("client %d: %d %s", i, a.status, a.text)
		case i < clients:
			if now := w.get(fmt.Sprintf("patient%d", i), "appointments/"+ids[i]).str("startTime"); now != had[i] {
				t.Errorf("client %d lost and is now at %s, had %s", i, now, had[i])
			}
		}
	}
	if at := w.countOf(`SELECT count(*) FROM carefusion.busy WHERE lower(during) = $1::text::timestamptz`, goal); won != 1 || at != 1 {
		t.Errorf("%d winners and %d in the slot, want 1", won, at)
	}
	w.calendarFits()
}

// calendarFits compares the calendar with the appointments that it is made from.
func (w *world) calendarFits() {
	w.t.Helper()
	if n := w.countOf(`SELECT count(*) FROM (SELECT appointment_id, tstzrange(start_time, end_time) AS during FROM carefusion.appointment WHERE state NOT IN ('CANCELLED', 'NO_SHOW')) a
		FULL JOIN carefusion.busy b USING (appointment_id) WHERE a.during IS DISTINCT FROM b.during`); n != 0 {
		w.t.Errorf("%d appointments are not where the calendar has them", n)
	}
}

// TestOneAppointmentIsPulledAtFromAllSides: moves to many slots, cancelling and checking in at once leave one truth.
func TestOneAppointmentIsPulledAtFromAllSides(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	// So near that checking in is open already. Time only goes forward: a token of later would not count yet.
	start := w.slot("patient0", p, 11*time.Minute)
	w.at(start, -10*time.Minute)
	id := w.book("patient0", p, start)
	token, path := w.token("patient0"), "appointments/"+id
	var wg sync.WaitGroup
	ready := make(chan struct{})
	at := func(body obj, call string) {
		wg.Go(func() {
			<-ready
			if a := w.send(token, http.MethodPost, path+call, body); a.status >= http.StatusInternalServerError {
				t.Errorf("%s: %d %s", call, a.status, a.text)
			}
		})
	}
	for i := range 8 {
		at(to(w.slot("patient0", p, time.Duration(24+i)*time.Hour)), ":reschedule")
	}
	at(obj{"reason": "CANCEL_REASON_PATIENT"}, ":cancel")
	at(obj{}, "/session:checkIn")
	close(ready)
	wg.Wait()
	w.calendarFits()
	a := w.get("patient0", path)
	arrived := w.countOf(`SELECT count(*) FROM carefusion.session`) == 1
	if arrived && a.str("startTime") != start {
		t.Errorf("checked in to an appointment that is at %s, and was at %s", a.str("startTime"), start)
	}
	if n := w.countOf(`SELECT count(*) FROM carefusion.reminder WHERE start_time <> $1::text::timestamptz`, a.str("startTime")); n != 0 {
		t.Errorf("%d reminders of another time", n)
	}
}

func TestRemindersMoveWithTheAppointment(t *testing.T) {
	w := newWorld(t, 1)
	dir := filepath.Join(t.TempDir(), "reminders")
	worker := w.reminders(reminder.Files{Dir: dir})
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	first := w.slot("patient0", p, 48*time.Hour)
	path := "appointments/" + w.book("patient0", p, first)
	sends := func(when string, want int) {
		t.Helper()
		if n, err := worker.Work(system()); err != nil || n != want {
			t.Errorf("%s: %d sent, want %d, %v", when, n, want, err)
		}
	}
	second := w.slot("patient0", p, 96*time.Hour)
	w.post("patient0", path+":reschedule", to(second))
	w.at(first, -23*time.Hour)
	sends("a day before the time that was", 0)
	w.at(second, -23*time.Hour)
	sends("a day before the new time", 1)
	// Reminded already, and moved again: of another time one is reminded again.
	third := w.slot("patient0", p, 72*time.Hour)
	w.post("patient0", path+":reschedule", to(third))
	sends("right after the move", 0)
	w.at(third, -23*time.Hour)
	sends("a day before the third time", 1)
	sends("once more", 0)
	if files, err := filepath.Glob(filepath.Join(dir, "*.txt")); err != nil || len(files) != 2 {
		t.Errorf("files: %v %v, want 2", files, err)
	}
	// Nearer than a reminder reaches: none is left behind.
	near := w.slot("patient0", p, 2*time.Hour)
	w.post("patient0", path+":reschedule", to(near))
	if n := w.countOf(`SELECT count(*) FROM carefusion.reminder`); n != 0 {
		t.Errorf("%d reminders of an appointment within the day", n)
	}
}
