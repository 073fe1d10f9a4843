package edge

import (
	"strconv"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := newLimiter(2, func() time.Time { return now })
	passed := 0
	for range 100 {
		if l.allow("a") {
			passed++
		}
	}
	if passed != 5 || !l.allow("b") {
		t.Errorf("%d passed at once, want the burst of 5, and another caller untouched", passed)
	}
	now = now.Add(time.Second)
	for i, want := range []bool{true, true, false} {
		if l.allow("a") != want {
			t.Errorf("a second later, call %d: want %v", i, want)
		}
	}
	for i := range 2 * most {
		l.allow(strconv.Itoa(i))
	}
	if len(l.buckets) > most {
		t.Errorf("%d callers are remembered", len(l.buckets))
	}
}
