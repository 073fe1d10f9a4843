package access

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// Outcomes of a request.
const (
	Success = "success"
	Denied  = "denied"
	Failure = "error"
)

// Record is one request. Endpoint is the template of the route and never the path: paths hold ids.
type Record struct {
	Time      time.Time
	Identity  string
	Role      string
	AgencyID  int64
	Endpoint  string
	Method    string
	Status    int
	Duration  time.Duration
	RequestID string
	// Reason of a refusal or failure.
	Reason string
	// Actor kind and granted scope; Crossing tells that the call worked across agencies.
	Actor    string
	Scope    string
	Crossing bool
	Address  string
	TraceID  string
	// RPC is the gRPC method.
	RPC string
}

// Outcome in one word.
func (r *Record) Outcome() string {
	switch {
	case r.Status < 400:
		return Success
	case r.Status == 401, r.Status == 403, r.Status == 429:
		return Denied
	default:
		return Failure
	}
}

// append encodes the record as a JSON line. It is written by hand because encoding is the larger part of the cost of a log
// line, and slog adds keys that the record must not have.
func (r *Record) append(b []byte) []byte {
	b = append(b, `{"timestamp":"`...)
	b = r.Time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, '"')
	b = str(b, "identity", r.Identity)
	b = str(b, "role", r.Role)
	b = append(b, `,"agency_id":`...)
	if r.AgencyID == 0 {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, r.AgencyID, 10)
	}
	b = str(b, "endpoint", r.Endpoint)
	b = str(b, "method", r.Method)
	b = str(b, "outcome", r.Outcome())
	b = append(b, `,"response_time_ms":`...)
	b = strconv.AppendFloat(b, float64(r.Duration.Microseconds())/1000, 'f', -1, 64)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = str(b, "request_id", r.RequestID)
	b = optional(b, "reason", r.Reason)
	b = optional(b, "actor", r.Actor)
	b = optional(b, "scope", r.Scope)
	b = optional(b, "rpc", r.RPC)
	if r.Crossing {
		b = append(b, `,"cross_agency":true`...)
	}
	b = optional(b, "address", r.Address)
	b = optional(b, "trace_id", r.TraceID)
	return append(b, '}', '\n')
}

func optional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return str(b, name, value)
}

func str(b []byte, name, value string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':', '"')
	b = escape(b, value)
	return append(b, '"')
}

const hex = "0123456789abcdef"

// escape writes the inside of a JSON string (RFC 8259). Identities come from outside.
func escape(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c < 0x20 || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
		}
	}
	return b
}
