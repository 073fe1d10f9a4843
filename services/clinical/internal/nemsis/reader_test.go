package nemsis_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// altered is a demo chart with one text replaced.
func altered(t testing.TB, scenario, old, new string) []byte {
	t.Helper()
	text := string(demo(t)[scenario])
	if !strings.Contains(text, old) {
		t.Fatalf("chart %s does not hold %q", scenario, old)
	}
	return []byte(strings.Replace(text, old, new, 1))
}

func violations(t testing.TB, data []byte) []nemsis.Violation {
	t.Helper()
	_, err := newReader(t).Read(data)
	var invalid *nemsis.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("accepted, want it refused (%v)", err)
	}
	return invalid.Violations
}

func TestRefusals(t *testing.T) {
	const secret = "SecretValue77"
	for name, c := range map[string]struct{ scenario, old, new, element, rule string }{
		"mandatory element missing":  {"stemi", "<eResponse.05>2205001</eResponse.05>", "", "eResponse.05", nemsis.RuleMissingMandatory},
		"required element missing":   {"stemi", "<eArrest.01>3001001</eArrest.01>", "", "eArrest.01", nemsis.RuleMissingElement},
		"unknown element":            {"stemi", "<eTimes.05>", "<" + secret + "/><eTimes.05>", "eTimes", nemsis.RuleUnexpected},
		"element of another section": {"stemi", "<eTimes.05>", "<eScene.01/><eTimes.05>", "eScene.01", nemsis.RuleUnexpected},
		"element too late":           {"stemi", "</eTimes>", "<eTimes.04>2026-01-01T00:00:00-06:00</eTimes.04></eTimes>", "eTimes.04", nemsis.RuleOrder},
		"element twice":              {"stemi", "<eDispatch.02>", "<eDispatch.02>2302001</eDispatch.02><eDispatch.02>", "eDispatch.02", nemsis.RuleTooMany},
		"unknown code":               {"stemi", "2205001", secret, "eResponse.05", nemsis.RuleEnumeration},
		"pattern":                    {"stemi", "<eScene.19>53703", "<eScene.19>" + secret, "eScene.19", nemsis.RulePattern},
		"too long":                   {"stemi", "<eResponse.14>M1", "<eResponse.14>" + strings.Repeat(secret, 20), "eResponse.14", nemsis.RuleLength},
		"out of range":               {"stemi", "<eVitals.12>94", "<eVitals.12>940", "eVitals.12", nemsis.RuleRange},
		"no number":                  {"stemi", "<eVitals.12>94", "<eVitals.12>" + secret, "eVitals.12", nemsis.RuleDataType},
		"no such day":                {"stemi", "<eTimes.03>2026-03", "<eTimes.03>2026-13", "eTimes.03", nemsis.RuleDataType},
		"too many digits":            {"stemi", "<eMedications.05>324", "<eMedications.05>324.12345", "eMedications.05", nemsis.RuleDigits},
		"not value not allowed":      {"stemi", `<eArrest.02 xsi:nil="true" NV="7701001"/>`, `<eArrest.02 xsi:nil="true" NV="7701005"/>`, "eArrest.02", nemsis.RuleNotValue},
		"no not value there":         {"stemi", "<eTimes.03>", `<eTimes.03 NV="7701001">`, "eTimes.03", nemsis.RuleNotValue},
		"pertinent negative":         {"stemi", "<eVitals.12>94", `<eVitals.12 PN="8801015">94`, "eVitals.12", nemsis.RulePertinent},
		"cannot be nil":              {"stemi", "<eTimes.03>", `<eTimes.03 xsi:nil="true">`, "eTimes.03", nemsis.RuleNil},
		"nil with a value":           {"stemi", "<eVitals.12>94", `<eVitals.12 xsi:nil="true">94`, "eVitals.12", nemsis.RuleNil},
		"unknown attribute":          {"stemi", "<eVitals.12>94", `<eVitals.12 ` + secret + `="1">94`, "eVitals.12", nemsis.RuleAttribute},
		"attribute missing":          {"stemi", " UUID=", " XUID=", "PatientCareReport", nemsis.RuleAttribute},
		"text between elements":      {"stemi", "<eTimes>", "<eTimes>" + secret, "eTimes", nemsis.RuleText},
		"xsi:type":                   {"stemi", "<eTimes>", `<eTimes xsi:type="eTimes">`, "eTimes", nemsis.RuleXSIType},
		"wrong root":                 {"stemi", "EMSDataSet", "DEMDataSet", "", nemsis.RuleRoot},
		"doctype":                    {"stemi", "<EMSDataSet", "<!DOCTYPE x [<!ENTITY a 'b'>]><EMSDataSet", "", nemsis.RuleDoctype},
		"entity":                     {"stemi", "2205001", "&a;", "", nemsis.RuleEntity},
		"encoding":                   {"stemi", `encoding="UTF-8"`, `encoding="ISO-8859-1"`, "", nemsis.RuleEncoding},
		"cut off":                    {"stemi", "</EMSDataSet>", "", "", nemsis.RuleWellFormed},
	} {
		t.Run(name, func(t *testing.T) {
			data := altered(t, c.scenario, c.old, c.new)
			if name == "wrong root" {
				data = bytes.ReplaceAll(data, []byte("EMSDataSet>"), []byte("DEMDataSet>"))
			}
			v := violations(t, data)[0]
			if v.Rule != c.rule || v.Element != c.element || v.Line < 1 {
				t.Errorf("got %+v, want element %s and rule %s", v, c.element, c.rule)
			}
			for _, v := range violations(t, data) {
				if strings.Contains(v.Message+v.Path+v.Element, secret) {
					t.Errorf("%+v repeats the value", v)
				}
			}
		})
	}
}

func TestMissingSectionAndAttribute(t *testing.T) {
	text := string(demo(t)["stemi"])
	from, to := strings.Index(text, "<eTimes>"), strings.Index(text, "</eTimes>")+len("</eTimes>")
	text = text[:from] + text[to:]
	text = text[:strings.Index(text, " UUID=")] + text[strings.Index(text, "<PatientCareReport")+len(`<PatientCareReport UUID="11cb8d60-9f88-4434-bad1-305b5512649a"`):]
	list := violations(t, []byte(text))
	if len(list) != 2 || list[0].Rule != nemsis.RuleMissingAttribute || list[1].Rule != nemsis.RuleMissingMandatory || list[1].Element != "eTimes" {
		t.Errorf("violations %+v, want the missing UUID and the missing section", list)
	}
}

func TestAllViolationsAreListed(t *testing.T) {
	data := altered(t, "stemi", "<eDispatch.01>2301021</eDispatch.01>", "")
	data = bytes.Replace(data, []byte("2205001"), []byte("1"), 1)
	data = bytes.Replace(data, []byte("</eTimes>"), []byte("<x/></eTimes>"), 1)
	list := violations(t, data)
	if len(list) != 3 {
		t.Fatalf("%d violations %+v, want 3", len(list), list)
	}
	if want := "/EMSDataSet/Header[1]/PatientCareReport[1]/eResponse/eResponse.ServiceGroup/eResponse.05"; list[0].Path != want {
		t.Errorf("path %s, want %s", list[0].Path, want)
	}
	line := bytes.Count(data[:bytes.Index(data, []byte("<eResponse.05>"))], []byte("\n")) + 1
	if list[0].Line != line {
		t.Errorf("line %d, want %d", list[0].Line, line)
	}
}

func TestListOfViolationsIsBounded(t *testing.T) {
	data := altered(t, "stemi", "</eTimes>", strings.Repeat("<x/>", 500)+"</eTimes>")
	_, err := newReader(t).Read(data)
	var invalid *nemsis.Invalid
	if !errors.As(err, &invalid) || len(invalid.Violations) != nemsis.MaxViolations || !invalid.Truncated {
		t.Errorf("got %v", err)
	}
}

func TestSize(t *testing.T) {
	_, err := newReader(t).ReadStream(bytes.NewReader(make([]byte, nemsis.MaxSize+10)))
	var invalid *nemsis.Invalid
	if !errors.As(err, &invalid) || !invalid.TooLarge() {
		t.Errorf("got %v, want it refused for its size", err)
	}
}

func TestSeveralHeadersAndReports(t *testing.T) {
	stemi, stroke := string(demo(t)["stemi"]), string(demo(t)["stroke"])
	report := stroke[strings.Index(stroke, "<PatientCareReport"):strings.Index(stroke, "  </Header>")]
	header := strings.Replace(stroke[strings.Index(stroke, "<Header>"):strings.Index(stroke, "</EMSDataSet>")],
		"<dAgency.02>4701", "<dAgency.02>4702", 1)
	data := strings.Replace(stemi, "  </Header>", report+"</Header>"+header, 1)
	doc, err := newReader(t).Read([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Headers) != 2 || len(doc.Headers[0].Reports) != 2 || len(doc.Headers[1].Reports) != 1 {
		t.Fatalf("%d headers, want two with two and one report", len(doc.Headers))
	}
	a, b := doc.Headers[0].Reports[1], doc.Headers[1].Reports[0]
	if a.Number != b.Number || a.ContentHash == b.ContentHash {
		t.Error("the same report of two agencies must have different content hashes")
	}
	if got := doc.Headers[1].Agency.Number; got != "4702" {
		t.Errorf("agency number %s of the second header", got)
	}
	if v := b.First(structure.EVitals29).Value(); v != "3329005" {
		t.Errorf("stroke scale %q of the last report", v)
	}
}

func TestSameContentInOtherClothes(t *testing.T) {
	r := newReader(t)
	plain := demo(t)["stemi"]
	a, err := r.Read(plain)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(plain), "\n      ", "\n")
	text = strings.ReplaceAll(text, `xsi:nil="true" NV="7701001"`, `NV='7701001'   xsi:nil='true'`)
	text = strings.Replace(text, "<eTimes>", "<!-- times --><eTimes>", 1)
	b, err := r.Read([]byte("\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if a.Headers[0].Reports[0].ContentHash != b.Headers[0].Reports[0].ContentHash {
		t.Error("indentation, quotes, order of attributes and comments change the content hash")
	}
	c, err := r.Read(altered(t, "stemi", "<eVitals.12>94", "<eVitals.12>93"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Headers[0].Reports[0].ContentHash == c.Headers[0].Reports[0].ContentHash || a.Hash == c.Hash {
		t.Error("another value does not change the hashes")
	}
}

func TestCustomConfigurationIsContent(t *testing.T) {
	hash := func(title string) [32]byte {
		t.Helper()
		doc, err := newReader(t).Read(altered(t, "stemi", "</DemographicGroup>", "</DemographicGroup>"+`<eCustomConfiguration>
			<eCustomConfiguration.CustomGroup CustomElementID="own.01"><eCustomConfiguration.01>`+title+`</eCustomConfiguration.01>
			<eCustomConfiguration.02>What it means</eCustomConfiguration.02><eCustomConfiguration.03>9902009</eCustomConfiguration.03>
			<eCustomConfiguration.04>9923001</eCustomConfiguration.04><eCustomConfiguration.05>9903007</eCustomConfiguration.05>
			</eCustomConfiguration.CustomGroup></eCustomConfiguration>`))
		if err != nil {
			t.Fatal(err)
		}
		return doc.Headers[0].Reports[0].ContentHash
	}
	if hash("One") == hash("Two") {
		t.Error("another definition of a custom element does not change the content hash")
	}
	if first, again := hash("One"), hash("One"); first != again {
		t.Error("the content hash is not stable")
	}
}

func TestPrefixedDocument(t *testing.T) {
	text := strings.Replace(string(demo(t)["cancelled"]), `xmlns="http`, `xmlns:n="http`, 1)
	text = strings.NewReplacer("</", "</n:", "<e", "<n:e", "<d", "<n:d", "<H", "<n:H", "<D", "<n:D", "<P", "<n:P", "<E", "<n:E").Replace(text)
	if _, err := newReader(t).Read([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestFindings(t *testing.T) {
	for name, c := range map[string]struct{ old, new, element, rule string }{
		"nil without a reason":       {`<eArrest.02 xsi:nil="true" NV="7701001"/>`, `<eArrest.02 xsi:nil="true"/>`, "eArrest.02", "nemSch_e001"},
		"value and not value":        {"<eVitals.12>94", `<eVitals.12 NV="7701003">94`, "eVitals.12", "nemSch_e002"},
		"negative beside a value":    {"<eVitals.12>94", `<eVitals.12 PN="8801019">94`, "eVitals.12", "nemSch_e008"},
		"drug not given, not named":  {`PN="8801001" CodeType="9924003">7052</eMedications.03>`, `PN="8801001" xsi:nil="true"/>`, "eMedications.03", "nemSch_e006"},
		"no RxNorm code":             {`CodeType="9924003">1191`, `CodeType="9924003">116762002`, "eMedications.03", "nemSch_e143"},
		"arrived before it was sent": {"<eTimes.06>2026", "<eTimes.06>2025", "eTimes.06", nemsis.RuleTimeOrder},
	} {
		doc, err := newReader(t).Read(altered(t, "stemi", c.old, c.new))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(doc.Findings) != 1 || doc.Findings[0].Rule != c.rule || doc.Findings[0].Element != c.element || doc.Findings[0].Level != nemsis.Warning {
			t.Errorf("%s: findings %+v", name, doc.Findings)
		}
	}
}
