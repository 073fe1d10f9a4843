package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestAThirdHasNoPlaceInARoom: a visit is its patient and its provider. Nobody else gets a token, whatever their role; no row can be
// written for them; and who comes in nevertheless is put out, while the two stay.
func TestAThirdHasNoPlaceInARoom(t *testing.T) {
	w := newWorld(t, 2)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.provide("colleague", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	id := w.book("patient0", p, start)
	path := w.visit("patient0", "provider", start, id, texts)
	for who, status := range map[string]int{"colleague": http.StatusNotFound, "patient1": http.StatusNotFound, "admin": http.StatusForbidden, "billing": http.StatusForbidden} {
		if a := w.send(w.token(who), http.MethodPost, path+"/session:join", obj{}); a.status != status || a.str("token") != "" {
			t.Errorf("%s: %d %s, want %d", who, a.status, a.text, status)
		}
	}
	insert := `INSERT INTO carefusion.participant (identity, appointment_id, patient_id, provider_id, subject, room, issue_time, expire_time)
		SELECT $1, s.appointment_id, s.patient_id, s.provider_id, $2, s.room, now(), now() + interval '1 minute' FROM carefusion.session s`
	third := w.users["colleague"].subject.String()
	if _, err := w.login("provider", p, insert, "x", third); code(err) != "23514" {
		t.Errorf("the provider brings a colleague by SQL: %v", err)
	}
	if n, err := w.login("provider", third, insert, "x", third); err != nil || n != 0 {
		t.Errorf("the colleague comes by SQL: %d rows, %v", n, err)
	}

	patient, provider := w.post("patient0", path+"/session:join", nil), w.post("provider", path+"/session:join", nil)
	name := patient.str("room")
	stay, out := []string{patient.str("identity"), provider.str("identity")}, []string{"an interpreter", uuid.NewString()}
	for _, identity := range append(stay, out...) {
		w.room.enter(name, identity)
	}
	w.eventually("two of four stay, and may send", func() bool {
		for _, identity := range stay {
			if _, publish := w.room.has(name, identity); !publish {
				return false
			}
		}
		for _, identity := range out {
			if inside, _ := w.room.has(name, identity); inside {
				return false
			}
		}
		return true
	})
	// A second device of the provider's is the provider: it takes the place of the first, and is no third.
	w.clock.to(w.clock.now().Add(time.Second))
	again := w.post("provider", path+"/session:join", nil).str("identity")
	w.room.enter(name, again)
	w.eventually("of the provider the newer join stays", func() bool {
		old, _ := w.room.has(name, provider.str("identity"))
		_, publish := w.room.has(name, again)
		_, patients := w.room.has(name, patient.str("identity"))
		return !old && publish && patients
	})
}
