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

// Filter of a list of claims; zero values do not filter.
type Filter struct {
	ChartID     uuid.UUID
	State       State
	MissingCode string
}
