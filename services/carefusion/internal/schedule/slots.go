package schedule

import (
	"slices"
	"time"
)

// Hours is one window of a day, in minutes after midnight on the wall clock. An end that is not after the start is on the next day.
type Hours struct{ Start, End int }

// Plan is the hours of one provider.
type Plan struct {
	Zone   *time.Location
	Length time.Duration
	Weekly map[time.Weekday][]Hours
	// Overrides replace the weekly hours of a date (YYYY-MM-DD); empty means closed.
	Overrides map[string][]Hours
}

// Slot is a span that can be booked.
type Slot struct{ Start, End time.Time }

// Slots lists the slots that begin in [from, until), in order.
func (p Plan) Slots(from, until time.Time) []Slot {
	var out []Slot
	first := from.In(p.Zone)
	// From the day before, whose last window may reach into the first day.
	for day := time.Date(first.Year(), first.Month(), first.Day()-1, 12, 0, 0, 0, p.Zone); ; day = day.AddDate(0, 0, 1) {
		if time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.Zone).After(until) {
			break
		}
		for _, h := range p.of(day) {
			out = append(out, p.cut(day, h)...)
		}
	}
	slices.SortFunc(out, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	var kept []Slot
	for _, s := range out {
		// Two windows that overlap do not make two slots of one time.
		if len(kept) > 0 && s.Start.Before(kept[len(kept)-1].End) {
			continue
		}
		kept = append(kept, s)
	}
	return slices.DeleteFunc(kept, func(s Slot) bool { return s.Start.Before(from) || !s.Start.Before(until) })
}

func (p Plan) of(day time.Time) []Hours {
	if o, ok := p.Overrides[day.Format(time.DateOnly)]; ok {
		return o
	}
	return p.Weekly[day.Weekday()]
}

func (p Plan) cut(day time.Time, h Hours) []Slot {
	at := func(minute int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, p.Zone)
	}
	start, end := at(h.Start), at(h.End)
	if h.End <= h.Start {
		end = at(h.End + 24*60)
	}
	var out []Slot
	for s := start; !s.Add(p.Length).After(end); s = s.Add(p.Length) {
		out = append(out, Slot{s.UTC(), s.Add(p.Length).UTC()})
	}
	return out
}

// At is the slot that begins at the instant.
func (p Plan) At(start time.Time) (Slot, bool) {
	for _, s := range p.Slots(start, start.Add(time.Nanosecond)) {
		return s, true
	}
	return Slot{}, false
}
