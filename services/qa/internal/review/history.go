package review

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// HistoryLimit is the number of changes of a case that are told, the newest ones.
const HistoryLimit = 500

// Kind of a change.
type Kind uint8

// Kinds, in the order in which changes of one moment happen.
const (
	Opened Kind = iota + 1
	ChartLeft
	Withdrawn
	ChartJoined
	Superseded
	Triggered
)

// Change is one entry of a case's history.
type Change struct {
	Time          time.Time
	Kind          Kind
	Chart         Chart // zero where it concerns the case as a whole
	Codes         []trigger.Code
	PolicyVersion int // 0 where none was applied
}

// Stay is a chart's time on the case; without LeaveTime it is on it now. Of several stays the last one is known.
type Stay struct {
	Chart     Chart
	JoinTime  time.Time
	LeaveTime *time.Time
}

// Judged is what fired on one version of a chart, until the next version was judged or the chart left.
type Judged struct {
	Chart         Chart
	PolicyVersion int
	Codes         []trigger.Code
	Time          time.Time
	SupersedeTime *time.Time
}

// History tells what became of a case, oldest first, from what is kept of it.
func History(c Case, stays []Stay, judged []Judged) []Change {
	out := []Change{{Time: c.CreateTime, Kind: Opened, Chart: opener(c, judged)}}
	for _, s := range stays {
		out = append(out, ofChart(c, s, judgedOn(judged, s.Chart.ID))...)
	}
	slices.SortStableFunc(out, byMoment)
	out = withdrawals(out)
	if len(out) > HistoryLimit {
		out = out[len(out)-HistoryLimit:]
	}
	return out
}

func byMoment(a, b Change) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.Chart.ID[:], b.Chart.ID[:]))
}

// opener is the chart that was judged when the case was opened; unknown where its judgements are too many to be read.
func opener(c Case, judged []Judged) Chart {
	for _, j := range judged {
		if j.Time.Equal(c.CreateTime) {
			return j.Chart
		}
	}
	return Chart{}
}

func judgedOn(all []Judged, chart uuid.UUID) []Judged {
	var out []Judged
	for _, j := range all {
		if j.Chart.ID == chart {
			out = append(out, j)
		}
	}
	slices.SortFunc(out, func(a, b Judged) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Chart.Version, b.Chart.Version))
	})
	return out
}

// ofChart are the changes that one chart made. A chart joins with its first judgement, and again with the one that begins
// its last stay; the chart that opened the case did not join it.
func ofChart(c Case, s Stay, judged []Judged) []Change {
	var out []Change
	for i, j := range judged {
		first, returned := i == 0, i > 0 && j.Time.Equal(s.JoinTime)
		if (first && !j.Time.Equal(c.CreateTime)) || returned {
			out = append(out, Change{Time: j.Time, Kind: ChartJoined, Chart: j.Chart})
		}
		out = append(out, Change{Time: j.Time, Kind: Triggered, Chart: j.Chart, Codes: j.Codes, PolicyVersion: j.PolicyVersion})
		if j.SupersedeTime != nil {
			out = append(out, end(s, j, judged[i+1:])...)
		}
	}
	return out
}

// end is what the end of a judgement was: the chart left, or a newer version took its place. A version that fires the same
// again ended nothing.
func end(s Stay, j Judged, later []Judged) []Change {
	at := *j.SupersedeTime
	if s.LeaveTime != nil && s.LeaveTime.Equal(at) {
		return []Change{{Time: at, Kind: ChartLeft, Chart: s.Chart, Codes: j.Codes}}
	}
	gone := j.Codes
	if len(later) > 0 {
		if next := later[0]; next.Time.Equal(at) {
			gone = without(j.Codes, next.Codes)
		} else if next.Time.Equal(s.JoinTime) {
			return []Change{{Time: at, Kind: ChartLeft, Chart: j.Chart, Codes: j.Codes}}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return []Change{{Time: at, Kind: Superseded, Chart: j.Chart, Codes: gone}}
}

func without(codes, others []trigger.Code) []trigger.Code {
	return slices.DeleteFunc(slices.Clone(codes), func(c trigger.Code) bool { return slices.Contains(others, c) })
}

// withdrawals adds that the case was withdrawn where its last chart left. Another chart may come at the same moment, but
// never before: charts of an incident are judged one after the other.
func withdrawals(in []Change) []Change {
	on := map[uuid.UUID]bool{}
	var out []Change
	for _, ch := range in {
		out = append(out, ch)
		switch ch.Kind {
		case Opened, ChartJoined:
			on[ch.Chart.ID] = true
		case ChartLeft:
			if delete(on, ch.Chart.ID); len(on) == 0 {
				out = append(out, Change{Time: ch.Time, Kind: Withdrawn})
			}
		case Withdrawn, Superseded, Triggered:
		}
	}
	return out
}
