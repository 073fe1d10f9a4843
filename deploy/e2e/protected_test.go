//go:build e2e

package e2e

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// identifying are the NEMSIS elements whose values name a person or are told in confidence: what must never be in a log, a
// trace or a metric. Codes and figures of a report are not listed, since they are equal for many people.
var identifying = []string{
	"eRecord.01", "eResponse.03", "eResponse.04",
	"ePatient.01", "ePatient.02", "ePatient.03", "ePatient.04", "ePatient.05", "ePatient.12", "ePatient.17", "ePatient.18", "ePatient.19",
	"ePatient.20",
	"ePayment.12", "ePayment.17", "ePayment.18", "ePayment.19", "ePayment.20", "ePayment.21", "ePayment.23", "ePayment.24", "ePayment.25",
	"ePayment.26", "ePayment.31", "ePayment.33", "ePayment.34", "ePayment.38",
	"eScene.11", "eScene.15", "eScene.16", "eScene.20", "eSituation.04", "eDisposition.03", "eDisposition.08", "eNarrative.01",
	"eOther.20", "eOther.21", "eOutcome.03", "eOutcome.04",
}

const (
	// leastLength is where a value begins to tell something: shorter ones are in any text.
	leastLength = 4
	// mostLength is how much of a long text is looked for, so that a piece of it is found too.
	mostLength = 40
)

// protectedValues are the values of identifying elements in a document, as far as it can be read.
func protectedValues(doc []byte) []string {
	var out []string
	var path []string
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.Strict = false
	for {
		token, err := d.Token()
		if err != nil {
			return out
		}
		switch tok := token.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
		case xml.EndElement:
			path = path[:max(0, len(path)-1)]
		case xml.CharData:
			v := strings.TrimSpace(string(tok))
			if len(path) > 0 && len(v) >= leastLength && slices.Contains(identifying, path[len(path)-1]) {
				out = append(out, beginning(v))
			}
		}
	}
}

// beginning is the first whole words of a long text.
func beginning(v string) string {
	if len(v) <= mostLength {
		return v
	}
	if at := strings.LastIndexByte(v[:mostLength], ' '); at >= leastLength {
		return v[:at]
	}
	return v[:mostLength]
}

// leak is the first of the values that stands in the text by itself, or "".
func leak(text string, values []string) string {
	for _, v := range values {
		for rest := text; ; {
			i := strings.Index(rest, v)
			if i < 0 {
				break
			}
			if !wordEnd(rest, i-1) || !wordEnd(rest, i+len(v)) {
				rest = rest[i+1:]
				continue
			}
			return v
		}
	}
	return ""
}

func wordEnd(text string, at int) bool {
	if at < 0 || at >= len(text) {
		return true
	}
	c := text[at]
	return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
}

// posted are the values of all documents that this run has sent.
type posted struct {
	mu     sync.Mutex
	values map[string]bool
}

var sent posted

func (p *posted) add(doc []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.values == nil {
		p.values = map[string]bool{}
	}
	for _, v := range protectedValues(doc) {
		p.values[v] = true
	}
}

func (p *posted) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]string, 0, len(p.values))
	for v := range p.values {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// marked gives the patient of a document values that are found nowhere else, and those that demo charts leave out.
func marked(t testing.TB, doc []byte, n int) []byte {
	t.Helper()
	for element, value := range map[string]string{
		"ePatient.02": fmt.Sprintf("Quillfeather%d", n), "ePatient.03": fmt.Sprintf("Ysolde%d", n), "ePatient.05": fmt.Sprintf("%d Marked Hollow Lane", 4700+n),
		"eScene.15": fmt.Sprintf("%d Marked Orchard Row", 5300+n), "eNarrative.01": fmt.Sprintf("Marked narrative %d: found by her sister at home.", n),
	} {
		doc = replaceValue(t, doc, element, value)
	}
	birth := regexp.MustCompile(`<ePatient\.17[^>]*>[^<]*</ePatient\.17>`)
	if !birth.Match(doc) {
		t.Fatal("the document has no date of birth")
	}
	doc = birth.ReplaceAll(doc, fmt.Appendf(nil, "$0<ePatient.18>917-555-%04d</ePatient.18><ePatient.19>quillfeather%d@example.org</ePatient.19>", 4100+n, n))
	country := regexp.MustCompile(`<ePatient\.10[^>]*>[^<]*</ePatient\.10>`)
	return country.ReplaceAll(doc, fmt.Appendf(nil, "$0<ePatient.12>90012%04d</ePatient.12>", 7100+n))
}

func replaceValue(t testing.TB, doc []byte, element, value string) []byte {
	t.Helper()
	re := regexp.MustCompile(`(<` + regexp.QuoteMeta(element) + `(?: [^>]*)?>)[^<]*(</)`)
	if !re.Match(doc) {
		t.Fatalf("the document has no %s", element)
	}
	return re.ReplaceAll(doc, []byte("${1}"+value+"${2}"))
}

func TestLeaksAreFound(t *testing.T) {
	doc := marked(t, demoDocument(t, 0), 1)
	values := protectedValues(doc)
	for _, want := range []string{"Quillfeather1", "Ysolde1", "4701 Marked Hollow Lane", "917-555-4101", "900127101", "Marked narrative 1: found by her sister"} {
		if !slices.Contains(values, want) {
			t.Errorf("%q is not among the protected values", want)
		}
		if leak(`{"msg":"no `+want+` at all"}`, values) == "" {
			t.Errorf("%q in a text is not found", want)
		}
	}
	if v := leak(`{"msg":"17Ysolde12"}`, []string{"Ysolde1"}); v != "" {
		t.Errorf("found %q inside of another word", v)
	}
}
