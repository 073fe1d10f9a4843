package app_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/reminder"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

func date(t time.Time) obj { return obj{"year": t.Year(), "month": int(t.Month()), "day": t.Day()} }

// provide registers a provider with hours around the clock and has the administrator approve.
func (w *world) provide(who string, states ...string) string {
	w.t.Helper()
	var licenses []obj
	for _, s := range states {
		licenses = append(licenses, obj{"state": s, "licenseNumber": "MD-1", "expireDate": date(time.Now().AddDate(1, 0, 0))})
	}
	id := w.post(who, "providers", obj{"displayName": "Dr. Example", "specialty": "Psychiatry", "timeZone": "America/Denver", "slotMinutes": 30, "licenses": licenses}).str("providerId")
	w.post("admin", "providers/"+id+":approve", nil)
	var weekly []obj
	for day := range 7 {
		weekly = append(weekly, obj{"weekday": day, "startMinute": 0, "endMinute": 1440})
	}
	w.post(who, "providers/me/availability", obj{"weekly": weekly})
	return id
}

func (w *world) enroll(who, state string) string {
	w.t.Helper()
	return w.post(who, "patients", obj{"givenName": "Given-" + who, "familyName": "Family-" + who, "birthDate": obj{"year": 1980, "month": 2, "day": 3},
		"state": state, "email": who + "@example.org"}).str("patientId")
}

// slot answers the start of the first free slot that is some time away.
func (w *world) slot(who, provider string, away time.Duration) string {
	w.t.Helper()
	return w.slotFrom(who, provider, w.clock.now().Add(away).UTC())
}

func (w *world) slotFrom(who, provider string, from time.Time) string {
	w.t.Helper()
	slots := w.get(who, "providers/"+provider+"/slots?startTime="+from.Format(time.RFC3339)+"&endTime="+from.Add(6*time.Hour).Format(time.RFC3339)).list("slots")
	if len(slots) == 0 {
		w.t.Fatal("no free slot")
	}
	return slots[0].(obj)["startTime"].(string)
}

func (w *world) book(who, provider, start string) string {
	w.t.Helper()
	return w.post(who, "appointments", obj{"providerId": provider, "startTime": start, "reasonForVisit": "reason of " + who, "requestId": uuid.NewString()}).str("appointmentId")
}

// texts publishes one text for each purpose and answers their hashes.
func (w *world) texts() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, p := range []string{"PURPOSE_CARE", "PURPOSE_RECORDING", "PURPOSE_MESSAGING"} {
		a := w.post("admin", "consentTexts", obj{"purpose": p, "body": "I agree: " + p})
		sum := sha256.Sum256([]byte("I agree: " + p))
		if out[p] = a.str("sha256"); out[p] != hex.EncodeToString(sum[:]) {
			w.t.Fatalf("hash of the text: %s", a.text)
		}
	}
	return out
}

func consenting(purpose, hash string) obj {
	return obj{"purpose": purpose, "decision": "DECISION_GIVEN", "textSha256": hash, "signer": "SIGNER_PATIENT"}
}

func (w *world) at(start string, delta time.Duration) {
	w.t.Helper()
	w.clock.to(timeOf(w.t, start).Add(delta))
}

func timeOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// visit takes an appointment into the call and answers its path.
func (w *world) visit(patient, provider, start, appointment string, texts map[string]string) string {
	w.t.Helper()
	w.at(start, -10*time.Minute)
	path := "appointments/" + appointment
	w.post(patient, path+"/session:checkIn", nil)
	w.post(patient, path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	w.post(patient, path+"/consents", consenting("PURPOSE_MESSAGING", texts["PURPOSE_MESSAGING"]))
	w.post(patient, path+"/session:wait", nil)
	w.post(provider, path+"/session:admit", nil)
	w.post(provider, path+"/session:start", nil)
	return path
}

func TestJourneyOfOneVisit(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	if offered := w.get("patient0", "consentTexts"); offered.body["recordingAvailable"] == true {
		t.Errorf("without a recorder: %s", offered.text)
	}
	start := w.slot("patient0", p, 72*time.Hour)
	id := w.book("patient0", p, start)
	if again := w.slot("patient0", p, 72*time.Hour); again == start {
		t.Error("a booked slot is still listed as free")
	}
	path := "appointments/" + id
	w.refused("patient0", path+"/session:checkIn", nil, http.StatusBadRequest, "TOO_EARLY")

	w.at(start, -10*time.Minute)
	w.post("patient0", path+"/session:checkIn", nil)
	w.refused("provider", path+"/session:admit", nil, http.StatusBadRequest, "SESSION_STATE")
	w.post("patient0", path+"/session:wait", nil)
	w.refused("patient0", path+"/session:admit", nil, http.StatusForbidden, "PERMISSION_DENIED")
	if n := len(w.get("provider", "waitingRoom").list("sessions")); n != 1 {
		t.Errorf("%d patients wait, want 1", n)
	}
	w.post("provider", path+"/session:admit", nil)
	w.refused("provider", path+"/session:start", nil, http.StatusBadRequest, "CONSENT_REQUIRED")
	w.refused("patient0", path+"/session:join", nil, http.StatusBadRequest, "SESSION_STATE")
	stale := consenting("PURPOSE_CARE", strings.Repeat("0", 64))
	w.refused("patient0", path+"/consents", stale, http.StatusBadRequest, "CONSENT_TEXT_STALE")
	w.refused("patient0", path+"/consents", obj{"purpose": "PURPOSE_CARE", "textSha256": texts["PURPOSE_CARE"], "signer": "SIGNER_PATIENT"}, http.StatusBadRequest, "INVALID")
	w.post("patient0", path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	w.post("provider", path+"/session:start", nil)

	room := w.joins(path, id)
	w.refused("provider", path+"/session:startRecording", nil, http.StatusBadRequest, "RECORDING_DISABLED")

	w.talk(path, texts)
	w.notes(path)
	w.post("provider", path+"/session:end", nil)
	if s := w.get("patient0", path).str("state"); s != "APPOINTMENT_STATE_COMPLETED" {
		t.Errorf("the appointment is %s", s)
	}
	w.eventually("the room is closed", func() bool { return w.room.isClosed(room) })
	w.refused("patient0", path+"/session:join", nil, http.StatusBadRequest, "SESSION_STATE")
	w.refused("patient0", path+"/messages", obj{"body": "one more"}, http.StatusBadRequest, "SESSION_STATE")
	w.money(id)
	w.sealed("hello, doctor", "Given-patient0", "reason of patient0", "it hurts", "patient0@example.org")
	if a := w.get("admin", "auditLog:verify"); a.body["intact"] != true {
		t.Errorf("audit log: %s", a.text)
	}
}

// talk needs consent of its own.
func (w *world) talk(path string, texts map[string]string) {
	w.t.Helper()
	w.refused("patient0", path+"/messages", obj{"body": "hello"}, http.StatusBadRequest, "CONSENT_REQUIRED")
	w.post("patient0", path+"/consents", consenting("PURPOSE_MESSAGING", texts["PURPOSE_MESSAGING"]))
	w.post("patient0", path+"/messages", obj{"body": "hello, doctor"})
	w.post("provider", path+"/messages", obj{"body": "hello, patient"})
	said := w.get("provider", path+"/messages").list("messages")
	if len(said) != 2 || said[0].(obj)["senderRole"] != "ROLE_PATIENT" || said[1].(obj)["senderId"] != w.users["provider"].subject.String() {
		w.t.Errorf("messages: %v", said)
	}
}

// joins answers the name of the room that both come into.
func (w *world) joins(path, id string) string {
	w.t.Helper()
	mine, theirs := w.post("patient0", path+"/session:join", nil), w.post("provider", path+"/session:join", nil)
	again := w.post("patient0", path+"/session:join", nil)
	if mine.str("room") != theirs.str("room") || mine.str("identity") == again.str("identity") || strings.Contains(mine.str("room"), id) {
		w.t.Errorf("joins: %s %s %s", mine.text, theirs.text, again.text)
	}
	for _, g := range w.room.granted() {
		if g.TTL > 5*time.Minute || g.TTL <= 0 || g.Room != mine.str("room") {
			w.t.Errorf("token: %+v", g)
		}
	}
	if stored := w.behind(`SELECT count(*) FROM carefusion.participant WHERE identity LIKE '%token%'`); stored.(int64) != 0 {
		w.t.Error("a token was stored")
	}
	return mine.str("room")
}

func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	w.t.Errorf("not so in a minute: %s", what)
}

func (w *world) notes(path string) {
	w.t.Helper()
	n := w.post("provider", path+"/notes", obj{"body": "it hurts"}).str("noteId")
	if seen := w.get("patient0", path+"/notes").list("notes"); len(seen) != 0 {
		w.t.Errorf("the patient sees a draft: %v", seen)
	}
	w.refused("provider", "notes/"+n+":amend", obj{"body": "x", "version": 1}, http.StatusBadRequest, "NOTE_STATE")
	w.post("provider", "notes/"+n+":update", obj{"body": "it hurts a lot", "version": 1})
	w.refused("provider", "notes/"+n+":sign", obj{"version": 1}, http.StatusConflict, "ETAG_MISMATCH")
	w.post("provider", "notes/"+n+":sign", obj{"version": 2})
	w.refused("provider", "notes/"+n+":update", obj{"body": "y", "version": 3}, http.StatusBadRequest, "NOTE_STATE")
	w.post("provider", "notes/"+n+":amend", obj{"body": "left, not right", "version": 3})
	if all := w.get("provider", "notes/"+n).list("versions"); len(all) != 4 {
		w.t.Errorf("the provider sees %d versions, want 4", len(all))
	}
	if all := w.get("patient0", "notes/"+n).list("versions"); len(all) != 2 || all[0].(obj)["body"] != "it hurts a lot" {
		w.t.Errorf("the patient sees %v", all)
	}
}

func (w *world) money(id string) {
	w.t.Helper()
	path, rid := "encounters/"+id, uuid.NewString()
	charge := w.post("billing", path+"/charges", obj{"code": "99213", "amountMinor": 12500, "requestId": rid})
	if again := w.post("billing", path+"/charges", obj{"code": "99213", "amountMinor": 12500, "requestId": rid}); again.str("journalId") != charge.str("journalId") {
		w.t.Error("the same request posted twice")
	}
	w.refused("billing", path+"/charges", obj{"code": "99213", "amountMinor": 1, "requestId": rid}, http.StatusConflict, "REQUEST_ID_REUSED")
	w.refused("billing", path+"/payments", obj{"amountMinor": 12501, "requestId": uuid.NewString()}, http.StatusBadRequest, "AMOUNT_EXCEEDS_BALANCE")
	paid := w.post("billing", path+"/payments", obj{"amountMinor": 5000, "requestId": uuid.NewString()})
	patient := w.users["patient0"].subject.String()
	owed := func(want string) {
		w.t.Helper()
		if got := w.get("patient0", "patients/"+patient+"/balance").str("amountMinor"); got != want {
			w.t.Errorf("balance %s, want %s", got, want)
		}
	}
	owed("7500")
	w.post("billing", "journals/"+paid.str("journalId")+":reverse", obj{"requestId": uuid.NewString()})
	w.refused("billing", "journals/"+paid.str("journalId")+":reverse", obj{"requestId": uuid.NewString()}, http.StatusBadRequest, "JOURNAL_REVERSED")
	owed("12500")
	if sum := w.behind(`SELECT sum(amount_minor)::bigint FROM carefusion.ledger_entry`); sum.(int64) != 0 {
		w.t.Errorf("the ledger adds up to %v", sum)
	}
	if n := len(w.get("patient0", path+"/journals").list("journals")); n != 3 {
		w.t.Errorf("%d journals, want 3", n)
	}
}

// sealed looks for plain text in everything that the database keeps.
func (w *world) sealed(secrets ...string) {
	w.t.Helper()
	for _, table := range []string{"patient", "appointment", "message", "note_version", "reminder", "audit_record", "consent", "session", "participant", "encounter"} {
		for _, s := range secrets {
			n := w.behind(`SELECT count(*) FROM carefusion.`+table+` r WHERE r::text LIKE '%' || $1 || '%' OR r::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'`, s)
			if n.(int64) != 0 {
				w.t.Errorf("%s holds %q in plain", table, s)
			}
		}
	}
}

func TestWithdrawalEndsTheRoom(t *testing.T) {
	w := newWorld(t, 1)
	texts := w.texts()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	path := w.visit("patient0", "provider", start, w.book("patient0", p, start), texts)
	first := w.post("patient0", path+"/session:join", nil).str("room")
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"})
	s := w.get("provider", path+"/session")
	if s.str("state") != "SESSION_STATE_WAITING" || s.body["consentEpoch"] != 2.0 {
		t.Errorf("after the withdrawal: %s", s.text)
	}
	w.eventually("the room is closed", func() bool { return w.room.isClosed(first) })
	w.refused("provider", path+"/session:join", nil, http.StatusBadRequest, "SESSION_STATE")
	w.post("provider", path+"/session:admit", nil)
	w.refused("provider", path+"/session:start", nil, http.StatusBadRequest, "CONSENT_REQUIRED")
	w.refused("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_CARE"}, http.StatusBadRequest, "CONSENT_NOT_GIVEN")
	w.post("patient0", path+"/consents", consenting("PURPOSE_CARE", texts["PURPOSE_CARE"]))
	w.post("provider", path+"/session:start", nil)
	if second := w.post("patient0", path+"/session:join", nil).str("room"); second == first {
		t.Error("the room of the earlier epoch came back")
	}
	w.post("patient0", path+"/consents:withdraw", obj{"purpose": "PURPOSE_MESSAGING"})
	w.refused("provider", path+"/messages", obj{"body": "hello"}, http.StatusBadRequest, "CONSENT_REQUIRED")
	if n := len(w.get("provider", path+"/consents").list("consents")); n != 5 {
		t.Errorf("%d decisions are kept, want 5", n)
	}
}

// reminders is a worker of the test's own: the service's would send whenever it wants.
func (w *world) reminders(sender reminder.Sender) *reminder.Worker {
	w.t.Helper()
	sealer, err := seal.FromFile(w.cfg.DataKeyFile)
	if err != nil {
		w.t.Fatal(err)
	}
	return &reminder.Worker{DB: w.app.DB, Seal: sealer, Sender: sender, Clock: w.clock.now}
}

func TestReminderOnceWithoutClinicalContent(t *testing.T) {
	w := newWorld(t, 2)
	dir := filepath.Join(t.TempDir(), "reminders")
	worker := w.reminders(reminder.Files{Dir: dir})
	p := w.provide("provider", "CO")
	for _, who := range []string{"patient0", "patient1"} {
		w.enroll(who, "CO")
	}
	start := w.slot("patient0", p, 48*time.Hour)
	w.book("patient0", p, start)
	cancelled := w.book("patient1", p, w.slot("patient1", p, 48*time.Hour))
	w.post("patient1", "appointments/"+cancelled+":cancel", obj{"reason": "CANCEL_REASON_PATIENT"})
	if n, err := worker.Work(system()); err != nil || n != 0 {
		t.Errorf("two days ahead: %d sent, %v", n, err)
	}
	w.at(start, -24*time.Hour+time.Minute)
	for i, want := range []int{1, 0} {
		if n, err := worker.Work(system()); err != nil || n != want {
			t.Errorf("run %d: %d sent, want %d, %v", i, n, want, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "To: patient0@example.org\n") {
		t.Errorf("to the wrong address: %s", text)
	}
	for _, secret := range []string{"reason of", "Psychiatry", "Dr. Example", "Given-", "Family-"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the reminder says %q", secret)
		}
	}
}

// stubborn refuses one address and delivers to all others.
type stubborn struct {
	refuse string
	sent   []string
}

func (s *stubborn) Send(_ context.Context, r reminder.Reminder) error {
	if r.Address == s.refuse {
		return errors.New("the address does not answer")
	}
	s.sent = append(s.sent, r.Address)
	return nil
}

func TestAReminderThatFailsWaitsAlone(t *testing.T) {
	w := newWorld(t, 3)
	p := w.provide("provider", "CO")
	var start string
	for _, who := range []string{"patient0", "patient1", "patient2"} {
		w.enroll(who, "CO")
		start = w.slot(who, p, 48*time.Hour)
		w.book(who, p, start)
	}
	sender := &stubborn{refuse: "patient0@example.org"}
	worker := w.reminders(sender)
	w.at(start, -23*time.Hour)
	if n, err := worker.Work(system()); err == nil || n != 2 || len(sender.sent) != 2 {
		t.Errorf("%d sent (%v), %v; want 2 and an error", n, sender.sent, err)
	}
	sender.refuse = ""
	if n, err := worker.Work(system()); err != nil || n != 0 {
		t.Errorf("at once again: %d, %v", n, err)
	}
	w.at(start, -22*time.Hour)
	if n, err := worker.Work(system()); err != nil || n != 1 {
		t.Errorf("later: %d, %v; want the third", n, err)
	}
}
