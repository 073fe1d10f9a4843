package review

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Order of a list of cases.
type Order string

// Orders: newest first, oldest first, and that of the queue: the highest priority first and in it the oldest first.
const (
	Newest Order = ""
	Oldest Order = "createTime"
	Urgent Order = "priority desc"
)

// Query says which cases to list; zero values do not restrict.
type Query struct {
	ChartID     uuid.UUID
	State       State
	Priority    Priority
	TriggerCode string
	Order       Order
	// After is the last case of the page before.
	After *Position
}

// Position is where a case stands in a list, in each of its orders.
type Position struct {
	Urgency    int16
	CreateTime time.Time
	ID         uuid.UUID
}

// PositionOf is where the case stands.
func PositionOf(c Case) *Position {
	return &Position{Urgency: c.Priority.Urgency(), CreateTime: c.CreateTime, ID: c.ID}
}

// Urgency is the place of the priority in the queue: what is reviewed first has 1. The database computes the same.
func (p Priority) Urgency() int16 {
	switch p {
	case High:
		return 1
	case Medium:
		return 2
	default:
		return 3
	}
}

// PriorityOf is the priority that has the urgency.
func PriorityOf(urgency int16) Priority {
	switch urgency {
	case 1:
		return High
	case 2:
		return Medium
	default:
		return Low
	}
}

// Page puts cases that were read without order into the order of q, and cuts out at most limit of them after its position.
func (q Query) Page(list []Case, limit int) []Case {
	list = slices.DeleteFunc(slices.Clone(list), func(c Case) bool {
		return q.After != nil && q.Order.compare(*PositionOf(c), *q.After) <= 0
	})
	slices.SortFunc(list, func(a, b Case) int { return q.Order.compare(*PositionOf(a), *PositionOf(b)) })
	return list[:min(limit, len(list))]
}

func (o Order) compare(a, b Position) int {
	byTime := cmp.Or(a.CreateTime.Compare(b.CreateTime), bytes.Compare(a.ID[:], b.ID[:]))
	switch o {
	case Newest:
		return -byTime
	case Urgent:
		return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), byTime)
	case Oldest:
	}
	return byTime
}
