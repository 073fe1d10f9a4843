package session

import (
	"strconv"
	"time"
)

// Tokens are what the issuer gave for a sign-in.
type Tokens struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

// state of an entry: what is over leaves a word behind until its time, so that the browser can be told.
type state string

const (
	live    state = ""
	ended   state = "ended"
	idle    state = "idle"
	expired state = "expired"
)

// entry is a session as Redis holds it, but for its tokens.
type entry struct {
	proof   string
	state   state
	subject string
	role    string
	agency  int64
	device  string
	address string
	created time.Time
	seen    time.Time
	auth    time.Time
	expires time.Time
	// tokenEnds is when the access token ends, version counts its replacements.
	tokenEnds time.Time
	version   int64
}

// Names of the fields of the hash.
const (
	fieldProof     = "proof"
	fieldState     = "state"
	fieldSubject   = "subject"
	fieldRole      = "role"
	fieldAgency    = "agency"
	fieldDevice    = "device"
	fieldAddress   = "address"
	fieldCreated   = "created"
	fieldSeen      = "seen"
	fieldAuth      = "auth"
	fieldExpires   = "expires"
	fieldTokenEnds = "token_ends"
	fieldVersion   = "version"
)

func (e *entry) fields() map[string]string {
	return map[string]string{
		fieldProof: e.proof, fieldSubject: e.subject, fieldRole: e.role, fieldAgency: strconv.FormatInt(e.agency, 10),
		fieldDevice: e.device, fieldAddress: e.address, fieldCreated: millis(e.created), fieldSeen: millis(e.seen),
		fieldAuth: millis(e.auth), fieldExpires: millis(e.expires), fieldTokenEnds: millis(e.tokenEnds),
		fieldVersion: strconv.FormatInt(e.version, 10),
	}
}

// parseEntry reads a hash; false when there is none.
func parseEntry(f map[string]string) (*entry, bool) {
	if f[fieldProof] == "" {
		return nil, false
	}
	return &entry{
		proof: f[fieldProof], state: state(f[fieldState]), subject: f[fieldSubject], role: f[fieldRole], agency: number(f[fieldAgency]),
		device: f[fieldDevice], address: f[fieldAddress], created: moment(f[fieldCreated]), seen: moment(f[fieldSeen]),
		auth: moment(f[fieldAuth]), expires: moment(f[fieldExpires]), tokenEnds: moment(f[fieldTokenEnds]), version: number(f[fieldVersion]),
	}, true
}

func millis(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// number of a field that only this package writes; what is not one is 0, which is a time long past.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func moment(s string) time.Time {
	n := number(s)
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
