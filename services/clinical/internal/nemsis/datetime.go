package nemsis

import (
	"strconv"
	"strings"
	"time"
)

// ParseDateTime reads a dateTime value of an accepted document.
func ParseDateTime(s string) (time.Time, bool) { return parseDateTime(s) }

// parseDateTime reads an XML Schema dateTime. Unlike the layouts of package
// time it knows 24:00:00, the end of the day.
func parseDateTime(s string) (time.Time, bool) {
	date, clock, ok := strings.Cut(s, "T")
	if !ok || len(clock) < 8 {
		return time.Time{}, false
	}
	y, m, d, ok := calendar(date)
	if !ok || clock[2] != ':' || clock[5] != ':' {
		return time.Time{}, false
	}
	hour, ok1 := twoDigits(clock[0:2])
	minute, ok2 := twoDigits(clock[3:5])
	sec, ok3 := twoDigits(clock[6:8])
	if !ok1 || !ok2 || !ok3 || minute > 59 || sec > 59 {
		return time.Time{}, false
	}
	nanos, rest, ok := fraction(clock[8:])
	if !ok || hour > 24 || hour == 24 && (minute > 0 || sec > 0 || nanos > 0) {
		return time.Time{}, false
	}
	loc, ok := zone(rest)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), d, hour, minute, sec, nanos, loc), true
}

// parseDate reads an XML Schema date.
func parseDate(s string) (time.Time, bool) {
	if len(s) < 10 {
		return time.Time{}, false
	}
	y, m, d, ok := calendar(s[:10])
	if !ok {
		return time.Time{}, false
	}
	loc, ok := zone(s[10:])
	if !ok {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, loc), true
}

// calendar reads yyyy-mm-dd. Years of more than four digits and before the
// common era are outside every range of NEMSIS and not read.
func calendar(s string) (y, m, d int, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' || !isDigits(s[:4]) {
		return 0, 0, 0, false
	}
	y, _ = strconv.Atoi(s[:4])
	m, ok1 := twoDigits(s[5:7])
	d, ok2 := twoDigits(s[8:10])
	if !ok1 || !ok2 || y == 0 || m < 1 || m > 12 || d < 1 {
		return 0, 0, 0, false
	}
	// Day zero of the next month is the last day of this one.
	if d > time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return 0, 0, 0, false
	}
	return y, m, d, true
}

func twoDigits(s string) (int, bool) {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

// fraction reads ".123" at the start of s; digits beyond nanoseconds are dropped.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i := 1
	for scale := 100_000_000; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		nanos += int(s[i]-'0') * scale
		scale /= 10
	}
	return nanos, s[i:], i > 1
}

// zone reads "", "Z" or an offset of at most 14 hours.
func zone(s string) (*time.Location, bool) {
	if s == "" || s == "Z" {
		return time.UTC, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return nil, false
	}
	h, ok1 := twoDigits(s[1:3])
	m, ok2 := twoDigits(s[4:6])
	if !ok1 || !ok2 || m > 59 || h > 14 || h == 14 && m > 0 {
		return nil, false
	}
	seconds := h*3600 + m*60
	if s[0] == '-' {
		seconds = -seconds
	}
	if seconds == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", seconds), true
}
