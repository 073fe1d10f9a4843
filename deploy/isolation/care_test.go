//go:build isolation

package isolation

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// care is CareFusion as somebody with a token sees it. Nothing of its code is used: this side may not link it.
type care struct {
	t      reporter
	base   string
	tokens map[string]string
	client *http.Client
}

type object = map[string]any

func openCare(t reporter, dir string) *care {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Ready bool
		URL   string
	}
	if err := json.Unmarshal(raw, &state); err != nil || !state.Ready {
		t.Fatalf("CareFusion is not ready: %v %s", err, raw)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "pki", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	c := &care{t: t, base: state.URL + "/api/telehealth/v1/", tokens: map[string]string{}, client: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
	}}
	for _, name := range []string{"patient-a", "provider-co", "admin"} {
		c.tokens[name] = c.signIn(dir, name)
	}
	return c
}

// signIn asks the launcher for a token. A code is good once, so who was just signed in may have to wait for the next.
func (c *care) signIn(dir, name string) string {
	c.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Second) {
		out, err := place{}.command(c.t.Context(), careProgram(c.t, "carefusion-local"), "-dir", dir, "token", name).CombinedOutput()
		if err == nil {
			return strings.TrimSpace(string(out))
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s cannot sign in: %v %s", name, err, out)
		}
	}
}

func (c *care) call(who, method, path string, body object) object {
	c.t.Helper()
	code, out := c.try(who, method, path, body)
	if code != http.StatusOK {
		c.t.Fatalf("%s %s as %s: %d %v", method, path, who, code, out)
	}
	return out
}

func (c *care) try(who, method, path string, body object) (int, object) {
	c.t.Helper()
	var r io.Reader
	if method == http.MethodPost {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.base+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.tokens[who])
	res, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	out := object{}
	if err := json.Unmarshal(raw, &out); err != nil {
		c.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	return res.StatusCode, out
}

// subject is whose token it is.
func (c *care) subject(who string) string {
	c.t.Helper()
	parts := strings.Split(c.tokens[who], ".")
	if len(parts) != 3 {
		c.t.Fatal("not a token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct{ Sub string }
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil || claims.Sub == "" {
		c.t.Fatalf("%v %s", err, raw)
	}
	return claims.Sub
}

// free lists the starts of the provider's free slots between two moments.
func (c *care) free(from, to time.Time) []string {
	c.t.Helper()
	q := url.Values{"startTime": {from.UTC().Format(time.RFC3339)}, "endTime": {to.UTC().Format(time.RFC3339)}}
	slots, _ := c.call("patient-a", http.MethodGet, "providers/"+c.subject("provider-co")+"/slots?"+q.Encode(), nil)["slots"].([]any)
	var out []string
	for _, s := range slots {
		slot, _ := s.(object)
		out = append(out, fmt.Sprint(slot["startTime"]))
	}
	return out
}

func (c *care) book(start string) string {
	c.t.Helper()
	id, _ := c.call("patient-a", http.MethodPost, "appointments", object{
		"providerId": c.subject("provider-co"), "startTime": start, "reasonForVisit": "A sprained ankle", "requestId": newID(),
	})["appointmentId"].(string)
	if id == "" {
		c.t.Fatal("no appointment")
	}
	return id
}

// books takes a slot that is then no longer free, and gives it back.
func (c *care) books() {
	c.t.Helper()
	day := time.Now().Add(72 * time.Hour)
	starts := c.free(day, day.Add(6*time.Hour))
	if len(starts) == 0 {
		c.t.Fatal("no free slot")
	}
	id := c.book(starts[0])
	for _, s := range c.free(day, day.Add(6*time.Hour)) {
		if s == starts[0] {
			c.t.Error("a booked slot is free")
		}
	}
	c.call("patient-a", http.MethodPost, "appointments/"+id+":cancel", object{"reason": "CANCEL_REASON_PATIENT"})
	if audit := c.call("admin", http.MethodGet, "auditLog:verify", nil); audit["intact"] != true {
		c.t.Errorf("audit log: %v", audit)
	}
}

// visits takes a patient from the booking to a signed note.
func (c *care) visits() {
	c.t.Helper()
	// Patients may check in half an hour before, and a slot has a quarter: there are two in reach at any time, for two visits.
	soon := c.free(time.Now(), time.Now().Add(45*time.Minute))
	if len(soon) == 0 {
		c.t.Fatal("no free slot")
	}
	if start, err := time.Parse(time.RFC3339, soon[0]); err != nil || time.Until(start) > 30*time.Minute-5*time.Second {
		c.t.Fatalf("the next free slot is too far away to check in: %s %v", soon[0], err)
	}
	path := "appointments/" + c.book(soon[0])
	post := func(who, what string, body object) object { return c.call(who, http.MethodPost, path+what, body) }
	post("patient-a", "/session:checkIn", object{})
	texts, _ := c.call("patient-a", http.MethodGet, "consentTexts", nil)["texts"].([]any)
	given := 0
	for _, raw := range texts {
		text, _ := raw.(object)
		if text["purpose"] == "PURPOSE_CARE" || text["purpose"] == "PURPOSE_MESSAGING" {
			post("patient-a", "/consents", object{"purpose": text["purpose"], "decision": "DECISION_GIVEN", "textSha256": text["sha256"], "signer": "SIGNER_PATIENT"})
			given++
		}
	}
	if given != 2 {
		c.t.Fatalf("%d consents of 2 were asked: %v", given, texts)
	}
	post("patient-a", "/session:wait", object{})
	post("provider-co", "/session:admit", object{})
	post("patient-a", "/messages", object{"body": "hello"})
	// Whether there is video depends on the installation; that the answer is one or the other does not.
	code, out := c.try("provider-co", http.MethodPost, path+"/session:start", object{})
	if code != http.StatusOK && (code != http.StatusServiceUnavailable || out["reason"] != "VIDEO_UNAVAILABLE") {
		c.t.Fatalf("start: %d %v", code, out)
	}
	note := post("provider-co", "/notes", object{"body": "It is sprained."})
	c.call("provider-co", http.MethodPost, fmt.Sprintf("notes/%v:sign", note["noteId"]), object{"version": 1})
	if seen, _ := c.call("patient-a", http.MethodGet, path+"/notes", nil)["notes"].([]any); len(seen) != 1 {
		c.t.Errorf("the patient sees %d notes", len(seen))
	}
	post("provider-co", "/session:end", object{})
}
