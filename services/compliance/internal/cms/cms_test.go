package cms

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

// Every single wrong digit is seen; of exchanges of neighbours all but 0 and 9.
func TestWhatTheNPICheckSees(t *testing.T) {
	if !NPIHolds("1234567893") || NPIHolds("1234567890") {
		t.Fatal("the published examples")
	}
	blind := 0
	for n := 0; n < 100000000; n += 99991 {
		npi := valid(n)
		for i := range 10 {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(npi)
				if wrong[i] = d; d != npi[i] && NPIHolds(string(wrong)) {
					t.Fatalf("%s for %s is not seen", wrong, npi)
				}
			}
			if i == 9 || npi[i] == npi[i+1] {
				continue
			}
			swapped := []byte(npi)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			pair := npi[i : i+2]
			if expected := pair == "09" || pair == "90"; NPIHolds(string(swapped)) != expected {
				t.Fatalf("%s for %s: seen %v", swapped, npi, expected)
			} else if expected {
				blind++
			}
		}
	}
	if blind == 0 {
		t.Error("nothing was tried that it cannot see")
	}
}

func valid(n int) string {
	for d := range 10 {
		if s := fmt.Sprintf("1%08d%d", n, d); NPIHolds(s) {
			return s
		}
	}
	panic("no digit fits")
}

func good() Enrollment {
	return Enrollment{
		SupplierName: "Prairie EMS", NPI: "1234567893", PTAN: "P00123456", State: "WI", PECOSEnrollmentID: "O20031103000001",
		MACIdentifier: "06202", EffectiveDate: day("2022-01-01"), RevalidationDueDate: day("2027-01-31"),
		Payers: []Participation{{PayerID: "00120", Status: Participating, EffectiveDate: "2022-01-01"}},
	}
}

func TestValidateNamesTheFieldAndTheRule(t *testing.T) {
	today := *day("2026-03-01")
	if err := good().Validate(today); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for want, spoil := range map[string]func(*Enrollment){
		"supplierName text.length":                         func(e *Enrollment) { e.SupplierName = "" },
		"npiReference npi.format":                          func(e *Enrollment) { e.NPI = "323" },
		"npiReference npi.check_digit":                     func(e *Enrollment) { e.NPI = "1234567890" },
		"ptanReference ptan.format":                        func(e *Enrollment) { e.PTAN = "P-1" },
		"enrollmentState state.usps":                       func(e *Enrollment) { e.State = "ZZ" },
		"pecosEnrollmentId pecos.format":                   func(e *Enrollment) { e.PECOSEnrollmentID = "X1" },
		"macIdentifier mac.format":                         func(e *Enrollment) { e.MACIdentifier = "J6" },
		"deactivationDate dates.order":                     func(e *Enrollment) { e.DeactivationDate = day("2021-12-31") },
		"revalidationDueDate dates.order":                  func(e *Enrollment) { e.RevalidationDueDate = day("2021-12-31") },
		"payerParticipation[0].payerId payer.format":       func(e *Enrollment) { e.Payers[0].PayerID = "" },
		"payerParticipation[0].status enum.defined":        func(e *Enrollment) { e.Payers[0].Status = 0 },
		"payerParticipation[0].endDate dates.order":        func(e *Enrollment) { e.Payers[0].EndDate = "2021-12-31" },
		"payerParticipation[1].payerId payer.unique":       func(e *Enrollment) { e.Payers = append(e.Payers, e.Payers[0]) },
		"payerParticipation[0].effectiveDate date.present": func(e *Enrollment) { e.Payers[0].EffectiveDate = "" },
	} {
		e := good()
		spoil(&e)
		got, ok := errs.As(e.Validate(today))
		if !ok || len(got.Fields) != 1 || got.Fields[0].Field+" "+got.Fields[0].Rule != want {
			t.Errorf("%s: got %+v", want, got)
		}
	}
}

func TestStatus(t *testing.T) {
	now, gone := *day("2026-03-01"), *day("2026-02-01")
	for want, e := range map[record.Status]Enrollment{
		record.Active:   {EffectiveDate: day("2022-01-01"), RevalidationDueDate: day("2026-05-31")},
		record.Expiring: {EffectiveDate: day("2022-01-01"), RevalidationDueDate: day("2026-05-30")},
		record.Expired:  {EffectiveDate: day("2022-01-01"), RevalidationDueDate: day("2026-02-28")},
		record.Pending:  {EffectiveDate: day("2026-03-02")},
		record.Inactive: {EffectiveDate: day("2022-01-01"), DeactivationDate: day("2026-02-28")},
		record.Retired:  {Head: record.Head{RetireTime: &gone}},
	} {
		if got := e.StatusOn(now, record.Rules{ExpiringWithinDays: 90}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Unknown wins over fail, fail over pass; what is not required decides nothing.
func TestReadiness(t *testing.T) {
	now := *day("2026-03-01")
	rules := record.AlertRules{VerificationMaxAgeDays: 365}
	ready := good()
	ready.LastVerifiedDate, ready.Source = day("2026-02-01"), 4
	if r := Ready(nil, now, rules); r.Overall != Unknown || len(r.Checks) != 1 {
		t.Errorf("nothing on record: %+v", r)
	}
	if r := Ready([]Enrollment{ready}, now, rules); r.Overall != Pass {
		t.Errorf("everything on record: %+v", r)
	}
	for name, tc := range map[string]struct {
		spoil func(*Enrollment)
		want  Verdict
	}{
		"no PTAN":                    {func(e *Enrollment) { e.PTAN = "" }, Unknown},
		"no payer, not required":     {func(e *Enrollment) { e.Payers = nil }, Pass},
		"revalidation overdue":       {func(e *Enrollment) { e.RevalidationDueDate = day("2026-02-28") }, Fail},
		"not effective yet":          {func(e *Enrollment) { e.EffectiveDate = day("2026-03-02") }, Fail},
		"verified long ago":          {func(e *Enrollment) { e.LastVerifiedDate = day("2025-01-01") }, Fail},
		"overdue, and PTAN unknown":  {func(e *Enrollment) { e.RevalidationDueDate, e.PTAN = day("2026-02-28"), "" }, Unknown},
		"retired counts for nothing": {func(e *Enrollment) { e.Status = record.Retired }, Unknown},
	} {
		e := ready
		tc.spoil(&e)
		r := Ready([]Enrollment{e}, now, rules)
		if r.Overall != tc.want {
			t.Errorf("%s: overall %d, want %d", name, r.Overall, tc.want)
		}
		for _, c := range r.Checks {
			if (c.Verdict == Pass) != (c.Action == "") || c.Evidence == "" {
				t.Errorf("%s: check %+v", name, c)
			}
		}
	}
}
