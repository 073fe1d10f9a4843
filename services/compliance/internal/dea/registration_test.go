package dea

import (
	"testing"
	"time"
)

func day(s string) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return &t
}

// Today is 1 March 2026; 90 days later is 30 May 2026 (31-1=30 in March, 30 in April, 30 in May).
func TestStatus(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
	gone := now.Add(-time.Hour)
	for name, tc := range map[string]struct {
		r    Registration
		want Status
	}{
		"long valid":            {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2027-12-31")}, Active},
		"91 days left":          {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-31")}, Active},
		"90 days left":          {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-30")}, Expiring},
		"89 days left":          {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-29")}, Expiring},
		"last day":              {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-03-01")}, Expiring},
		"day after the last":    {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-02-28")}, Expired},
		"not granted":           {Registration{}, Pending},
		"begins tomorrow":       {Registration{IssueDate: day("2026-03-02"), ExpirationDate: day("2029-03-01")}, Pending},
		"begins today":          {Registration{IssueDate: day("2026-03-01"), ExpirationDate: day("2029-03-01")}, Active},
		"retired":               {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2027-12-31"), RetireTime: &gone}, Retired},
		"retired while expired": {Registration{IssueDate: day("2020-01-01"), ExpirationDate: day("2023-01-01"), RetireTime: &gone}, Retired},
	} {
		if got := tc.r.StatusOn(now, Rules{ExpiringWithinDays: 90}); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	r := Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-30")}
	if got := r.StatusOn(now, Rules{ExpiringWithinDays: 30}); got != Active {
		t.Errorf("under another policy: %s, want active", got)
	}
}

func TestParseRules(t *testing.T) {
	if r, err := ParseRules([]byte(`{"expiringWithinDays": 90}`)); err != nil || r.ExpiringWithinDays != 90 {
		t.Errorf("%v, %v", r, err)
	}
	for _, doc := range []string{`{}`, `{"expiringWithinDays": 0}`, `{"expiringWithinDays": 366}`, `{"expiringWithinDays": 90, "more": 1}`, `[]`} {
		if _, err := ParseRules([]byte(doc)); err == nil {
			t.Errorf("%s was accepted", doc)
		}
	}
}
