package catalogue

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed catalogue.json
var document []byte

// Catalogue is one version of all metrics and templates.
type Catalogue struct {
	Version           string `json:"version"`
	MaximumPeriodDays int    `json:"maximumPeriodDays"`
	// Percentiles are those of every row; a report knows how to name 0.1, 0.25, 0.5, 0.75 and 0.9.
	Percentiles []float64  `json:"percentiles"`
	Metrics     []Metric   `json:"metrics"`
	Templates   []Template `json:"templates"`
}

// Metric is an interval between two elements of a chart.
type Metric struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	From        string `json:"from"`
	To          string `json:"to"`
	Unit        string `json:"unit"`
	// MaximumSeconds is the longest interval that is believed.
	MaximumSeconds   int32  `json:"maximumSeconds"`
	PercentileMethod string `json:"percentileMethod"`
	// Excludes are the kinds of calls that do not have the interval, whatever their times say.
	Excludes []string `json:"excludes"`
}

// Kinds of calls that a metric may exclude.
const (
	CancelledBeforeArrival = "CANCELLED_BEFORE_ARRIVAL"
	NotTransported         = "NOT_TRANSPORTED"
)

var percentiles = []float64{0.1, 0.25, 0.5, 0.75, 0.9}

// Template is a ready-made report on a metric.
type Template struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Metric      string `json:"metric"`
	Description string `json:"description"`
	// GroupBy are the groupings it offers in one agency; the first is taken when none is asked for.
	GroupBy []string `json:"groupBy"`
}

// AcrossAgencies is the one grouping of a report over all agencies.
const AcrossAgencies = "agency"

// Load reads the catalogue of this build. answered are the metrics that the store has a query for, with the groupings of
// each: a catalogue that promises more does not load.
func Load(answered map[string][]string) (*Catalogue, error) { return parse(document, answered) }

func parse(b []byte, answered map[string][]string) (*Catalogue, error) {
	c := new(Catalogue)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	slices.SortFunc(c.Templates, func(a, b Template) int { return strings.Compare(a.ID, b.ID) })
	if err := c.check(answered); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return c, nil
}

func (c *Catalogue) check(answered map[string][]string) error {
	var problems []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	require(c.Version != "" && c.MaximumPeriodDays > 0, "version and maximumPeriodDays are required")
	require(slices.Equal(c.Percentiles, percentiles), "percentiles must be %v: rows have a field for each", percentiles)
	for _, m := range c.Metrics {
		_, known := answered[m.ID]
		require(known, "metric %s: nothing computes it", m.ID)
		require(m.MaximumSeconds > 0 && m.From != "" && m.To != "" && m.PercentileMethod != "", "metric %s lacks from, to, maximumSeconds or percentileMethod", m.ID)
		require(m.Excludes != nil, "metric %s does not say what it excludes", m.ID)
		for _, e := range m.Excludes {
			require(e == CancelledBeforeArrival || e == NotTransported, "metric %s: %s is no kind of call", m.ID, e)
		}
	}
	seen := map[string]bool{}
	for _, t := range c.Templates {
		require(t.ID != "" && !seen[t.ID], "template %q: ids are required and unique", t.ID)
		seen[t.ID] = true
		_, ok := c.metric(t.Metric)
		require(ok, "template %s: metric %s is not in the catalogue", t.ID, t.Metric)
		require(len(t.GroupBy) > 0, "template %s offers no grouping", t.ID)
		for _, g := range t.GroupBy {
			require(slices.Contains(answered[t.Metric], g), "template %s: %s cannot be grouped by %s", t.ID, t.Metric, g)
		}
	}
	return errors.Join(problems...)
}

func (c *Catalogue) metric(id string) (Metric, bool) {
	for _, m := range c.Metrics {
		if m.ID == id {
			return m, true
		}
	}
	return Metric{}, false
}

// Template returns a template and its metric.
func (c *Catalogue) Template(id string) (Template, Metric, bool) {
	for _, t := range c.Templates {
		if t.ID == id {
			m, _ := c.metric(t.Metric)
			return t, m, true
		}
	}
	return Template{}, Metric{}, false
}
