package cms

import (
	"time"

	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// Verdict of a check, a code of the contract.
type Verdict int

// Verdicts. Unknown is what the record does not tell.
const (
	Pass    Verdict = 1
	Fail    Verdict = 2
	Unknown Verdict = 3
)

// Check is one named check of readiness.
type Check struct {
	Name     string
	Record   string
	Verdict  Verdict
	Evidence string
	// Action is what to do, empty when the check holds.
	Action   string
	Required bool
}

// Readiness is every check and what follows from them.
type Readiness struct {
	Checks  []Check
	Overall Verdict
}

// Ready checks the judged enrollments of an agency; the retired ones count for nothing.
func Ready(list []Enrollment, now time.Time, rules record.AlertRules) Readiness {
	var r Readiness
	found := false
	for _, e := range list {
		if e.Status == record.Retired {
			continue
		}
		found = true
		r.Checks = append(r.Checks, checks(e, record.Today(now), rules)...)
	}
	on := check("ENROLLMENT_ON_RECORD", "", passIf(found, Unknown), "enrollmentStatus", "enter the agency's Medicare enrollment", true)
	r.Checks = append([]Check{on}, r.Checks...)
	r.Overall = overall(r.Checks)
	return r
}

// overall is unknown while any required check is, else fail when one fails, else pass.
func overall(list []Check) Verdict {
	worst := Pass
	for _, c := range list {
		switch {
		case !c.Required:
		case c.Verdict == Unknown:
			return Unknown
		case c.Verdict == Fail:
			worst = Fail
		}
	}
	return worst
}

func checks(e Enrollment, today time.Time, rules record.AlertRules) []Check {
	name := record.Name(Workspace, e.ID)
	list := []Check{
		check("NPI_VALID", name, passIf(NPIHolds(e.NPI), Fail), "npiReference", "correct the NPI", true),
		check("PTAN_ON_RECORD", name, passIf(e.PTAN != "", Unknown), "ptanReference", "enter the PTAN of the contractor's approval letter", true),
		check("PECOS_ON_RECORD", name, passIf(e.PECOSEnrollmentID != "", Unknown), "pecosEnrollmentId", "enter the enrollment identifier from PECOS", false),
		check("MAC_ON_RECORD", name, passIf(e.MACIdentifier != "", Unknown), "macIdentifier", "enter the number of the administrative contractor", false),
		check("ENROLLMENT_EFFECTIVE", name, effective(e, today), "effectiveDate", "enroll, or enter the effective date of the approval letter", true),
		check("REVALIDATION_CURRENT", name, revalidated(e, today), "revalidationDueDate", "revalidate in PECOS, or enter the due date", true),
		check("RECENTLY_VERIFIED", name, verified(e, today, rules), "lastVerifiedDate", "look the enrollment up in PECOS and enter the day", true),
		check("PAYER_PARTICIPATION", name, participates(e, today), "payerParticipation", "enter how the agency stands with its payers", false),
	}
	return list
}

func check(name, rec string, v Verdict, evidence, action string, required bool) Check {
	if v == Pass {
		action = ""
	}
	return Check{Name: name, Record: rec, Verdict: v, Evidence: evidence, Action: action, Required: required}
}

func passIf(ok bool, otherwise Verdict) Verdict {
	if ok {
		return Pass
	}
	return otherwise
}

func effective(e Enrollment, today time.Time) Verdict {
	if e.EffectiveDate == nil {
		return Unknown
	}
	ended := e.DeactivationDate != nil && e.DeactivationDate.Before(today)
	return passIf(!e.EffectiveDate.After(today) && !ended, Fail)
}

func revalidated(e Enrollment, today time.Time) Verdict {
	if e.RevalidationDueDate == nil {
		return Unknown
	}
	return passIf(!e.RevalidationDueDate.Before(today), Fail)
}

func verified(e Enrollment, today time.Time, rules record.AlertRules) Verdict {
	if e.LastVerifiedDate == nil {
		return Unknown
	}
	return passIf(!e.LastVerifiedDate.AddDate(0, 0, rules.VerificationMaxAgeDays).Before(today), Fail)
}

func participates(e Enrollment, today time.Time) Verdict {
	if len(e.Payers) == 0 {
		return Unknown
	}
	day := today.Format(time.DateOnly)
	for _, p := range e.Payers {
		if p.Status == Participating && p.EffectiveDate <= day && (p.EndDate == "" || p.EndDate >= day) {
			return Pass
		}
	}
	return Fail
}
