//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

const data = "../../../shared/data/nemsis/ems"

// official lists files of the NEMSIS TAC, which are read where they lie and are not part of the repository.
func official(t *testing.T, pattern string) []string {
	t.Helper()
	if _, err := os.Stat(data); err != nil {
		t.Skipf("official NEMSIS files are not at %s: %v", data, err)
	}
	files, err := filepath.Glob(filepath.Join(data, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOfficialChartsImport(t *testing.T) {
	for _, dir := range []string{"full", "national", "sample"} {
		for _, file := range official(t, dir+"/*.xml") {
			t.Run(dir+"/"+filepath.Base(file), func(t *testing.T) {
				for i, agency := range agencies(t) {
					doc := read(t, file)
					var got clinicalv1.ImportChartsResponse
					asIntegration(t, agency).importXML(t, doc).want(t, 201).into(t, &got)
					if len(got.GetCharts()) == 0 {
						t.Fatal("no chart")
					}
					for _, c := range got.GetCharts() {
						if c.GetAgencyId() != agency || c.GetPcrNumber() == "" || c.GetNemsisVersion() == "" {
							t.Errorf("chart %+v", c)
						}
						comesBack(t, agency, agencies(t)[1-i], c.GetId(), doc)
					}
					var again clinicalv1.ImportChartsResponse
					asIntegration(t, agency).importXML(t, doc).want(t, 200).into(t, &again)
					if ids(&again) != ids(&got) {
						t.Errorf("the same document again: %s, first %s", ids(&again), ids(&got))
					}
				}
			})
		}
	}
}

// comesBack checks that the agency gets the document as it was and the other agency gets nothing.
func comesBack(t *testing.T, agency, other int64, id string, doc []byte) {
	t.Helper()
	path := "/api/clinical/charts/" + id
	out := as(t, "clinical_supervisor", agency).get(t, path+"/nemsis").want(t, 200)
	if ct := out.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/xml") {
		t.Errorf("content type %q", ct)
	}
	if !bytes.Equal(canonical(t, out.body), canonical(t, doc)) {
		t.Error("the document is not what came in")
	}
	for _, p := range []string{path, path + "/nemsis"} {
		as(t, "clinical_supervisor", other).get(t, p).refused(t, 404, "CHART_NOT_FOUND")
	}
}

func ids(r *clinicalv1.ImportChartsResponse) string {
	var b strings.Builder
	for _, c := range r.GetCharts() {
		fmt.Fprintf(&b, "%s/%d ", c.GetId(), c.GetVersion())
	}
	return b.String()
}

func TestBrokenOfficialChartsAreRefused(t *testing.T) {
	for _, file := range official(t, "fail/*Xsd*.xml") {
		for _, agency := range agencies(t) {
			p := asIntegration(t, agency).importXML(t, read(t, file)).refused(t, 400, "NEMSIS_INVALID")
			if len(p.Errors) == 0 || p.Errors[0].Line == 0 || p.Errors[0].Rule == "" || p.Errors[0].Field+p.Errors[0].Element == "" {
				t.Errorf("%s: the refusal names no element, line and rule: %+v", filepath.Base(file), p)
			}
		}
	}
}

// What a hostile or careless sender might post. Each is refused and nothing of it is stored.
func TestRefusals(t *testing.T) {
	good := string(demoDocument(t, 0))
	entity := regexp.MustCompile(`<EMSDataSet`).ReplaceAllString(good, "<!DOCTYPE EMSDataSet [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<EMSDataSet")
	laughs := regexp.MustCompile(`<EMSDataSet`).ReplaceAllString(good, "<!DOCTYPE EMSDataSet [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<EMSDataSet")
	mandatory := regexp.MustCompile(`(?s)<eTimes\.03>.*?</eTimes\.03>`).ReplaceAllString(good, "")
	for name, tc := range map[string]struct {
		doc    string
		status int
	}{
		"not XML":           {"hello", 400},
		"empty":             {"", 400},
		"cut off":           {good[:len(good)/2], 400},
		"wrong root":        {`<?xml version="1.0"?><DEMDataSet xmlns="http://www.nemsis.org"/>`, 400},
		"external entity":   {entity, 400},
		"entity expansion":  {laughs, 400},
		"missing mandatory": {mandatory, 400},
		"over 20 MB":        {good + strings.Repeat(" ", 21<<20), 413},
	} {
		t.Run(name, func(t *testing.T) {
			for _, agency := range agencies(t) {
				before := chartCount(t, agency)
				p := asIntegration(t, agency).importXML(t, []byte(tc.doc)).refused(t, tc.status)
				if strings.Contains(p.Detail, "passwd") {
					t.Error("the refusal repeats the document")
				}
				if after := chartCount(t, agency); after != before {
					t.Errorf("%d charts before, %d after", before, after)
				}
			}
		})
	}
	asIntegration(t, agencies(t)[0]).do(t, "POST", "/api/clinical/charts", "application/json", []byte(`{}`)).refused(t, 415)
}

func chartCount(t testing.TB, agency int64) int {
	t.Helper()
	n, token := 0, ""
	for {
		var page clinicalv1.ListChartsResponse
		as(t, "clinical_supervisor", agency).get(t, "/api/clinical/charts?pageSize=500&pageToken="+token).want(t, 200).into(t, &page)
		n += len(page.GetCharts())
		if token = page.GetNextPageToken(); token == "" {
			return n
		}
	}
}
