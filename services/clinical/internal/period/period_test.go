package period_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/period"
)

// noon is 03:00 of the day before in Honolulu, and already tomorrow in Auckland.
var noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		from, to, zone string
		days           int
		first, end     string
	}{
		"nothing said":      {"", "", "", 30, "2026-02-07T00:00:00Z", "2026-03-09T00:00:00Z"},
		"one day":           {"2026-03-08", "2026-03-08", "", 1, "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z"},
		"clocks change":     {"2026-03-08", "2026-03-08", "America/Chicago", 1, "2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z"},
		"today elsewhere":   {"", "", "Pacific/Auckland", 30, "2026-02-07T11:00:00Z", "2026-03-09T11:00:00Z"},
		"leap year":         {"2024-01-01", "2024-12-31", "", 366, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"},
		"the longest":       {"2025-01-01", "2026-01-02", "", 367, "2025-01-01T00:00:00Z", "2026-01-03T00:00:00Z"},
		"before a last day": {"", "2026-01-30", "", 30, "2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z"},
	} {
		p, err := period.Parse(c.from, c.to, c.zone, noon)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if first, end := p.From().UTC().Format(time.RFC3339), p.To().UTC().Format(time.RFC3339); p.Days() != c.days || first != c.first || end != c.end {
			t.Errorf("%s: %d days from %s to %s, want %d from %s to %s", name, p.Days(), first, end, c.days, c.first, c.end)
		}
		for i := range p.Days() {
			if h := p.Bounds[i+1].Sub(p.Bounds[i]).Hours(); h < 23 || h > 25 {
				t.Errorf("%s: day %d has %v hours", name, i, h)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ from, to, zone, reason, field, rule string }{
		"order":        {"2026-03-02", "2026-03-01", "", period.ReasonInvalid, "from_date", "period.order"},
		"from after":   {"2026-03-09", "", "", period.ReasonInvalid, "from_date", "period.order"},
		"too long":     {"2025-01-01", "2026-01-03", "", period.ReasonInvalid, "from_date", "period.length"},
		"no such day":  {"2026-02-30", "", "", period.ReasonInvalid, "from_date", "date"},
		"no such end":  {"", "2026-13-01", "", period.ReasonInvalid, "to_date", "date"},
		"no such zone": {"", "", "America/Gotham", period.ReasonZone, "time_zone", "iana.zone"},
		"the host's":   {"", "", "Local", period.ReasonZone, "time_zone", "iana.zone"},
	} {
		_, err := period.Parse(c.from, c.to, c.zone, noon)
		e, ok := errs.As(err)
		if !ok || e.Kind != errs.Invalid || e.Reason != c.reason || len(e.Fields) != 1 || e.Fields[0].Field != c.field || e.Fields[0].Rule != c.rule || e.Fields[0].Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
