package claim

import (
	"time"

	"github.com/google/uuid"
)

// Record is a stored draft.
type Record struct {
	AgencyID     int64
	ID           uuid.UUID
	ChartID      uuid.UUID
	ChartVersion int32
	Draft        Draft
	Policy       PolicyVersion
	CreateTime   time.Time
	UpdateTime   time.Time
}

// PolicyVersion is what a draft was judged under.
type PolicyVersion struct {
	Key     string
	Version int32
	SHA256  string
}

// Name is the resource name of a claim.
func Name(id uuid.UUID) string { return "claims/" + id.String() }

// MissingCodes are the codes of what the draft misses.
func (d Draft) MissingCodes() []string {
	out := make([]string, 0, len(d.Missing))
	for _, m := range d.Missing {
		out = append(out, m.Code)
	}
	return out
}

// Order of a list of claims.
type Order string

// Orders: newest first, oldest first, and that of the worklist: the oldest date of service first, claims without one last.
const (
	Newest    Order = ""
	Oldest    Order = "createTime"
	ByService Order = "serviceDate"
)

// Filter of a list of claims; zero values do not filter.
type Filter struct {
	ChartID     uuid.UUID
	State       State
	MissingCode string
	Order       Order
}

// Position is where a claim stands in a list, in each of its orders.
type Position struct {
	ID          uuid.UUID
	ServiceDate string // YYYY-MM-DD, empty when unknown
}

// PositionOf is where the claim stands.
func PositionOf(r Record) *Position { return &Position{ID: r.ID, ServiceDate: r.Draft.ServiceDate} }

// Summary counts claims.
type Summary struct {
	States  []Count
	Missing []Count
	Levels  []Count
	NoBills []Count
}

// Count is the number of claims that have something in common: a state, a missing item, a code.
type Count struct {
	Code   string
	Claims int32
	// OldestServiceDate is YYYY-MM-DD, empty when no claim has a date or dates are not counted.
	OldestServiceDate string
}
