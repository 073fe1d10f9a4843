package nemsis

import (
	"fmt"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// limits is the range of a type, read once. Which pair of bounds is set depends
// on the base of the type.
type limits struct {
	low, high             string
	lowNumber, highNumber number
	lowTime, highTime     time.Time
}

// readLimits reads the ranges of all types of the structure table.
func readLimits() ([]limits, error) {
	all := make([]limits, structure.Types())
	for i := range all {
		t := structure.TypeOf(structure.TypeID(i))
		l := &all[i]
		l.low, l.high = t.MinInclusive, t.MaxInclusive
		if t.Base == structure.PositiveInteger && l.low == "" {
			l.low = "1"
		}
		if !readBound(t.Base, l.low, &l.lowNumber, &l.lowTime) || !readBound(t.Base, l.high, &l.highNumber, &l.highTime) {
			return nil, fmt.Errorf("nemsis: the range of type %s cannot be read", t.Name)
		}
	}
	return all, nil
}

func readBound(base structure.Base, text string, n *number, t *time.Time) (ok bool) {
	if text == "" {
		return true
	}
	switch base {
	case structure.DateTime:
		*t, ok = parseDateTime(text)
	case structure.Date:
		*t, ok = parseDate(text)
	case structure.Integer, structure.PositiveInteger, structure.Decimal:
		*n, ok = parseNumber(text)
	}
	return ok
}
