package period

import (
	"fmt"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
)

const (
	// ReasonInvalid is the reason of days that make no period.
	ReasonInvalid = "PERIOD_INVALID"
	// ReasonZone is the reason of an unknown time zone.
	ReasonZone = "TIME_ZONE_UNKNOWN"

	// longest is how many days after the first one a period may end.
	longest = 366
	// usual is how many days before its last one a period begins when it is not said.
	usual = 29
)

// Period is a run of civil days.
type Period struct {
	// Zone is the IANA name of the time zone.
	Zone string
	// Bounds are the beginnings of the days, and the end of the last one.
	Bounds []time.Time
}

// Days is how many there are.
func (p Period) Days() int { return len(p.Bounds) - 1 }

// From is when the period begins.
func (p Period) From() time.Time { return p.Bounds[0] }

// To is when the period is over.
func (p Period) To() time.Time { return p.Bounds[p.Days()] }

// Parse reads a period from its first and last day, each YYYY-MM-DD or empty: today for the last one, 29 days before it for
// the first.
func Parse(from, to, zone string, now time.Time) (Period, error) {
	loc, err := location(zone)
	if err != nil {
		return Period{}, err
	}
	last, err := day("to_date", to, midnight(now.In(loc)))
	if err != nil {
		return Period{}, err
	}
	first, err := day("from_date", from, last.AddDate(0, 0, -usual))
	if err != nil {
		return Period{}, err
	}
	switch {
	case first.After(last):
		return Period{}, invalid(errs.Field{Field: "from_date", Rule: "period.order", Message: "from_date is the day of to_date or an earlier one"})
	case first.AddDate(0, 0, longest).Before(last):
		return Period{}, invalid(errs.Field{Field: "from_date", Rule: "period.length",
			Message: fmt.Sprintf("from_date is at most %d days before to_date; ask for a longer time in parts", longest)})
	}
	p := Period{Zone: loc.String()}
	for d := first; !d.After(last.AddDate(0, 0, 1)); d = d.AddDate(0, 0, 1) {
		// A civil day begins at its own midnight: days are 23 or 25 hours long where clocks change.
		p.Bounds = append(p.Bounds, time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, loc))
	}
	return p, nil
}

// location takes names of the IANA database only: "" is UTC here, and "Local" means something to time.LoadLocation alone.
func location(zone string) (*time.Location, error) {
	if zone == "" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, errs.New(errs.Invalid, ReasonZone, "there is no such time zone", errs.WithFields(
			errs.Field{Field: "time_zone", Rule: "iana.zone", Message: `a name of the IANA time zone database, e.g. "America/Chicago"`}))
	}
	return loc, nil
}

// day reads a day as its midnight in UTC, where all days are equally long.
func day(field, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, invalid(errs.Field{Field: field, Rule: "date", Message: "a day that exists, as YYYY-MM-DD"})
	}
	return t, nil
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func invalid(f errs.Field) error {
	return errs.New(errs.Invalid, ReasonInvalid, "the days make no period", errs.WithFields(f))
}
