package record_test

import (
	"testing"

	"github.com/fusionems/quantum/services/compliance/internal/record"
)

func TestParseRules(t *testing.T) {
	if r, err := record.ParseRules([]byte(`{"expiringWithinDays": 90}`)); err != nil || r.ExpiringWithinDays != 90 {
		t.Errorf("%v, %v", r, err)
	}
	for _, doc := range []string{`{}`, `{"expiringWithinDays": 0}`, `{"expiringWithinDays": 366}`, `{"expiringWithinDays": 90, "more": 1}`, `[]`} {
		if _, err := record.ParseRules([]byte(doc)); err == nil {
			t.Errorf("%s was accepted", doc)
		}
	}
}

func TestParseAlertRules(t *testing.T) {
	if r, err := record.ParseAlertRules([]byte(`{"daysBefore": [90, 0], "verificationMaxAgeDays": 365, "maxGrantDays": 90}`)); err != nil || len(r.DaysBefore) != 2 {
		t.Errorf("%v, %v", r, err)
	}
	for _, doc := range []string{
		`{}`, `{"daysBefore": [], "verificationMaxAgeDays": 365, "maxGrantDays": 90}`,
		`{"daysBefore": [30, 60], "verificationMaxAgeDays": 365, "maxGrantDays": 90}`,
		`{"daysBefore": [30, -1], "verificationMaxAgeDays": 365, "maxGrantDays": 90}`,
		`{"daysBefore": [30], "verificationMaxAgeDays": 0, "maxGrantDays": 90}`,
		`{"daysBefore": [30], "verificationMaxAgeDays": 365, "maxGrantDays": 366}`,
	} {
		if _, err := record.ParseAlertRules([]byte(doc)); err == nil {
			t.Errorf("%s was accepted", doc)
		}
	}
}
