package layout_test

import (
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/layout"
)

const several = `<?xml version="1.0"?>
<EMSDataSet xmlns="http://www.nemsis.org">
 <Header><DemographicGroup/>
  <PatientCareReport UUID="1"><a>one</a></PatientCareReport>
  <!-- between --><PatientCareReport UUID="2"><PatientCareReport>inner</PatientCareReport></PatientCareReport>
 </Header>
 <x:Header xmlns:x="http://www.nemsis.org"><DemographicGroup/><x:PatientCareReport UUID="3"/></x:Header>
</EMSDataSet>`

func TestCutGivesOneReportAndNothingOfTheOthers(t *testing.T) {
	l, err := layout.Of([]byte(several))
	if err != nil {
		t.Fatal(err)
	}
	if l.Count() != 3 || len(l.Headers) != 2 {
		t.Fatalf("layout = %+v", l)
	}
	all := []string{`UUID="1"`, `UUID="2"`, `UUID="3"`}
	for i, want := range all {
		got, err := l.Cut([]byte(several), i)
		if err != nil {
			t.Fatal(err)
		}
		for j, other := range all {
			if has := strings.Contains(string(got), other); has != (i == j) {
				t.Errorf("cut %d (%s) holds %s: %v\n%s", i, want, other, has, got)
			}
		}
		again, err := layout.Of(got)
		if err != nil || again.Count() != 1 || len(again.Headers) != 1 {
			t.Errorf("cut %d does not read back: %v %+v", i, err, again)
		}
	}
	if _, err := l.Cut([]byte(several), 3); err == nil {
		t.Error("a fourth report was cut")
	}
	if _, err := l.Cut([]byte(several[:200]), 2); err == nil {
		t.Error("a layout of another document was used")
	}
}
