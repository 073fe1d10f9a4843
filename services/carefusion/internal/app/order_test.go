package app_test

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"
)

// model is what one appointment has to be after the calls that were answered.
type model struct {
	appointment, session string
	care, talk           bool
}

// step is a call with who makes it, whether it must succeed, and what it then changes.
type step struct {
	who, call string
	body      obj
	may       func(m *model) bool
	then      func(m *model)
}

const (
	booked, running, done, off     = "SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED"
	nobody, here, waits, in, calls = "", "CHECKED_IN", "WAITING", "ADMITTED", "IN_CALL"
)

func one(of string, these ...string) bool {
	for _, t := range these {
		if t == of {
			return true
		}
	}
	return false
}

// back is what a withdrawal of the consent to care does to the session.
func back(m *model) {
	if m.care = false; one(m.session, in, calls) {
		m.session = waits
	}
}

func stepsOf(texts map[string]string) []step {
	open := func(m *model) bool { return one(m.appointment, booked, running) }
	care, talk := consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]), consenting("PURPOSE_MESSAGING", texts["PURPOSE_MESSAGING"])
	declined := consenting("PURPOSE_CARE", texts["PURPOSE_CARE"])
	declined["decision"] = "DECISION_DECLINED"
	session := func(who, call string, may func(m *model) bool, then func(m *model)) step {
		return step{who, "/session:" + call, obj{}, may, then}
	}
	nothing := func(*model) {}
	return []step{
		session("patient0", "checkIn", func(m *model) bool { return m.appointment == booked || m.session != nobody }, func(m *model) {
			if m.session == nobody {
				m.session = here
			}
		}),
		session("patient0", "wait", func(m *model) bool { return one(m.session, here, waits) }, func(m *model) { m.session = waits }),
		session("provider", "admit", func(m *model) bool { return m.session == waits && open(m) }, func(m *model) { m.session, m.appointment = in, running }),
		session("provider", "start", func(m *model) bool { return m.session == in && m.care }, func(m *model) { m.session = calls }),
		session("patient0", "join", func(m *model) bool { return m.session == calls }, nothing),
		session("provider", "join", func(m *model) bool { return m.session == calls }, nothing),
		session("provider", "end", func(m *model) bool { return one(m.session, waits, in, calls) && m.appointment == running }, func(m *model) { m.session, m.appointment = "ENDED", done }),
		session("colleague", "admit", func(*model) bool { return false }, nothing),
		session("patient1", "checkIn", func(*model) bool { return false }, nothing),
		{"patient0", "/consents", care, open, func(m *model) { m.care = true }},
		{"patient0", "/consents", declined, open, back},
		{"patient0", "/consents", talk, open, func(m *model) { m.talk = true }},
		{"patient0", "/consents:withdraw", obj{"purpose": "PURPOSE_CARE"}, func(m *model) bool { return open(m) && m.care }, back},
		{"patient0", "/consents:withdraw", obj{"purpose": "PURPOSE_MESSAGING"}, func(m *model) bool { return open(m) && m.talk }, func(m *model) { m.talk = false }},
		{"provider", "/messages", obj{"body": "hello"}, func(m *model) bool { return m.talk && !one(m.session, nobody, "ENDED") }, nothing},
		{"provider", "/notes", obj{"body": "x"}, func(m *model) bool { return one(m.appointment, running, done) }, nothing},
		{"provider", ":noShow", obj{}, func(*model) bool { return false }, nothing},
		{"patient0", ":cancel", obj{"reason": "CANCEL_REASON_PATIENT"}, func(m *model) bool { return m.appointment == booked }, func(m *model) { m.appointment = off }},
	}
}

// TestStepsInAnyOrder makes every call in every order that chance brings: each is answered exactly where the rules permit it, and never
// leaves a call without consent.
func TestStepsInAnyOrder(t *testing.T) {
	w := newWorldOf(t, setup{patients: 2, settings: map[string]string{"CHECK_IN_LEAD": "240h"}})
	steps := stepsOf(w.texts())
	// The way into the call more often than what leads out of it.
	steps = append(steps, slices.Repeat(steps[1:6], 2)...)
	p := w.provide("provider", "CO")
	w.provide("colleague", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	r := rand.New(rand.NewPCG(3, 5))
	reached, answered := map[string]bool{}, map[string]int{}
	for round := range 12 {
		path := "appointments/" + w.book("patient0", p, w.slot("patient0", p, time.Duration(2+round)*time.Hour))
		m := &model{appointment: booked}
		for n := range 40 {
			// Half of the calls are of those that are permitted, or chance would seldom come far.
			s := steps[r.IntN(len(steps))]
			for half := r.IntN(2) == 0; half && !s.may(m); {
				s = steps[r.IntN(len(steps))]
			}
			// Cancelling early would be the end of most rounds.
			if s.call == ":cancel" && n < 30 {
				continue
			}
			may := s.may(m)
			a := w.send(w.token(s.who), http.MethodPost, path+s.call, s.body)
			if may != (a.status == http.StatusOK) || a.status >= http.StatusInternalServerError {
				t.Fatalf("round %d, call %d: %s%s in %+v: %d %s, permitted: %v", round, n, s.who, s.call, *m, a.status, a.text, may)
			}
			if may {
				s.then(m)
				answered[s.who+s.call]++
			}
			w.agrees(path, m)
			reached[m.session] = true
		}
	}
	if len(reached) != 6 || len(answered) < 10 {
		t.Errorf("the sessions came as far as %v, by %v", reached, answered)
	}
	if n := w.countOf(`SELECT count(*) FROM carefusion.session s WHERE state = 'IN_CALL' AND NOT EXISTS (SELECT FROM carefusion.consent c
		WHERE c.appointment_id = s.appointment_id AND purpose = 'CARE' AND decision = 'GIVEN')`); n != 0 {
		t.Errorf("%d calls without any consent", n)
	}
}

func (w *world) agrees(path string, m *model) {
	w.t.Helper()
	if got := w.get("provider", path).str("state"); got != "APPOINTMENT_STATE_"+m.appointment {
		w.t.Fatalf("the appointment is %s, want %s", got, m.appointment)
	}
	a := w.send(w.token("provider"), http.MethodGet, path+"/session", nil)
	if m.session == nobody {
		if a.status != http.StatusNotFound {
			w.t.Fatalf("a session before anybody checked in: %s", a.text)
		}
		return
	}
	if got := a.str("state"); got != "SESSION_STATE_"+m.session {
		w.t.Fatalf("the session is %s, want %s", got, m.session)
	}
}
