package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/fault"
)

// span is a window in minutes after the beginning of its week or date.
type span struct{ start, end int }

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
)

func spanOf(day, start, end int32) span {
	s := span{int(day)*dayMinutes + int(start), int(day)*dayMinutes + int(end)}
	if end <= start {
		s.end += dayMinutes
	}
	return s
}

// apart refuses windows that overlap: one of them would have no slots there, and whoever keeps the hours would wonder why. A week
// goes round: with cycle, what reaches past its end meets its beginning.
func apart(field string, spans []span, cycle int) error {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	for i, s := range spans {
		next := spans[(i+1)%len(spans)]
		if i+1 == len(spans) {
			next.start += cycle
		}
		if (i+1 < len(spans) || cycle > 0) && s.end > next.start {
			return fault.Invalid(field, "overlap", fmt.Sprintf("The windows that begin %s and %s overlap. Send one window instead, or let the first end when the other begins.",
				wallClock(s.start, cycle), wallClock(next.start, cycle)))
		}
	}
	return nil
}

func wallClock(minute, cycle int) string {
	at := fmt.Sprintf("at %02d:%02d", minute%dayMinutes/60, minute%60)
	if cycle == 0 {
		return at
	}
	return time.Weekday(minute/dayMinutes%7).String() + " " + at
}
