package app_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestARegistrationIsRejectedWithAReason(t *testing.T) {
	w := newWorld(t, 1)
	w.enroll("patient0", "CO")
	license := obj{"state": "CO", "licenseNumber": "MD-0", "expireDate": date(time.Now().AddDate(1, 0, 0))}
	id := w.post("provider", "providers", obj{"displayName": "Dr. New", "specialty": "GP", "timeZone": "America/Denver", "slotMinutes": 30, "licenses": []obj{license}}).str("providerId")
	path := "providers/" + id
	why := "The board does not list MD-0. Send the number of the renewal."
	w.refused("admin", path+":suspend", nil, http.StatusBadRequest, "PROVIDER_STATE")
	w.refused("admin", path+":reject", nil, http.StatusBadRequest, "INVALID")
	w.refused("admin", path+":reject", obj{"reason": "  \n"}, http.StatusBadRequest, "INVALID")
	w.refused("admin", path+":reject", obj{"reason": strings.Repeat("x", 501)}, http.StatusBadRequest, "INVALID")
	w.refused("provider", path+":reject", obj{"reason": why}, http.StatusForbidden, "PERMISSION_DENIED")
	w.refused("admin", "providers/"+w.users["patient0"].subject.String()+":reject", obj{"reason": why}, http.StatusNotFound, "PROVIDER_NOT_FOUND")
	w.post("admin", path+":reject", obj{"reason": why})
	for _, who := range []string{"provider", "admin"} {
		if a := w.get(who, path); a.str("state") != "PROVIDER_STATE_REJECTED" || a.str("rejectionReason") != why {
			t.Errorf("%s reads %s", who, a.text)
		}
	}
	if a := w.send(w.token("patient0"), http.MethodGet, path, nil); a.status != http.StatusNotFound {
		t.Errorf("a patient finds who was rejected: %d %s", a.status, a.text)
	}
	// Another licence is another question, and the answer to the first is gone.
	w.post("provider", "providers/me/licenses", obj{"license": license})
	if a := w.get("provider", path); a.str("state") != "PROVIDER_STATE_PENDING" || a.str("rejectionReason") != "" {
		t.Errorf("after another licence: %s", a.text)
	}
	w.post("admin", path+":approve", nil)
	w.refused("admin", path+":reject", obj{"reason": why}, http.StatusBadRequest, "PROVIDER_STATE")
	w.post("admin", path+":suspend", nil)
	w.refused("admin", path+":reject", obj{"reason": why}, http.StatusBadRequest, "PROVIDER_STATE")
	if a := w.get("admin", path); a.str("state") != "PROVIDER_STATE_SUSPENDED" || a.str("rejectionReason") != "" {
		t.Errorf("in the end: %s", a.text)
	}
}

// TestAReasonIsForWhomItConcerns: a patient who had booked before, and colleagues, may read the provider, and not why they were refused.
func TestAReasonIsForWhomItConcerns(t *testing.T) {
	w := newWorld(t, 1)
	p := w.provide("provider", "CO")
	w.provide("colleague", "CO")
	w.enroll("patient0", "CO")
	w.book("patient0", p, w.slot("patient0", p, 24*time.Hour))
	w.post("provider", "providers/me/licenses", obj{"license": obj{"state": "WY", "licenseNumber": "MD-2", "expireDate": date(time.Now().AddDate(1, 0, 0))}})
	w.post("admin", "providers/"+p+":reject", obj{"reason": "a word between two"})
	if a := w.get("patient0", "providers/"+p); a.str("state") != "PROVIDER_STATE_REJECTED" || strings.Contains(a.text, "between two") {
		t.Errorf("the patient reads %s", a.text)
	}
	for role, who := range map[string]string{"patient": "patient0", "provider": "colleague"} {
		if n, err := w.login(role, w.users[who].subject.String(), `SELECT FROM carefusion.provider_rejection`); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", who, n, err)
		}
	}
	if n, err := w.login("admin", w.users["admin"].subject.String(), `UPDATE carefusion.provider SET state = 'REJECTED' WHERE provider_id <> $1`, p); code(err) != "23514" {
		t.Errorf("an approved provider is rejected by SQL: %d rows, %v", n, err)
	}
}

// TestNoLicenceIsApprovedUnseen: what the administrator looked at is what is approved.
func TestNoLicenceIsApprovedUnseen(t *testing.T) {
	w := newWorld(t, 0)
	license := obj{"state": "CO", "licenseNumber": "MD-1", "expireDate": date(time.Now().AddDate(1, 0, 0))}
	id := w.post("provider", "providers", obj{"displayName": "Dr. New", "specialty": "GP", "timeZone": "America/Denver", "slotMinutes": 30, "licenses": []obj{license}}).str("providerId")
	path := "providers/" + id
	for _, change := range []obj{{"state": "WY"}, {"licenseNumber": "MD-2"}, {"expireDate": date(time.Now().AddDate(9, 0, 0))}} {
		seen := w.get("admin", path).str("licensesEtag")
		maps.Copy(license, change)
		w.post("provider", "providers/me/licenses", obj{"license": license})
		w.refused("admin", path+":approve", obj{"licensesEtag": seen}, http.StatusConflict, "ETAG_MISMATCH")
		if state := w.get("admin", path).str("state"); state != "PROVIDER_STATE_PENDING" {
			t.Errorf("after a refused approval: %s", state)
		}
	}
	w.post("admin", path+":approve", obj{"licensesEtag": w.get("admin", path).str("licensesEtag")})
}
