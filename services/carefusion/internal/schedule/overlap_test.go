package schedule

import (
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/carefusion/internal/fault"
)

func TestWindowsThatOverlapAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		cycle int
		spans []span
		says  string
	}{
		"none":                      {weekMinutes, nil, ""},
		"side by side":              {weekMinutes, []span{spanOf(1, 600, 720), spanOf(1, 540, 600)}, ""},
		"around the clock":          {weekMinutes, []span{spanOf(0, 0, 1440), spanOf(1, 0, 1440), spanOf(6, 0, 1440)}, ""},
		"one of a whole week's end": {weekMinutes, []span{spanOf(6, 1200, 60)}, ""},
		"on one day":                {weekMinutes, []span{spanOf(1, 540, 720), spanOf(1, 660, 780)}, "Monday at 09:00 and Monday at 11:00"},
		"the same twice":            {weekMinutes, []span{spanOf(2, 540, 720), spanOf(2, 540, 720)}, "Tuesday at 09:00 and Tuesday at 09:00"},
		"past midnight":             {weekMinutes, []span{spanOf(1, 1380, 120), spanOf(2, 60, 180)}, "Monday at 23:00 and Tuesday at 01:00"},
		"past the end of the week":  {weekMinutes, []span{spanOf(6, 1380, 120), spanOf(0, 60, 180)}, "Saturday at 23:00 and Sunday at 01:00"},
		"a date, past midnight":     {0, []span{spanOf(0, 1380, 120), spanOf(0, 60, 180)}, ""},
		"a date":                    {0, []span{spanOf(0, 1380, 120), spanOf(0, 1400, 1430)}, "at 23:00 and at 23:20"},
	} {
		err := apart("weekly", c.spans, c.cycle)
		if (c.says == "") != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			continue
		}
		var told string
		if e, ok := err.(*fault.Error); ok && len(e.Fields) == 1 {
			told = e.Fields[0].Message
		}
		if !strings.Contains(told, c.says+" overlap") {
			t.Errorf("%s: %q does not say %q", name, told, c.says)
		}
	}
}
