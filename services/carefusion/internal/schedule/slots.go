package schedule

import (
	"cmp"
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

// Slots lists the slots that begin in [from, until), in order. Whether there is a slot follows from the windows alone and not from
// where one begins to look: of windows that overlap the one that began first keeps its slots, and another has none in that span.
func (p Plan) Slots(from, until time.Time) []Slot {
	var windows [][]Slot
	first := from.In(p.Zone)
	// From two days before: a window may reach into the next day, and be cut there by one that reaches into its own.
	for day := time.Date(first.Year(), first.Month(), first.Day()-2, 12, 0, 0, 0, p.Zone); ; day = day.AddDate(0, 0, 1) {
		if time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.Zone).After(until) {
			break
		}
		for _, h := range p.of(day) {
			if w := p.cut(day, h); len(w) > 0 {
				windows = append(windows, w)
			}
		}
	}
	slices.SortStableFunc(windows, func(a, b []Slot) int {
		return cmp.Or(a[0].Start.Compare(b[0].Start), b[len(b)-1].End.Compare(a[len(a)-1].End))
	})
	var out []Slot
	var covered time.Time
	for _, w := range windows {
		for _, s := range w {
			if !s.Start.Before(covered) && !s.Start.Before(from) && s.Start.Before(until) {
				out = append(out, s)
			}
		}
		if end := w[len(w)-1].End; end.After(covered) {
			covered = end
		}
	}
	return out
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
