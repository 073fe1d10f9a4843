package schedule

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// randomPlan has windows that overlap, also past midnight, and dates that differ, in a zone whose clocks change.
func randomPlan(t *testing.T, r *rand.Rand) Plan {
	t.Helper()
	zones := []string{"America/New_York", "America/Santiago", "Australia/Lord_Howe", "Pacific/Honolulu", "Asia/Beirut", "Africa/Casablanca"}
	p := plan(t, zones[r.IntN(len(zones))], map[time.Weekday][]Hours{})
	p.Length = time.Duration(5+5*r.IntN(48)) * time.Minute
	hours := func() (out []Hours) {
		for range r.IntN(4) {
			out = append(out, Hours{r.IntN(96) * 15, r.IntN(97) * 15})
		}
		return out
	}
	for day := range time.Weekday(7) {
		p.Weekly[day] = hours()
	}
	for range 3 {
		p.Overrides[time.Date(2026, 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)] = hours()
	}
	return p
}

// TestWhatIsListedCanBeBooked: from wherever one looks at a plan, it has the same slots, none of which overlap, and each is found by
// its start. What a patient was shown would be refused otherwise.
func TestWhatIsListedCanBeBooked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for round := range 200 {
		p := randomPlan(t, r)
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, p.Zone).Add(time.Duration(r.IntN(350*24*60)) * time.Minute)
		all := p.Slots(from, from.AddDate(0, 0, 10))
		for i, s := range all {
			if i > 0 && s.Start.Before(all[i-1].End) {
				t.Fatalf("round %d: %v overlaps %v", round, s, all[i-1])
			}
			if got, ok := p.At(s.Start); !ok || got != s {
				t.Fatalf("round %d: listed from %s is %v, but that slot alone is %v %v", round, from, s, got, ok)
			}
		}
		later := from.Add(time.Duration(r.IntN(8*24*60)) * time.Minute)
		rest := p.Slots(later, from.AddDate(0, 0, 10))
		if want := slices.DeleteFunc(slices.Clone(all), func(s Slot) bool { return s.Start.Before(later) }); !slices.Equal(rest, want) {
			t.Fatalf("round %d: %d slots when looked at from %s, %d from %s on", round, len(rest), later, len(want), from)
		}
		compared += len(rest)
	}
	if compared < 3000 {
		t.Errorf("only %d slots were compared", compared)
	}
}
