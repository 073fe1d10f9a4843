package contract

import (
	"strconv"
	"time"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
)

// nemsisTime writes the offset as +00:00, never as Z, as the NEMSIS dateTime type demands.
const nemsisTime = "2006-01-02T15:04:05.999999999-07:00"

func fact[T any](f chart.Fact[T], text func(T) string) *clinicalv1.Fact {
	out := &clinicalv1.Fact{}
	switch f.State {
	case chart.Valued:
		out.State, out.Value = clinicalv1.Fact_STATE_VALUE, text(f.Value)
	case chart.NotValue:
		out.State, out.ReasonCode = clinicalv1.Fact_STATE_NOT_VALUE, f.Code
		if f.Code == "" { // nil without a reason says nothing
			out.State = clinicalv1.Fact_STATE_ABSENT
		}
	case chart.PertinentNegative:
		out.State, out.ReasonCode = clinicalv1.Fact_STATE_PERTINENT_NEGATIVE, f.Code
		if f.HasValue {
			out.Value = text(f.Value)
		}
	default:
		out.State = clinicalv1.Fact_STATE_ABSENT
	}
	return out
}

func code(c chart.Code) *clinicalv1.Fact { return fact(c, func(s string) string { return s }) }

func when(t chart.Time) *clinicalv1.Fact {
	return fact(t, func(t time.Time) string { return t.Format(nemsisTime) })
}

func whole(f chart.Fact[int]) *clinicalv1.Fact { return fact(f, strconv.Itoa) }

func real(f chart.Fact[float64]) *clinicalv1.Fact {
	return fact(f, func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
}

func codes(list []chart.Code) []*clinicalv1.Fact {
	out := make([]*clinicalv1.Fact, len(list))
	for i, c := range list {
		out[i] = code(c)
	}
	return out
}

// value is a plainly valued code, "" for every other state: what stands beside a pertinent negative does not count.
func value(c chart.Code) string {
	v, _ := c.Get()
	return v
}

func values(lists ...[]chart.Code) []string {
	var out []string
	for _, list := range lists {
		for _, c := range list {
			if v := value(c); v != "" {
				out = append(out, v)
			}
		}
	}
	return out
}
