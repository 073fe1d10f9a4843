package review

import (
	"time"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// SummaryTriggers is the number of rules that a summary counts, the most frequent ones.
const SummaryTriggers = 20

// Summary counts the cases that are not closed.
type Summary struct {
	Counts   []Count
	Triggers []TriggerCount
}

// Count is the number of cases of one state and priority.
type Count struct {
	State    State
	Priority Priority
	Cases    int32
	Oldest   time.Time
}

// TriggerCount is the number of pending cases on which a rule fires.
type TriggerCount struct {
	Code  trigger.Code
	Cases int32
}
