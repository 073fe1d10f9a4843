package dea

import (
	"fmt"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/record"
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
		want record.Status
	}{
		"long valid":         {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2027-12-31")}, record.Active},
		"91 days left":       {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-31")}, record.Active},
		"90 days left":       {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-30")}, record.Expiring},
		"89 days left":       {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-29")}, record.Expiring},
		"last day":           {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-03-01")}, record.Expiring},
		"day after the last": {Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-02-28")}, record.Expired},
		"not granted":        {Registration{}, record.Pending},
		"begins tomorrow":    {Registration{IssueDate: day("2026-03-02"), ExpirationDate: day("2029-03-01")}, record.Pending},
		"begins today":       {Registration{IssueDate: day("2026-03-01"), ExpirationDate: day("2029-03-01")}, record.Active},
		"retired": {Registration{Head: record.Head{RetireTime: &gone}, IssueDate: day("2025-01-01"),
			ExpirationDate: day("2027-12-31")}, record.Retired},
		"retired while expired": {Registration{Head: record.Head{RetireTime: &gone}, IssueDate: day("2020-01-01"),
			ExpirationDate: day("2023-01-01")}, record.Retired},
	} {
		if got := tc.r.StatusOn(now, record.Rules{ExpiringWithinDays: 90}); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	r := Registration{IssueDate: day("2025-01-01"), ExpirationDate: day("2026-05-30")}
	if got := r.StatusOn(now, record.Rules{ExpiringWithinDays: 30}); got != record.Active {
		t.Errorf("under another policy: %s, want active", got)
	}
}

// The check digit over every number of six digits in steps, every single wrong digit and every exchange of neighbours. What is
// not seen is exactly what the arithmetic says: five off in a place of weight two.
func TestWhatTheCheckDigitSees(t *testing.T) {
	for _, good := range []string{"AB1234563", "BB1388568", "F91234563"} {
		if !CheckDigitHolds(good) {
			t.Errorf("%s does not hold", good)
		}
	}
	if CheckDigitHolds("AB1234564") {
		t.Error("AB1234564 holds")
	}
	unseen := 0
	for n := 0; n < 1000000; n += 997 {
		number := valid(n)
		for i := 2; i < 9; i++ {
			for d := byte('0'); d <= '9'; d++ {
				if d == number[i] {
					continue
				}
				wrong := []byte(number)
				wrong[i] = d
				five := (int(d)-int(number[i])+10)%10 == 5
				blind := five && (i == 3 || i == 5 || i == 7)
				if CheckDigitHolds(string(wrong)) != blind {
					t.Fatalf("%s for %s: holds %v, blind %v", wrong, number, !blind, blind)
				}
				if blind {
					unseen++
				}
			}
			if i < 8 && number[i] != number[i+1] {
				swapped := []byte(number)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				if CheckDigitHolds(string(swapped)) {
					t.Fatalf("%s for %s: an exchange is not seen", swapped, number)
				}
			}
		}
	}
	if unseen == 0 {
		t.Error("nothing was tried that it cannot see")
	}
}

// valid is the number with these six digits and the one digit that fits.
func valid(n int) string {
	for d := range 10 {
		if s := fmt.Sprintf("AB%06d%d", n, d); CheckDigitHolds(s) {
			return s
		}
	}
	panic("no digit fits")
}

func good() Registration {
	return Registration{
		RegistrantName: "Bright EMS", Number: "AB1234563", Schedules: []string{"II", "IV"}, State: "WI",
		IssueDate: day("2025-01-01"), ExpirationDate: day("2028-01-01"),
	}
}

func TestValidateNamesTheFieldAndTheRule(t *testing.T) {
	today := *day("2026-03-01")
	if err := good().Validate(today); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for want, spoil := range map[string]func(*Registration){
		"registrantName text.length":                func(r *Registration) { r.RegistrantName = "" },
		"deaRegistrationNumber dea.format":          func(r *Registration) { r.Number = "12" },
		"deaRegistrationNumber dea.check_digit":     func(r *Registration) { r.Number = "AB1234564" },
		"authorizedSchedules schedules.present":     func(r *Registration) { r.Schedules = nil },
		"authorizedSchedules schedules.closed_list": func(r *Registration) { r.Schedules = []string{"I"} },
		"registeredState state.usps":                func(r *Registration) { r.State = "XX" },
		"expirationDate dates.complete":             func(r *Registration) { r.IssueDate = nil },
		"expirationDate dates.order":                func(r *Registration) { r.ExpirationDate = day("2024-12-31") },
		"renewalDueDate dates.order":                func(r *Registration) { r.RenewalDueDate = day("2028-01-02") },
		"verificationSource verification.complete":  func(r *Registration) { r.LastVerifiedDate = day("2026-01-01") },
		"lastVerifiedDate date.past":                func(r *Registration) { r.LastVerifiedDate, r.Source = day("2026-03-02"), 1 },
	} {
		r := good()
		spoil(&r)
		e, ok := errs.As(r.Validate(today))
		if !ok || len(e.Fields) != 1 || e.Fields[0].Field+" "+e.Fields[0].Rule != want {
			t.Errorf("%s: got %+v", want, e)
		}
	}
}

func TestWarningsDoNotRefuse(t *testing.T) {
	r := good()
	r.RegistrantName, r.State = "Quick EMS", ""
	r = r.Judge(*day("2026-03-01"), record.Rules{ExpiringWithinDays: 90}, record.AlertRules{VerificationMaxAgeDays: 365})
	var codes []string
	for _, w := range r.Warnings {
		codes = append(codes, w.Code)
	}
	if fmt.Sprint(codes) != "[UNVERIFIED NUMBER_NAME_DIFFER STATE_UNKNOWN]" {
		t.Errorf("warnings: %v", codes)
	}
	r = good()
	r.LastVerifiedDate, r.Source = day("2025-02-28"), 1
	r = r.Judge(*day("2026-03-01"), record.Rules{ExpiringWithinDays: 90}, record.AlertRules{VerificationMaxAgeDays: 365})
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "VERIFICATION_STALE" {
		t.Errorf("an old verification: %v", r.Warnings)
	}
}
