package leaf

import (
	"time"

	"github.com/google/uuid"
)

// Record is an audit entry as the log takes it in.
type Record struct {
	EventID         uuid.UUID
	AgencyID        int64 // 0: the platform itself
	Stream          Stream
	Outcome         Outcome
	OccurredTime    time.Time
	LogTime         time.Time
	Service         string
	Action          string
	Resource        string
	Reason          string
	Actor           string
	ActorKind       string
	Role            string
	ExecutedBy      string
	PolicyVersionID string
	RequestID       string
	// Detail is canonical JSON of what may be purged, Salt what its hash is salted with; both empty when there is none.
	Detail []byte
	Salt   []byte
}

// Stream keeps AI actions apart from those of people and of services.
type Stream int16

// Streams.
const (
	Human Stream = iota + 1
	AI
	System
)

// String is the name in the leaf.
func (s Stream) String() string {
	switch s {
	case Human:
		return "human"
	case AI:
		return "ai"
	case System:
		return "system"
	}
	return ""
}

// Outcome of an action.
type Outcome int16

// Outcomes.
const (
	Success Outcome = iota + 1
	Denied
	Failed
)

// String is the name in the leaf.
func (o Outcome) String() string {
	switch o {
	case Success:
		return "success"
	case Denied:
		return "denied"
	case Failed:
		return "error"
	}
	return ""
}

// Detail is what the leaf holds as a salted hash only.
type Detail struct {
	// AccessReason is what a founder gave for crossing agencies.
	AccessReason string
	Changes      []Change
}

// Change is one changed field.
type Change struct{ Field, Before, After string }
