package leaf

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// timeFormat has microseconds always, as PostgreSQL keeps them: a leaf can be made again from its row.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// Encode returns the leaf's bytes. Keys stand in the order that RFC 8785 asks for; all values are strings but v, the
// version of the encoding.
func Encode(r Record) []byte {
	b := make([]byte, 0, 768)
	b = append(b, '{')
	b = field(b, "action", r.Action)
	b = field(b, "actor", r.Actor)
	b = field(b, "actorKind", r.ActorKind)
	b = field(b, "agencyId", strconv.FormatInt(r.AgencyID, 10))
	b = field(b, "detailSha256", DetailHash(r.Detail, r.Salt))
	b = field(b, "eventId", r.EventID.String())
	b = field(b, "executedBy", r.ExecutedBy)
	b = field(b, "logTime", r.LogTime.UTC().Format(timeFormat))
	b = field(b, "occurredTime", r.OccurredTime.UTC().Format(timeFormat))
	b = field(b, "outcome", r.Outcome.String())
	b = field(b, "policyVersionId", r.PolicyVersionID)
	b = field(b, "reason", r.Reason)
	b = field(b, "requestId", r.RequestID)
	b = field(b, "resource", r.Resource)
	b = field(b, "role", r.Role)
	b = field(b, "service", r.Service)
	b = field(b, "stream", r.Stream.String())
	return append(b, `"v":1}`...)
}

// DetailHash is the hex of SHA-256 over salt and detail, "" without detail.
func DetailHash(detail, salt []byte) string {
	if len(detail) == 0 {
		return ""
	}
	h := sha256.New()
	h.Write(salt)
	h.Write(detail)
	return hex.EncodeToString(h.Sum(nil))
}

// EncodeDetail returns canonical JSON, nil when there is nothing in it.
func EncodeDetail(d Detail) []byte {
	if d.AccessReason == "" && len(d.Changes) == 0 {
		return nil
	}
	b := append([]byte(nil), '{')
	b = field(b, "accessReason", d.AccessReason)
	b = append(b, `"changes":[`...)
	for i, c := range d.Changes {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = field(b, "after", c.After)
		b = field(b, "before", c.Before)
		b = field(b, "field", c.Field)
		b[len(b)-1] = '}'
	}
	return append(b, `]}`...)
}

// field appends a member and the comma after it.
func field(b []byte, key, value string) []byte {
	b = append(b, '"')
	b = append(b, key...)
	b = append(b, `":"`...)
	b = escape(b, value)
	return append(b, `",`...)
}

const hexDigits = "0123456789abcdef"

// escape appends a string as RFC 8785 (section 3.2.2.2) writes it: it escapes what it must and nothing else. NUL, which
// PostgreSQL cannot store, and bytes that are not UTF-8 become U+FFFD, as Clean makes them in the row.
func escape(b []byte, s string) []byte {
	plain := 0 // s[plain:i] needs no change
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[plain:i]...)
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n - 1
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == 0:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = control(b, c)
		}
		i++
		plain = i
	}
	return append(b, s[plain:]...)
}

func control(b []byte, c byte) []byte {
	switch c {
	case '\b':
		return append(b, `\b`...)
	case '\t':
		return append(b, `\t`...)
	case '\n':
		return append(b, `\n`...)
	case '\f':
		return append(b, `\f`...)
	case '\r':
		return append(b, `\r`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
