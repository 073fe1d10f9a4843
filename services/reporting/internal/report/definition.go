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

// Request is what a caller asks for.
type Request struct {
	Template string
	From, To time.Time
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
	r.From, r.To = toMicrosecond(r.From), toMicrosecond(r.To)
	if err := checkPeriod(r, c.MaximumPeriodDays); err != nil {
		return Definition{}, err
	}
	d := Definition{
		CatalogueVersion: c.Version, Template: t.ID, Metric: m.ID, MaximumSeconds: m.MaximumSeconds,
		PercentileMethod: m.PercentileMethod, Percentiles: []float64{0.5, 0.9}, Agency: allAgencies, GroupBy: catalogue.AcrossAgencies,
		from: r.From, to: r.To,
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

func checkPeriod(r Request, maximumDays int) error {
	var fields []errs.Field
	add := func(field, rule, message string) {
		fields = append(fields, errs.Field{Field: field, Rule: rule, Message: message})
	}
	if r.From.IsZero() {
		add("from", "required", "give the start of the period, e.g. 2026-01-01T00:00:00Z")
	}
	if r.To.IsZero() {
		add("to", "required", "give the end of the period, e.g. 2026-02-01T00:00:00Z")
	}
	if len(fields) == 0 {
		switch length := r.To.Sub(r.From); {
		case length <= 0:
			add("to", "period.order", "must be after from")
		case length > time.Duration(maximumDays)*24*time.Hour:
			add("to", "period.length", fmt.Sprintf("must be at most %d days after from", maximumDays))
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return errs.New(errs.Invalid, ReasonPeriodInvalid, "the period of the report is not valid", errs.WithFields(fields...))
}

func unknownGroupBy(t catalogue.Template) error {
	return errs.New(errs.Invalid, ReasonGroupByUnknown, "the report cannot be grouped by that",
		errs.WithFields(errs.Field{Field: "groupBy", Rule: "in", Message: "must be one of " + strings.Join(t.GroupBy, ", ")}))
}
