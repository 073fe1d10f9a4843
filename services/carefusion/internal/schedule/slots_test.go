package schedule

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func plan(t *testing.T, zone string, weekly map[time.Weekday][]Hours) Plan {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return Plan{Zone: loc, Length: 30 * time.Minute, Weekly: weekly, Overrides: map[string][]Hours{}}
}

func count(t *testing.T, p Plan, year int, month time.Month, day int) []Slot {
	t.Helper()
	from := time.Date(year, month, day, 0, 0, 0, 0, p.Zone)
	slots := p.Slots(from, time.Date(year, month, day+1, 0, 0, 0, 0, p.Zone))
	for i, s := range slots {
		if s.End.Sub(s.Start) != p.Length {
			t.Errorf("slot %d is %s long", i, s.End.Sub(s.Start))
		}
		if got, ok := p.At(s.Start); !ok || got != s {
			t.Errorf("At(%s) = %v %v", s.Start, got, ok)
		}
	}
	return slots
}

func TestSlotsOfAnOrdinaryDay(t *testing.T) {
	p := plan(t, "America/Denver", map[time.Weekday][]Hours{time.Monday: {{9 * 60, 12 * 60}, {11 * 60, 13 * 60}}})
	if got := count(t, p, 2026, 6, 1); len(got) != 8 {
		t.Errorf("9 to 13 with overlapping windows: %d slots, want 8", len(got))
	}
	if got := count(t, p, 2026, 6, 2); len(got) != 0 {
		t.Errorf("a Tuesday without hours has %d slots", len(got))
	}
	if _, ok := p.At(time.Date(2026, 6, 1, 9, 10, 0, 0, p.Zone)); ok {
		t.Error("ten past nine is no slot")
	}
}

func TestSlotsWhenClocksChange(t *testing.T) {
	p := plan(t, "America/New_York", map[time.Weekday][]Hours{time.Sunday: {{60, 4 * 60}}})
	for _, c := range []struct {
		month time.Month
		day   int
		want  int
	}{{3, 1, 6}, {3, 8, 4}, {11, 1, 8}, {11, 8, 6}} {
		if got := count(t, p, 2026, c.month, c.day); len(got) != c.want {
			t.Errorf("2026-%02d-%02d, 1 to 4 on the wall clock: %d slots, want %d", c.month, c.day, len(got), c.want)
		}
	}
}

func TestSlotsPastMidnight(t *testing.T) {
	p := plan(t, "America/Chicago", map[time.Weekday][]Hours{time.Saturday: {{23 * 60, 60}}})
	saturday, sunday := count(t, p, 2026, 6, 6), count(t, p, 2026, 6, 7)
	if len(saturday) != 2 || len(sunday) != 2 {
		t.Fatalf("23 to 1: %d and %d slots, want 2 and 2", len(saturday), len(sunday))
	}
	if end := saturday[1].End.In(p.Zone); end.Day() != 7 || end.Hour() != 0 {
		t.Errorf("the slot at 23:30 ends at %s", end)
	}
}

func TestOverridesReplaceADate(t *testing.T) {
	p := plan(t, "America/Denver", map[time.Weekday][]Hours{time.Monday: {{9 * 60, 12 * 60}}})
	p.Overrides["2026-06-01"] = nil
	p.Overrides["2026-06-08"] = []Hours{{18 * 60, 19 * 60}}
	if got := count(t, p, 2026, 6, 1); len(got) != 0 {
		t.Errorf("a closed day has %d slots", len(got))
	}
	if got := count(t, p, 2026, 6, 8); len(got) != 2 || got[0].Start.In(p.Zone).Hour() != 18 {
		t.Errorf("the day with other hours: %v", got)
	}
	if got := count(t, p, 2026, 6, 15); len(got) != 6 {
		t.Errorf("another Monday: %d slots, want 6", len(got))
	}
}
