package intake

import "testing"

func TestConcerns(t *testing.T) {
	for _, c := range []struct {
		path           string
		header, report int
		want           bool
	}{
		{"/EMSDataSet/Header[1]/PatientCareReport[2]/eTimes/eTimes.03", 0, 1, true},
		{"/EMSDataSet/Header[1]/PatientCareReport[2]/eTimes/eTimes.03", 0, 0, false},
		{"/EMSDataSet/Header[2]/PatientCareReport[2]/eTimes/eTimes.03", 0, 1, false},
		{"/EMSDataSet/Header[2]/DemographicGroup/dAgency.01", 1, 3, true},
		{"/EMSDataSet/Header[2]/DemographicGroup/dAgency.01", 0, 0, false},
		{"/EMSDataSet/Header/PatientCareReport/eTimes/eTimes.06", 4, 4, true}, // does not say which
		{"", 1, 1, true}, // about the document
		{"/EMSDataSet/Header[10]/PatientCareReport[1]", 0, 0, false},
	} {
		if got := concerns(c.path, c.header, c.report); got != c.want {
			t.Errorf("concerns(%q, %d, %d) = %v", c.path, c.header, c.report, got)
		}
	}
}
