package app_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

type rpc struct {
	name         string
	method, path string
	rule         *carefusionv1.Rule
}

// rpcs are all methods of the package, by descriptor, so that a new one cannot be forgotten here.
func rpcs(t *testing.T) []rpc {
	t.Helper()
	var out []rpc
	protoregistry.GlobalFiles.RangeFilesByPackage("carefusion.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				m := f.Services().Get(i).Methods().Get(j)
				http, ok := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
				rule, rok := proto.GetExtension(m.Options(), carefusionv1.E_Rule).(*carefusionv1.Rule)
				if !ok || !rok || http == nil || rule == nil {
					t.Errorf("%s has no path or no rule", m.FullName())
					continue
				}
				r := rpc{name: string(m.Name()), method: "GET", path: http.GetGet(), rule: rule}
				if p := http.GetPost(); p != "" {
					r.method, r.path = "POST", p
				}
				r.path = strings.TrimPrefix(r.path, "/api/telehealth/v1/")
				out = append(out, r)
			}
		}
		return true
	})
	if len(out) < 40 {
		t.Fatalf("only %d RPCs", len(out))
	}
	return out
}

// scene is a patient with everything that a patient can have, whose ids others then use.
type scene struct {
	*world
	ids   map[string]string
	texts map[string]string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	w := newWorld(t, 2)
	s := &scene{world: w, texts: w.texts(), ids: map[string]string{}}
	p := w.provide("provider", "CO")
	w.provide("colleague", "CO")
	w.enroll("patient0", "CO")
	w.enroll("patient1", "CO")
	start := w.slot("patient0", p, 2*time.Hour)
	id := w.book("patient0", p, start)
	path := w.visit("patient0", "provider", start, id, s.texts)
	w.post("patient0", path+"/session:join", nil)
	w.post("patient0", path+"/messages", obj{"body": "marker-of-patient0 in a message"})
	n := w.post("provider", path+"/notes", obj{"body": "marker-of-patient0 in a note"}).str("noteId")
	w.post("provider", "notes/"+n+":sign", obj{"version": 1})
	w.post("provider", path+"/session:end", nil)
	j := w.post("billing", "encounters/"+id+"/charges", obj{"code": "99213", "amountMinor": 100, "requestId": uuid.NewString()}).str("journalId")
	s.ids = map[string]string{"appointment_id": id, "provider_id": p, "patient_id": w.users["patient0"].subject.String(), "note_id": n, "journal_id": j}
	return s
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

func (s *scene) fill(t *testing.T, r rpc) (string, obj) {
	t.Helper()
	path := placeholder.ReplaceAllStringFunc(r.path, func(p string) string {
		id, ok := s.ids[strings.Trim(p, "{}")]
		if !ok {
			t.Fatalf("%s: no id for %s", r.name, p)
		}
		return id
	})
	if r.name == "ListSlots" {
		now := s.clock.now().UTC()
		path += "?startTime=" + now.Format(time.RFC3339) + "&endTime=" + now.Add(time.Hour).Format(time.RFC3339)
	}
	if r.method == http.MethodGet {
		return path, nil
	}
	body, ok := s.bodies()[r.name]
	if !ok {
		t.Errorf("%s: no sample; every RPC that changes something needs one", r.name)
	}
	return path, body
}

// bodies are requests that are valid in form, so that what refuses them is permission and not a field.
func (s *scene) bodies() map[string]obj {
	none, rid := obj{}, uuid.NewString()
	license := obj{"state": "CO", "licenseNumber": "1", "expireDate": date(time.Now().AddDate(1, 0, 0))}
	return map[string]obj{
		"RegisterProvider": {"displayName": "Dr. X", "specialty": "GP", "timeZone": "America/Denver", "slotMinutes": 30, "licenses": []obj{license}},
		"ApproveProvider":  none, "SuspendProvider": none, "RejectProvider": {"reason": "The licence is not on the board's list."}, "PutLicense": {"license": license},
		"RegisterPatient": {"givenName": "A", "familyName": "B", "birthDate": obj{"year": 1990, "month": 1, "day": 1}, "state": "CO"},
		"UpdatePatient":   {"state": "CO"}, "SetAvailability": none, "SetOverride": {"override": obj{"date": date(time.Now())}},
		"BookAppointment":       {"providerId": s.ids["provider_id"], "startTime": "2020-01-01T00:00:00Z", "requestId": rid},
		"RescheduleAppointment": {"startTime": "2020-01-01T00:00:00Z", "requestId": rid},
		"CancelAppointment":     {"reason": "CANCEL_REASON_OTHER"}, "MarkNoShow": none,
		"CheckIn": none, "EnterWaitingRoom": none, "AdmitPatient": none, "StartCall": none, "JoinSession": none, "StartRecording": none, "StopRecording": none, "EndSession": none,
		"PublishConsentText": {"purpose": "PURPOSE_CARE", "body": "x"}, "RecordConsent": consenting("PURPOSE_CARE", s.texts["PURPOSE_CARE"]),
		"WithdrawConsent": {"purpose": "PURPOSE_CARE"}, "SendMessage": {"body": "from somebody else"},
		"CreateNote": {"body": "x"}, "UpdateNote": {"body": "x", "version": 1}, "SignNote": {"version": 1}, "AmendNote": {"body": "x", "version": 2},
		"PostCharge": {"code": "99213", "amountMinor": 1, "requestId": rid}, "RecordPayment": {"amountMinor": 1, "requestId": rid}, "ReverseJournal": {"requestId": rid},
	}
}

// TestNobodyReachesAnotherPatient calls every RPC with the ids of patient 0 as everybody who has no business with that patient.
// Who lacks the role is refused for that; who has it is told that there is no such thing, or is answered without a trace of the patient.
func TestNobodyReachesAnotherPatient(t *testing.T) {
	s := newScene(t)
	visits := s.behind(`SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT a::text FROM carefusion.appointment a UNION ALL SELECT b::text FROM carefusion.session b
		UNION ALL SELECT c::text FROM carefusion.consent c UNION ALL SELECT d::text FROM carefusion.message d UNION ALL SELECT e::text FROM carefusion.note e
		UNION ALL SELECT f::text FROM carefusion.patient f WHERE patient_id = $1) u(x)`, s.ids["patient_id"])
	for _, r := range rpcs(t) {
		for who, u := range s.users {
			if who == "patient0" || who == "provider" {
				continue
			}
			path, body := s.fill(t, r)
			var sent any
			if body != nil {
				sent = body
			}
			a := s.send(s.token(who), r.method, path, sent)
			if !s.permitted(r, u) {
				if a.status != http.StatusForbidden || a.str("reason") != "PERMISSION_DENIED" {
					t.Errorf("%s as %s: %d %s, want 403", r.name, who, a.status, a.text)
				}
				continue
			}
			if u.role == "billing" || u.role == "admin" {
				// Their work names patients by id and knows nothing else of them.
				s.silent(t, r, who, a, "marker-of-patient0", "Given-patient0", "reason of patient0")
				continue
			}
			s.silent(t, r, who, a, "marker-of-patient0", "Given-patient0", "reason of patient0", s.ids["patient_id"], s.ids["note_id"], s.ids["journal_id"], s.ids["appointment_id"])
			if strings.Contains(r.path, "{appointment_id}") || strings.Contains(r.path, "{note_id}") || strings.Contains(r.path, "{patient_id}") {
				if a.status != http.StatusNotFound {
					t.Errorf("%s as %s: %d %s, want 404", r.name, who, a.status, a.text)
				}
			}
		}
	}
	after := s.behind(`SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT a::text FROM carefusion.appointment a UNION ALL SELECT b::text FROM carefusion.session b
		UNION ALL SELECT c::text FROM carefusion.consent c UNION ALL SELECT d::text FROM carefusion.message d UNION ALL SELECT e::text FROM carefusion.note e
		UNION ALL SELECT f::text FROM carefusion.patient f WHERE patient_id = $1) u(x)`, s.ids["patient_id"])
	if visits != after {
		t.Error("a row of the patient changed")
	}
}

func (s *scene) permitted(r rpc, u *user) bool {
	return slices.ContainsFunc(r.rule.GetRoles(), func(role carefusionv1.Role) bool { return identity.Names()[role] == u.role })
}

func (s *scene) silent(t *testing.T, r rpc, who string, a answer, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(a.text, secret) {
			t.Errorf("%s as %s tells %q: %s", r.name, who, secret, a.text)
		}
	}
}

// TestThePatientReachesTheSameThings keeps the test above honest: with the same ids, the patient is answered.
func TestThePatientReachesTheSameThings(t *testing.T) {
	s := newScene(t)
	read := 0
	for _, r := range rpcs(t) {
		if r.method != http.MethodGet || !s.permitted(r, s.users["patient0"]) {
			continue
		}
		path, _ := s.fill(t, r)
		if a := s.send(s.token("patient0"), r.method, path, nil); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", r.name, a.status, a.text)
		}
		read++
	}
	if read < 12 {
		t.Errorf("the patient reads by %d RPCs only", read)
	}
	for _, want := range []string{"marker-of-patient0 in a message", "marker-of-patient0 in a note"} {
		found := s.get("patient0", "appointments/"+s.ids["appointment_id"]+"/messages").text + s.get("patient0", "notes/"+s.ids["note_id"]).text
		if !strings.Contains(found, want) {
			t.Errorf("the patient does not read %q", want)
		}
	}
}

// TestRefusalsAndReadsAreRecorded looks at what the administrator sees of the above.
func TestRefusalsAndReadsAreRecorded(t *testing.T) {
	s := newScene(t)
	s.send(s.token("patient1"), http.MethodGet, "appointments/"+s.ids["appointment_id"], nil)
	s.send(s.token("patient1"), http.MethodPost, "appointments/"+s.ids["appointment_id"]+"/session:admit", obj{})
	s.get("provider", "appointments/"+s.ids["appointment_id"])
	log := s.get("admin", "auditRecords?pageSize=3").list("records")
	want := []string{"GetAppointment OK", "AdmitPatient PermissionDenied", "GetAppointment NotFound"}
	for i, text := range want {
		r := log[i].(obj)
		if got := fmt.Sprint(r["method"], " ", r["outcome"]); !strings.HasSuffix(got, text) {
			t.Errorf("record %d is %q, want %q", i, got, text)
		}
	}
	if r := log[0].(obj); r["target"] != "appointments/"+s.ids["appointment_id"] || r["subject"] != s.users["provider"].subject.String() {
		t.Errorf("the read of the provider: %v", r)
	}
}
