package alert_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

var rules = record.AlertRules{DaysBefore: []int{90, 60, 30, 7, 0}, VerificationMaxAgeDays: 365, MaxGrantDays: 90}

func TestThreshold(t *testing.T) {
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for left, want := range map[int]int{91: -1, 90: 90, 61: 90, 60: 60, 31: 60, 30: 30, 8: 30, 7: 7, 1: 7, 0: 0, -1: 0, -400: 0} {
		got, near := alert.Threshold(today.AddDate(0, 0, left), today, rules)
		if near != (want >= 0) || near && got != want {
			t.Errorf("%d days left: %d, %v", left, got, near)
		}
	}
}

func TestDatesOf(t *testing.T) {
	id := uuid.New()
	ends, seen := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := alert.DatesOf(id, alert.Expiration, nil, nil, rules); len(got) != 0 {
		t.Errorf("unknown dates alert nobody: %v", got)
	}
	got := alert.DatesOf(id, alert.Expiration, &ends, &seen, rules)
	if len(got) != 2 || got[0].Key() != id.String()+" 1 2027-01-01" || got[1].Key() != id.String()+" 3 2027-01-01" {
		t.Errorf("got %v", got)
	}
}

func TestSnooze(t *testing.T) {
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	a := alert.Alert{DueDate: today.AddDate(0, 0, 10)}
	for days, ok := range map[int]bool{-1: false, 0: true, 9: true, 10: false, 11: false} {
		if err := a.CheckSnooze(today.AddDate(0, 0, days), today); (err == nil) != ok {
			t.Errorf("for %d days: %v", days, err)
		}
	}
}
