package leaf

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gowebpki/jcs"
)

func record(text string) Record {
	return Record{
		EventID: uuid.MustParse("0190b7c4-0000-7000-8000-000000000001"), AgencyID: 7, Stream: AI, Outcome: Denied,
		OccurredTime: time.Date(2026, 3, 1, 12, 0, 0, 120_000_000, time.UTC), LogTime: time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC),
		Service: "qa", Action: "fleet.qa.v1.CaseService/GetCase", Resource: text, Reason: "SCOPE_MISSING", Actor: text,
		ActorKind: "ai", Role: "qa_reviewer", ExecutedBy: text, PolicyVersionID: "p", RequestID: text,
		Detail: EncodeDetail(Detail{AccessReason: text, Changes: []Change{{"a", text, ""}, {"b", "", text}}}), Salt: []byte("salt"),
	}
}

var samples = []string{
	"", "plain", `quote " and \ backslash`, "\b\t\n\f\r\x01\x1f\x7f", "<script>&'", "line\u2028para\u2029", "é 漢 😀", "a/b",
}

// The library is the reference: what it makes of our bytes must be our bytes.
func TestEncodingIsCanonical(t *testing.T) {
	for _, s := range samples {
		r := record(s)
		for name, b := range map[string][]byte{"leaf": Encode(r), "detail": r.Detail} {
			want, err := jcs.Transform(b)
			if err != nil {
				t.Fatalf("%s of %q: %v: %s", name, s, err, b)
			}
			if !bytes.Equal(want, b) {
				t.Errorf("%s of %q:\n got %s\nwant %s", name, s, b, want)
			}
		}
	}
}

func FuzzEncodingIsCanonical(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Add("\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		b := Encode(record(s).Clean())
		want, err := jcs.Transform(b)
		if err != nil || !bytes.Equal(want, b) {
			t.Fatalf("%v\n got %q\nwant %q", err, b, want)
		}
	})
}

func TestLeafHoldsNoDetail(t *testing.T) {
	r := record("x")
	r.Detail = EncodeDetail(Detail{AccessReason: "Reviewing-a-complaint", Changes: []Change{{"payer", "****1234", "****9876"}}})
	b := Encode(r)
	for _, secret := range []string{"Reviewing", "1234\"", "9876", "payer"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the leaf holds %q: %s", secret, b)
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil || doc["detailSha256"] != DetailHash(r.Detail, r.Salt) {
		t.Errorf("leaf %v, %v", doc, err)
	}
	if salted := DetailHash(r.Detail, []byte("other")); salted == doc["detailSha256"] {
		t.Error("the hash does not depend on the salt")
	}
}

func TestCleanMakesTextStorable(t *testing.T) {
	r := record("a\x00b\xff\xfec").Clean()
	if r.Resource != "a\uFFFDb\uFFFD\uFFFDc" {
		t.Errorf("got %q", r.Resource)
	}
	if !strings.Contains(string(Encode(record("a\x00b\xff\xfec"))), "a\uFFFDb\uFFFD\uFFFDc") {
		t.Error("the leaf of the raw record differs from that of the cleaned one")
	}
	if EncodeDetail(Detail{}) != nil || DetailHash(nil, nil) != "" {
		t.Error("no detail has a hash")
	}
}

func BenchmarkEncode(b *testing.B) {
	r := record("charts/0190b7c4-0000-7000-8000-000000000001")
	b.ReportAllocs()
	for b.Loop() {
		_ = Encode(r)
	}
}
