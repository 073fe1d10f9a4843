package nemsis_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// mutations is how many altered charts are compared; more with
// NEMSIS_MUTATIONS=n.
const mutations = 400

// TestSameVerdictAsXmllint alters published charts at random and compares our
// verdict with that of an independent validator on the official schema. One
// difference is known: libxml2 passes over characters that are not base64.
func TestSameVerdictAsXmllint(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	files := officialFiles(t, "ems/full/*.xml", "ems/national/*.xml", "ems/sample/*.xml", "ems/fail/*.xml", "schematron/cases/EMS*.xml")
	count := mutations
	if n := os.Getenv("NEMSIS_MUTATIONS"); n != "" {
		if _, err := fmt.Sscan(n, &count); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(351, uint64(count)))
	texts := map[string]string{}
	what := map[string]string{}
	for i, f := range files {
		texts[fmt.Sprintf("file-%03d.xml", i)] = readFile(t, f)
	}
	for i := range count {
		name := fmt.Sprintf("mutation-%05d.xml", i)
		texts[name], what[name] = mutate(t, random, readFile(t, files[random.IntN(len(files))]))
	}
	valid := xmllintVerdicts(t, xmllint, dir, texts)
	r := newReader(t)
	agree, refused, lax := 0, 0, 0
	for name, text := range texts {
		_, err := r.Read([]byte(text))
		if (err == nil) == valid[name] {
			agree++
			if err != nil {
				refused++
			}
			continue
		}
		if valid[name] && err != nil && strings.HasSuffix(err.Error(), "must be base64") {
			lax++
			continue
		}
		t.Errorf("%s (%s): xmllint says valid=%v, we say %v", name, what[name], valid[name], err)
	}
	t.Logf("%d of %d verdicts agree, %d of them refusals; %d times libxml2 let characters pass that are not base64",
		agree, len(texts), refused, lax)
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var verdict = regexp.MustCompile(`(?m)([\w-]+\.xml) (validates|fails to validate)$`)

// xmllintVerdicts validates all texts in one process.
func xmllintVerdicts(t *testing.T, xmllint, dir string, texts map[string]string) map[string]bool {
	t.Helper()
	args := []string{"--noout", "--schema", filepath.Join(official, "xsd-v351/EMSDataSet_v3.xsd")}
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, _ := exec.Command(xmllint, args...).CombinedOutput() // fails when one file does
	valid := map[string]bool{}
	for _, m := range verdict.FindAllStringSubmatch(string(out), -1) {
		valid[m[1]] = m[2] == "validates"
	}
	return valid
}

// span is one element in a text.
type span struct {
	name                 string
	from, open, shut, to int // start tag, end of it, end tag, end of it
	next                 int // the following sibling, -1 if none
}

func spans(t *testing.T, text string) []span {
	t.Helper()
	s, err := xmlscan.New(text)
	if err != nil {
		t.Fatal(err)
	}
	var list []span
	var stack, last []int
	last = append(last, -1)
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case xmlscan.Start:
			i := len(list)
			open := s.Offset + strings.IndexByte(text[s.Offset:], '>') + 1
			list = append(list, span{name: s.Name.Local, from: s.Offset, open: open, next: -1})
			if before := last[len(last)-1]; before >= 0 {
				list[before].next = i
			}
			last[len(last)-1] = i
			stack, last = append(stack, i), append(last, -1)
		case xmlscan.End:
			i := stack[len(stack)-1]
			stack, last = stack[:len(stack)-1], last[:len(last)-1]
			e := &list[i]
			e.shut, e.to = s.Offset, s.Offset+strings.IndexByte(text[s.Offset:], '>')+1
			if text[e.open-2] == '/' {
				e.shut, e.to = e.open, e.open
			}
		case xmlscan.EOF:
			return list
		}
	}
}

var badTexts = []string{"", " ", "9999999", "9923003", "7701003", "abc", "-1", "0", "1", "+5", "1e5", "12.345", "007", "99999999999999999999",
	"2020-13-01T00:00:00-05:00", "2020-01-01T24:00:00-05:00", "2020-01-01T00:00:00Z", "2020-02-30", "2055-01-01", "1889-01-01", "9123456",
	"5.10", "3.0", "5.", ".5", "+.5", ".", "-", "+", "00.50", "-0", "1 2", "INF", "0x10", "1900-01-01", "2000-01-01Z", "2000-01-01-05:00",
	"2000-01-01+14:00", "2000-01-01+15:00", "0000-01-01", "-2000-01-01", "12000-01-01", "2000-1-1", "2020-01-01T10:00:00.123-05:00", "2020-01-01T10:00:00.-05:00",
	"2020-01-01T10:00:60-05:00", "2020-01-01T10:00-05:00", "2020-02-29T10:00:00+00:00", "2021-02-29T10:00:00+00:00", "2020-01-01T10:00:00", "1949-12-31T23:00:00-05:00",
	"2049-12-31T23:00:00-05:00", "a@b", "555-555-1234", "+1 555 123 4567", "53703-1234", "12345-12345", "K1A 0B1", "High", "P", "1000.01", "Y92.009", "I21.9", "\u0661\u0662", "aGVsbG8=", "aGVs bG8=", "x&#10;y", "<![CDATA[9923003]]>", "99<!-- -->23003", " 9923003 ", " 5 ", "\n2020-01-01T00:00:00-05:00\n"}

var attributes = []string{`xsi:nil="true"`, `xsi:nil="false"`, `xsi:nil="1"`, `xsi:nil="yes"`, `NV="7701001"`, `NV="7701003"`, `NV="7701005"`, `NV="1"`,
	`PN="8801019"`, `PN="8801023"`, `PN="8801005"`, `PN="8801003"`, `PN="8801015"`, `PN=""`, `CorrelationID="a"`, `CorrelationID="ab"`, `CodeType="9924003"`, `CodeType="1"`,
	`xml:lang="en"`, `foo="bar"`, `xsi:schemaLocation="a b"`, `UUID="x"`, `ETCO2Type="3340001"`, `NV=" 7701003"`}

// mutate alters one place of a chart and says what it did.
func mutate(t *testing.T, r *rand.Rand, text string) (string, string) {
	list := spans(t, text)
	e := list[r.IntN(len(list))]
	for e.name == "EMSDataSet" {
		e = list[r.IntN(len(list))]
	}
	whole := text[e.from:e.to]
	switch r.IntN(9) {
	case 0:
		return text[:e.from] + text[e.to:], "delete " + e.name
	case 1:
		return text[:e.to] + whole + text[e.to:], "duplicate " + e.name
	case 2:
		if e.next < 0 {
			return text, "nothing"
		}
		n := list[e.next]
		return text[:e.from] + text[n.from:n.to] + text[e.to:n.from] + whole + text[n.to:], "swap " + e.name + " and " + n.name
	case 3, 4, 5:
		for len(structure.Of(must(t, e.name)).Children) > 0 {
			e = list[r.IntN(len(list))]
		}
		bad := badTexts[r.IntN(len(badTexts))]
		tag := strings.TrimSuffix(strings.TrimSuffix(text[e.from:e.open], ">"), "/")
		return text[:e.from] + tag + ">" + bad + "</" + e.name + ">" + text[e.to:], fmt.Sprintf("%s = %q", e.name, bad)
	case 6, 7:
		a := attributes[r.IntN(len(attributes))]
		if strings.Contains(text[e.from:e.open], strings.SplitN(a, "=", 2)[0]+"=") {
			return text, "nothing"
		}
		at := e.from + 1 + len(e.name)
		return text[:at] + " " + a + text[at:], e.name + " with " + a
	default:
		other := list[r.IntN(len(list))]
		if other.from >= e.from && other.from < e.to {
			return text, "nothing"
		}
		return text[:other.from] + whole + text[other.from:], e.name + " before " + other.name
	}
}

func must(t *testing.T, name string) structure.ID {
	t.Helper()
	id, ok := structure.Lookup(name)
	if !ok {
		t.Fatalf("%s is not in the table", name)
	}
	return id
}
