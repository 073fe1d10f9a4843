package nemsis_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// official is where the published NEMSIS files lie beside the repository.
const official = "../../../../../shared/data/nemsis"

// officialFiles lists published files, and skips the test where there are none.
func officialFiles(t testing.TB, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(official, p))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skipf("no published NEMSIS files at %s", official)
	}
	return files
}

func newReader(t testing.TB) *nemsis.Reader {
	t.Helper()
	r, err := nemsis.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPublishedChartsAreAccepted(t *testing.T) {
	r := newReader(t)
	for _, f := range officialFiles(t, "ems/full/*.xml", "ems/national/*.xml", "ems/sample/*.xml",
		"ems/fail/*Schematron*.xml", "schematron/cases/EMS*.xml") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := r.Read(data)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		var reports int
		for _, h := range doc.Headers {
			reports += len(h.Reports)
			if h.Agency.Number == "" {
				t.Errorf("%s: a header without an agency number", filepath.Base(f))
			}
		}
		if broken := strings.Contains(f, "FailSchematron"); broken && len(doc.Findings) == 0 {
			t.Errorf("%s: no finding, though it breaks a national rule", filepath.Base(f))
		}
		if want := bytes.Count(data, []byte("<PatientCareReport ")); reports != want || reports == 0 {
			t.Errorf("%s: %d reports, want %d", filepath.Base(f), reports, want)
		}
	}
}

func TestPublishedFailuresAreRefused(t *testing.T) {
	r := newReader(t)
	for _, f := range officialFiles(t, "ems/fail/*Xsd*.xml") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Read(data)
		var invalid *nemsis.Invalid
		if !errors.As(err, &invalid) {
			t.Fatalf("%s: accepted, want it refused", filepath.Base(f))
		}
		v := invalid.Violations[0]
		line := strings.Split(string(data), "\n")[v.Line-1]
		if v.Element == "" || v.Rule != nemsis.RuleEnumeration || !strings.Contains(line, "<"+v.Element) {
			t.Errorf("%s: %+v does not name the element and its line", filepath.Base(f), v)
		}
	}
}

// errorRules are the national rules of level ERROR, by the name of their test
// cases.
var errorRule = regexp.MustCompile(`(?s)ID: +(nemSch_e\d+|nemSch_eNilNvPn\w*?|EMSDataSet--Base)(_\w)?\n.*?Expected Result: +\[(\w+)\]`)

// TestNationalRulesOfLevelError holds the findings against the verdicts that
// NEMSIS publishes with its test cases.
func TestNationalRulesOfLevelError(t *testing.T) {
	files := officialFiles(t, "schematron/cases/EMS*.xml")
	verdicts := map[string]string{}
	list := readFile(t, filepath.Join(official, "schematron/EMS-Tests.txt"))
	for _, block := range strings.Split(list, "File: ")[1:] {
		if m := errorRule.FindStringSubmatch(block); m != nil {
			verdicts[strings.Fields(block)[0]] = m[3]
		}
	}
	r := newReader(t)
	errorsSeen := 0
	for _, f := range files {
		doc, err := r.Read([]byte(readFile(t, f)))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		national := map[string]bool{}
		for _, v := range doc.Findings {
			if strings.HasPrefix(v.Rule, "nemSch_") {
				national[v.Rule] = true
			}
		}
		want := verdicts[filepath.Base(f)]
		if (len(national) > 0) != (want == "ERROR") {
			t.Errorf("%s: findings %v, published verdict %q", filepath.Base(f), national, want)
		}
		if want == "ERROR" {
			errorsSeen++
			if id := strings.Split(filepath.Base(f), "_"); !national["nemSch_"+id[1]] {
				t.Errorf("%s: findings %v do not name the rule it is the case of", filepath.Base(f), national)
			}
		}
	}
	t.Logf("%d cases, %d of them errors", len(files), errorsSeen)
}
