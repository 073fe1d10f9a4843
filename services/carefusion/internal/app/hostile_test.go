package app_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// spoiled answers copies of a body, each with another one of its texts replaced, by the path of that text.
func spoiled(body obj, with string) map[string]obj {
	out := map[string]obj{}
	for key, value := range body {
		switch v := value.(type) {
		case string:
			out[key] = maps.Clone(body)
			out[key][key] = with
		case obj:
			for at, inner := range spoiled(v, with) {
				out[key+"."+at] = maps.Clone(body)
				out[key+"."+at][key] = inner
			}
		}
	}
	return out
}

// TestTextThatCannotBeKept sends every RPC that changes something a NUL in each of its texts: that is the caller's mistake and not the
// service's.
func TestTextThatCannotBeKept(t *testing.T) {
	s := newScene(t)
	tried := 0
	for _, r := range rpcs(t) {
		if r.method != http.MethodPost {
			continue
		}
		path, body := s.fill(t, r)
		for _, who := range []string{"patient0", "provider", "admin", "billing"} {
			if !s.permitted(r, s.users[who]) {
				continue
			}
			for field, bad := range spoiled(body, "a\x00b") {
				tried++
				if a := s.send(s.token(who), r.method, path, bad); a.status != http.StatusBadRequest {
					t.Errorf("%s as %s with a NUL in %s: %d %s", r.name, who, field, a.status, a.text)
				}
			}
		}
	}
	if tried < 25 {
		t.Errorf("only %d texts were tried", tried)
	}
	a := s.send(s.token("provider"), http.MethodPost, "providers/me/licenses", obj{"license": obj{"state": "CO", "licenseNumber": "1\x00", "expireDate": date(time.Now())}})
	if errs := a.list("errors"); len(errs) != 1 || errs[0].(obj)["field"] != "license.licenseNumber" {
		t.Errorf("which text it is: %s", a.text)
	}
	if a := s.send(s.token("billing"), http.MethodPost, "encounters/"+s.ids["appointment_id"]+"/charges", obj{"code": "99213", "requestId": uuid.NewString()}); !strings.Contains(a.text, `"amountMinor"`) {
		t.Errorf("a field is not named as it was sent: %s", a.text)
	}
}

func TestSlotsOfAPastDay(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	for _, day := range []string{"0001-01-01T00:00:00Z", w.clock.now().UTC().AddDate(0, 0, -3).Format(time.RFC3339)} {
		from, err := time.Parse(time.RFC3339, day)
		if err != nil {
			t.Fatal(err)
		}
		a := w.get("patient0", "providers/"+p+"/slots?startTime="+day+"&endTime="+from.Add(24*time.Hour).Format(time.RFC3339))
		if n := len(a.list("slots")); n != 0 {
			t.Errorf("the day of %s has %d slots", day, n)
		}
	}
}

func TestHoursThatOverlap(t *testing.T) {
	w := newWorld(t, 0)
	w.provide("provider", "CO")
	two := []obj{{"weekday": 1, "startMinute": 540, "endMinute": 720}, {"weekday": 1, "startMinute": 600, "endMinute": 780}}
	w.refused("provider", "providers/me/availability", obj{"weekly": two}, http.StatusBadRequest, "INVALID")
	w.refused("provider", "providers/me/availability", obj{"weekly": []obj{two[0], two[0]}}, http.StatusBadRequest, "INVALID")
	day := date(time.Now().AddDate(0, 0, 9))
	w.refused("provider", "providers/me/availability/overrides", obj{"override": obj{"date": day, "hours": []obj{{"startMinute": 540, "endMinute": 720}, {"startMinute": 719, "endMinute": 780}}}},
		http.StatusBadRequest, "INVALID")
	a := w.get("provider", "providers/"+w.users["provider"].subject.String()+"/availability")
	if len(a.list("weekly")) != 7 || len(a.list("overrides")) != 0 {
		t.Errorf("a refused change left %s", a.text)
	}
}

func TestNobodyIsBornTomorrow(t *testing.T) {
	w := newWorld(t, 1)
	born := func(at time.Time) obj {
		return obj{"givenName": "A", "familyName": "B", "birthDate": date(at), "state": "CO"}
	}
	w.refused("patient0", "patients", born(w.clock.now().UTC().AddDate(0, 0, 2)), http.StatusBadRequest, "INVALID")
	w.post("patient0", "patients", born(w.clock.now().UTC()))
}

// TestMoneyAfterRefundsAndVoids posts and undoes at once from many sides: the ledger adds up to zero, nothing is paid or undone twice, and
// what is owed is what the journals say.
func TestMoneyAfterRefundsAndVoids(t *testing.T) {
	s := newScene(t)
	path := "encounters/" + s.ids["appointment_id"]
	token := s.token("billing")
	together := func(n int, call func() answer) (ok int, last answer) {
		var wg sync.WaitGroup
		got := make([]answer, n)
		for i := range got {
			wg.Go(func() { got[i] = call() })
		}
		wg.Wait()
		for _, a := range got {
			switch {
			case a.status == http.StatusOK:
				ok, last = ok+1, a
			case a.status >= http.StatusInternalServerError:
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		return ok, last
	}
	owes := func(when, want string) {
		t.Helper()
		if got := s.get("billing", "patients/"+s.ids["patient_id"]+"/balance").str("amountMinor"); got != want {
			t.Errorf("%s: %s is owed, want %s", when, got, want)
		}
		if off := s.countOf(`SELECT count(*) FROM (SELECT 1 FROM carefusion.ledger_entry GROUP BY journal_id HAVING sum(amount_minor) <> 0) j`); off != 0 {
			t.Errorf("%s: %d journals do not add up", when, off)
		}
	}
	owes("after the charge", "100")
	paid, payment := together(8, func() answer {
		return s.send(token, http.MethodPost, path+"/payments", obj{"amountMinor": 60, "requestId": uuid.NewString()})
	})
	if owes("after payments at once", "40"); paid != 1 {
		t.Errorf("%d payments of 60 for 100, want 1", paid)
	}
	undo := func(journal string) int {
		ok, _ := together(8, func() answer {
			return s.send(token, http.MethodPost, "journals/"+journal+":reverse", obj{"requestId": uuid.NewString()})
		})
		return ok
	}
	if ok := undo(s.ids["journal_id"]); ok != 1 {
		t.Errorf("the charge was undone %d times", ok)
	}
	owes("after the void, with a payment that stays", "-60")
	s.refused("billing", path+"/payments", obj{"amountMinor": 1, "requestId": uuid.NewString()}, http.StatusBadRequest, "AMOUNT_EXCEEDS_BALANCE")
	if ok := undo(payment.str("journalId")); ok != 1 {
		t.Errorf("the payment was undone %d times", ok)
	}
	owes("after the refund", "0")
	again := uuid.NewString()
	if ok, _ := together(8, func() answer {
		return s.send(token, http.MethodPost, path+"/charges", obj{"code": "99213", "amountMinor": 7, "requestId": again})
	}); ok != 8 {
		t.Errorf("%d of 8 sendings of one request were answered", ok)
	}
	owes("after one charge that was sent eight times", "7")
	if sum := s.countOf(`SELECT count(*) FROM (SELECT account FROM carefusion.ledger_entry GROUP BY account HAVING sum(amount_minor) <> CASE account WHEN 'RECEIVABLE' THEN 7 WHEN 'REVENUE' THEN -7 ELSE 0 END) a`); sum != 0 {
		t.Errorf("%d accounts are not what they should be", sum)
	}
}
