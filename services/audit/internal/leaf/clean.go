package leaf

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Clean makes a record storable, so that no odd byte in it can keep evidence out of the log: text loses NUL and broken
// UTF-8, times what PostgreSQL does not keep.
func (r Record) Clean() Record {
	for _, s := range []*string{
		&r.Service, &r.Action, &r.Resource, &r.Reason, &r.Actor, &r.ActorKind, &r.Role, &r.ExecutedBy,
		&r.PolicyVersionID, &r.RequestID,
	} {
		*s = cleanText(*s)
	}
	r.OccurredTime = r.OccurredTime.UTC().Truncate(time.Microsecond)
	r.LogTime = r.LogTime.UTC().Truncate(time.Microsecond)
	return r
}

func cleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return utf8.RuneError
		}
		return r // a broken byte arrives as U+FFFD
	}, s)
}
