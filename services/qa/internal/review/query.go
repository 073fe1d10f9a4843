package review

import (
	"time"

	"github.com/google/uuid"
)

// Query says which cases to list; zero values do not restrict.
type Query struct {
	ChartID     uuid.UUID
	State       State
	Priority    Priority
	TriggerCode string
	// After is the last case of the page before.
	After *Position
}

// Position is where a case stands in the list, newest first.
type Position struct {
	CreateTime time.Time
	ID         uuid.UUID
}
