package app_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

func system() context.Context { return identity.System(context.Background()) }

func TestFiftyClientsOneSlot(t *testing.T) {
	const clients = 50
	w := newWorld(t, clients)
	p := w.provide("provider", "CO")
	tokens := make([]string, clients)
	for i := range clients {
		who := fmt.Sprintf("patient%d", i)
		w.enroll(who, "CO")
		tokens[i] = w.token(who)
	}
	start := w.slot("patient0", p, 24*time.Hour)
	got := make([]answer, clients)
	var wg sync.WaitGroup
	ready := make(chan struct{})
	for i := range clients {
		wg.Go(func() {
			<-ready
			got[i] = w.send(tokens[i], http.MethodPost, "appointments", obj{"providerId": p, "startTime": start, "requestId": uuid.NewString()})
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
		}
	}
	if rows := w.behind(`SELECT count(*) FROM carefusion.appointment`); won != 1 || rows.(int64) != 1 {
		t.Errorf("%d winners and %v rows, want 1", won, rows)
	}
}

func TestSameRequestTwiceAtOnce(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	body := obj{"providerId": p, "startTime": w.slot("patient0", p, 24*time.Hour), "requestId": uuid.NewString()}
	token := w.token("patient0")
	got := make([]answer, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = w.send(token, http.MethodPost, "appointments", body) })
	}
	wg.Wait()
	for i, a := range got {
		if a.status != http.StatusOK || a.str("appointmentId") != got[0].str("appointmentId") {
			t.Errorf("attempt %d: %d %s", i, a.status, a.text)
		}
	}
}

func TestWhatCannotBeBooked(t *testing.T) {
	w := newWorld(t, 2)
	w.enroll("patient0", "CO")
	w.enroll("patient1", "WY")
	pending := w.post("colleague", "providers", obj{"displayName": "Dr. New", "specialty": "GP", "timeZone": "America/Denver", "slotMinutes": 30,
		"licenses": []obj{{"state": "CO", "licenseNumber": "1", "expireDate": date(time.Now().AddDate(1, 0, 0))}}}).str("providerId")
	p := w.provide("provider", "CO")
	start := w.slot("patient0", p, 24*time.Hour)
	try := func(who, provider, start string, status int, reason string) {
		t.Helper()
		w.refused(who, "appointments", obj{"providerId": provider, "startTime": start, "requestId": uuid.NewString()}, status, reason)
	}
	try("patient0", pending, start, http.StatusNotFound, "PROVIDER_NOT_FOUND")
	try("patient1", p, start, http.StatusBadRequest, "PROVIDER_NOT_LICENSED")
	off, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	try("patient0", p, off.Add(time.Minute).Format(time.RFC3339), http.StatusBadRequest, "SLOT_UNKNOWN")
	try("patient0", p, w.clock.now().Add(-24*time.Hour).UTC().Truncate(time.Hour).Format(time.RFC3339), http.StatusBadRequest, "SLOT_PAST")
	w.book("patient0", p, start)
	w.post("admin", "providers/"+pending+":approve", nil)
	var weekly []obj
	for day := range 7 {
		weekly = append(weekly, obj{"weekday": day, "endMinute": 1440})
	}
	w.post("colleague", "providers/me/availability", obj{"weekly": weekly})
	try("patient0", pending, start, http.StatusConflict, "PATIENT_BUSY")
	w.post("provider", "providers/me/licenses", obj{"license": obj{"state": "WY", "licenseNumber": "2", "expireDate": date(time.Now().AddDate(1, 0, 0))}})
	try("patient1", p, w.clock.now().Add(30*time.Hour).UTC().Truncate(time.Hour).Format(time.RFC3339), http.StatusNotFound, "PROVIDER_NOT_FOUND")
	w.post("admin", "providers/"+p+":approve", nil)
	w.book("patient1", p, w.slot("patient1", p, 30*time.Hour))
}

func TestCancellingGivesTheSlotBack(t *testing.T) {
	w := newWorld(t, 2)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	start := w.slot("patient0", p, 24*time.Hour)
	id := w.book("patient0", p, start)
	w.refused("patient1", "appointments/"+id+":cancel", obj{"reason": "CANCEL_REASON_OTHER"}, http.StatusNotFound, "APPOINTMENT_NOT_FOUND")
	w.refused("patient0", "appointments/"+id+":cancel", nil, http.StatusBadRequest, "INVALID")
	w.post("patient0", "appointments/"+id+":cancel", obj{"reason": "CANCEL_REASON_PATIENT"})
	w.refused("provider", "appointments/"+id+":cancel", obj{"reason": "CANCEL_REASON_PROVIDER"}, http.StatusBadRequest, "APPOINTMENT_STATE")
	if again := w.slotFrom("patient1", p, timeOf(t, start)); again != start {
		t.Errorf("the slot %s is not free again; the first is %s", start, again)
	}
	w.book("patient1", p, start)
}

// TestAppointmentsOfASpan: a provider's day is found however long ago it was booked, and however much was booked since.
func TestAppointmentsOfASpan(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	day := w.clock.now().Add(20 * 24 * time.Hour).UTC().Truncate(time.Hour)
	var want []string
	for i := range 9 {
		away := time.Duration(i%3*480) * time.Hour
		id := w.book("patient0", p, w.slot("patient0", p, 24*time.Hour+away))
		if i%3 == 1 {
			want = append([]string{id}, want...)
		}
	}
	span := "startTime=" + day.Format(time.RFC3339) + "&endTime=" + day.Add(48*time.Hour).Format(time.RFC3339)
	var got []string
	token := ""
	for {
		a := w.get("provider", "appointments?pageSize=2&"+span+"&pageToken="+token)
		for _, row := range a.list("appointments") {
			got = append(got, row.(obj)["appointmentId"].(string))
		}
		if token = a.str("nextPageToken"); token == "" {
			break
		}
		if a := w.send(w.token("provider"), http.MethodGet, "appointments?pageToken="+token, nil); a.status != http.StatusBadRequest {
			t.Errorf("the token of a span leads on without one: %d", a.status)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if a := w.send(w.token("provider"), http.MethodGet, "appointments?startTime=2026-01-02T00:00:00Z&endTime=2026-01-02T00:00:00Z", nil); a.status != http.StatusBadRequest {
		t.Errorf("a span of no time: %d", a.status)
	}
}
