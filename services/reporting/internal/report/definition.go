package report

import (
	"cmp"
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
	ReasonPeriodInvalid     = "PERIOD_INVALID"
	ReasonGroupByUnknown    = "GROUP_BY_UNKNOWN"
)

// Request is what a caller asks for. The period is text as it came: times, or dates.
type Request struct {
	Template string
	From, To string
	GroupBy  string
}

// Definition is everything that decides an answer, besides the facts.
type Definition struct {
	CatalogueVersion string    `json:"catalogueVersion"`
	Template         string    `json:"template"`
	Metric           string    `json:"metric"`
	MaximumSeconds   int32     `json:"maximumSeconds"`
	PercentileMethod string    `json:"percentileMethod"`
	Percentiles      []float64 `json:"percentiles"`
	// Agency is the tenant key, or "*" for all agencies.
	Agency  string `json:"agency"`
	From    string `json:"from"`
	To      string `json:"to"`
	GroupBy string `json:"groupBy"`

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
	from, to, err := period(r, c.MaximumPeriodDays)
	if err != nil {
		return Definition{}, err
	}
	d := Definition{
		CatalogueVersion: c.Version, Template: t.ID, Metric: m.ID, MaximumSeconds: m.MaximumSeconds,
		PercentileMethod: m.PercentileMethod, Percentiles: []float64{0.5, 0.9}, Agency: allAgencies, GroupBy: catalogue.AcrossAgencies,
		from: from, to: to,
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

// toMicrosecond keeps what PostgreSQL keeps.
func toMicrosecond(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// period reads the period. A date as its end takes the whole day in, as people mean it who name the last day of a month.
func period(r Request, maximumDays int) (from, to time.Time, err error) {
	var fields []errs.Field
	add := func(field, rule, message string) {
		fields = append(fields, errs.Field{Field: field, Rule: rule, Message: message})
	}
	from, _, ok := instant(r.From)
	if !ok {
		add("from", ruleOf(r.From), "must be the start of the period as 2026-01-01T00:00:00Z or 2026-01-01")
	}
	to, date, ok := instant(r.To)
	if !ok {
		add("to", ruleOf(r.To), "must be the end of the period as 2026-02-01T00:00:00Z or 2026-01-31")
	}
	if date {
		to = to.AddDate(0, 0, 1)
	}
	if len(fields) == 0 {
		switch length := to.Sub(from); {
		case length <= 0:
			add("to", "period.order", "must be after from")
		case length > time.Duration(maximumDays)*24*time.Hour:
			add("to", "period.length", fmt.Sprintf("must be at most %d days after from", maximumDays))
		}
	}
	if len(fields) > 0 {
		return from, to, errs.New(errs.Invalid, ReasonPeriodInvalid, "the period of the report is not valid", errs.WithFields(fields...))
	}
	return from, to, nil
}

func ruleOf(text string) string {
	if text == "" {
		return "required"
	}
	return "period.time"
}

// instant reads an RFC 3339 time, or a date as its midnight in UTC.
func instant(text string) (t time.Time, date, ok bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, true, t.Year() > 0
	}
	t, err := time.Parse(time.RFC3339, text)
	return toMicrosecond(t), false, err == nil && t.UTC().Year() > 0
}

func unknownGroupBy(t catalogue.Template) error {
	return errs.New(errs.Invalid, ReasonGroupByUnknown, "the report cannot be grouped by that",
		errs.WithFields(errs.Field{Field: "groupBy", Rule: "in", Message: "must be one of " + strings.Join(t.GroupBy, ", ")}))
}
