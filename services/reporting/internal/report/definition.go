package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
)

// Reasons of refusals.
const (
	ReasonTemplateNotFound  = "TEMPLATE_NOT_FOUND"
	ReasonExecutionNotFound = "EXECUTION_NOT_FOUND"
	ReasonCallFactNotFound  = "CALL_FACT_NOT_FOUND"
	ReasonPeriodInvalid     = "PERIOD_INVALID"
	ReasonGroupByUnknown    = "GROUP_BY_UNKNOWN"
	ReasonTimeZoneUnknown   = "TIME_ZONE_UNKNOWN"
)

// Request is what a caller asks for. The period is text as it came: times, or dates.
type Request struct {
	Template string
	From, To string
	GroupBy  string
	// TimeZone is that of dates and days; UTC when empty.
	TimeZone string
}

// Definition is everything that decides an answer, besides the facts.
type Definition struct {
	CatalogueVersion string    `json:"catalogueVersion"`
	Template         string    `json:"template"`
	Metric           string    `json:"metric"`
	MaximumSeconds   int32     `json:"maximumSeconds"`
	PercentileMethod string    `json:"percentileMethod"`
	Percentiles      []float64 `json:"percentiles"`
	// Excludes are the kinds of calls without the interval, of the catalogue.
	Excludes []string `json:"excludes"`
	// Agency is the tenant key, or "*" for all agencies.
	Agency  string `json:"agency"`
	From    string `json:"from"`
	To      string `json:"to"`
	GroupBy string `json:"groupBy"`
	// TimeZone is the one of the rows of days.
	TimeZone string `json:"timeZone"`

	from, to time.Time
}

// Period is the time in which the units were notified: from inclusive, to exclusive.
func (d Definition) Period() (from, to time.Time) { return d.from, d.to }

// allAgencies stands for every agency in a definition.
const allAgencies = "*"

// define checks the request against the catalogue. agencyID 0 means across agencies.
func define(c *catalogue.Catalogue, r Request, agencyID int64) (Definition, error) {
	t, m, ok := c.Template(r.Template)
	if !ok {
		return Definition{}, errs.New(errs.NotFound, ReasonTemplateNotFound, "no such report template; GET /api/reports/templates lists them")
	}
	zone, err := zoneOf(r.TimeZone)
	if err != nil {
		return Definition{}, err
	}
	from, to, err := period(r, zone, c.MaximumPeriodDays)
	if err != nil {
		return Definition{}, err
	}
	d := Definition{
		CatalogueVersion: c.Version, Template: t.ID, Metric: m.ID, MaximumSeconds: m.MaximumSeconds,
		PercentileMethod: m.PercentileMethod, Percentiles: c.Percentiles, Excludes: m.Excludes, Agency: allAgencies,
		GroupBy: catalogue.AcrossAgencies, TimeZone: zone.String(), from: from, to: to,
	}
	d.From, d.To = d.from.Format(time.RFC3339Nano), d.to.Format(time.RFC3339Nano)
	groupBy := cmp.Or(r.GroupBy, t.GroupBy[0])
	offered := slices.Contains(t.GroupBy, groupBy)
	if agencyID != 0 {
		d.Agency, d.GroupBy = strconv.FormatInt(agencyID, 10), groupBy
	} else if groupBy == catalogue.AcrossAgencies {
		offered = true
	}
	if !offered {
		return Definition{}, unknownGroupBy(t)
	}
	return d, nil
}

// zoneOf takes names of the IANA database only: to time.LoadLocation "Local" means something, which differs from machine to
// machine.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, errs.New(errs.Invalid, ReasonTimeZoneUnknown, "the time zone of the report is not known",
			errs.WithFields(errs.Field{Field: "timeZone", Rule: "time_zone", Message: "must be a name of the IANA database, e.g. America/Chicago"}))
	}
	return zone, nil
}

// toMicrosecond keeps what PostgreSQL keeps.
func toMicrosecond(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// period reads the period. A date as its end takes the whole day in, as people mean it who name the last day of a month.
func period(r Request, zone *time.Location, maximumDays int) (from, to time.Time, err error) {
	var fields []errs.Field
	add := func(field, rule, message string) {
		fields = append(fields, errs.Field{Field: field, Rule: rule, Message: message})
	}
	from, _, ok := instant(r.From, zone)
	if !ok {
		add("from", ruleOf(r.From), "must be the start of the period as 2026-01-01T00:00:00Z or 2026-01-01")
	}
	to, date, ok := instant(r.To, zone)
	if !ok {
		add("to", ruleOf(r.To), "must be the end of the period as 2026-02-01T00:00:00Z or 2026-01-31")
	}
	if date {
		to = to.AddDate(0, 0, 1)
	}
	if len(fields) == 0 {
		switch {
		case !to.After(from):
			add("to", "period.order", "must be after from")
		case to.After(from.In(zone).AddDate(0, 0, maximumDays)): // days of the zone: some have 25 hours
			add("to", "period.length", fmt.Sprintf("must be at most %d days after from", maximumDays))
		}
	}
	if len(fields) > 0 {
		return from, to, errs.New(errs.Invalid, ReasonPeriodInvalid, "the period of the report is not valid", errs.WithFields(fields...))
	}
	return from.UTC(), to.UTC(), nil
}

func ruleOf(text string) string {
	if text == "" {
		return "required"
	}
	return "period.time"
}

// instant reads an RFC 3339 time, or a date as its first instant in the zone.
func instant(text string, zone *time.Location) (t time.Time, date, ok bool) {
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, true, t.Year() > 0
	}
	t, err := time.Parse(time.RFC3339, text)
	return toMicrosecond(t), false, err == nil && t.UTC().Year() > 0
}

// definitionOf reads a stored definition. Version 1 of the catalogue knew the response time alone and did not say what it
// excluded, nor in which zone its days were.
func definitionOf(canonical string, from, to time.Time) (Definition, error) {
	var d Definition
	if err := json.Unmarshal([]byte(canonical), &d); err != nil {
		return d, fmt.Errorf("report: reading a definition: %w", err)
	}
	if d.Excludes == nil {
		d.Excludes = []string{catalogue.CancelledBeforeArrival}
	}
	d.TimeZone = cmp.Or(d.TimeZone, time.UTC.String())
	d.from, d.to = from, to
	return d, nil
}

func unknownGroupBy(t catalogue.Template) error {
	return errs.New(errs.Invalid, ReasonGroupByUnknown, "the report cannot be grouped by that",
		errs.WithFields(errs.Field{Field: "groupBy", Rule: "in", Message: "must be one of " + strings.Join(t.GroupBy, ", ")}))
}
