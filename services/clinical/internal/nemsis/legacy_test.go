package nemsis_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// in34 makes a demo chart one of NEMSIS 3.4: no UUID, the one disposition
// element, an element that 3.5 dropped.
func in34(t *testing.T, claim string) []byte {
	t.Helper()
	text := string(demo(t)["refusal-signed"])
	text = strings.Replace(text, "release-3.5.1", claim, 1)
	from := strings.Index(text, "<eDisposition.IncidentDispositionGroup>")
	to := strings.Index(text, "</eDisposition.IncidentDispositionGroup>") + len("</eDisposition.IncidentDispositionGroup>")
	text = text[:from] + "<eDisposition.12>4212025</eDisposition.12>" + text[to:]
	text = strings.Replace(text, "<eResponse.16>", "<eResponse.15>2215013</eResponse.15><eResponse.16>", 1)
	text = strings.Replace(text, "<eCrew.02>9925007", "<eCrew.02>9925019", 1)
	at := strings.Index(text, " UUID=")
	return []byte(text[:at] + text[at+len(` UUID="11cb8d60-9f88-4434-bad1-305b5512649a"`):])
}

func TestVersion34(t *testing.T) {
	for claim, version := range map[string]string{"3.4.0.200910CP2": "3.4.0", "release-3.4.0": "3.4.0", "somewhere": "3.4.0"} {
		doc, err := newReader(t).Read(in34(t, claim))
		if err != nil {
			t.Fatalf("%s: %v", claim, err)
		}
		if doc.Version != version {
			t.Errorf("%s: version %q, want %q", claim, doc.Version, version)
		}
		if len(doc.Findings) == 0 || doc.Findings[len(doc.Findings)-1].Rule != nemsis.RuleVersion {
			t.Errorf("%s: findings %+v do not say that it is 3.4", claim, doc.Findings)
		}
		h := doc.Headers[0]
		f := chart.Extract(h.Agency, h.Reports[0], doc.Version)
		if !f.Derived.Refusal || f.Derived.Transport || !chart.Is(f.Disposition.Care, "4228007") ||
			!chart.Is(f.Disposition.Incident34, "4212025") || !chart.Is(f.Crew[0].Level, "9925007") {
			t.Errorf("%s: disposition %+v, crew %+v", claim, f.Disposition, f.Crew)
		}
	}
}

func TestVersion34StillNeedsWhatIsMandatoryInBoth(t *testing.T) {
	data := bytes.Replace(in34(t, "3.4.0.200910CP2"), []byte("<eResponse.05>2205001</eResponse.05>"), nil, 1)
	list := violations(t, data)
	if len(list) != 1 || list[0].Element != "eResponse.05" || list[0].Rule != nemsis.RuleMissingMandatory {
		t.Errorf("violations %+v, want the missing eResponse.05 alone", list)
	}
}

func TestVersion34KeepsTheFrame(t *testing.T) {
	text := string(in34(t, "3.4.0.200910CP2"))
	group := text[strings.Index(text, "<DemographicGroup>") : strings.Index(text, "</DemographicGroup>")+len("</DemographicGroup>")]
	list := violations(t, []byte(strings.Replace(text, group, group+group, 1)))
	if len(list) != 1 || list[0].Element != "DemographicGroup" || list[0].Rule != nemsis.RuleTooMany {
		t.Errorf("violations %+v, want the second demographic group alone", list)
	}
}

// TestClaiming35 does not get the leniency of 3.4.
func TestClaiming35(t *testing.T) {
	for _, v := range violations(t, in34(t, "release-3.5.0")) {
		if v.Level != nemsis.Error {
			t.Errorf("%+v is not an error", v)
		}
	}
}

func TestOtherVersionsAreRefused(t *testing.T) {
	text := string(demo(t)["refusal-signed"])
	for _, claim := range []string{"release-3.3.4", "3.3.4.160713CP2", "release-3.6.0", "release-3.50.1"} {
		list := violations(t, []byte(strings.Replace(text, "release-3.5.1", claim, 1)))
		if len(list) != 1 || list[0].Rule != nemsis.RuleVersion || list[0].Line != 2 || list[0].Element != "EMSDataSet" {
			t.Errorf("%s: violations %+v", claim, list)
		}
	}
}
