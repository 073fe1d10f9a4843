package review

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

func TestHistory(t *testing.T) {
	first, second := uuid.MustParse("11111111-0000-4000-8000-000000000000"), uuid.MustParse("22222222-0000-4000-8000-000000000000")
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }
	until := func(minute int) *time.Time { v := at(minute); return &v }
	judged := func(chart uuid.UUID, version, from int, end *time.Time, codes ...trigger.Code) Judged {
		return Judged{Chart: Chart{chart, version}, PolicyVersion: 3, Codes: codes, Time: at(from), SupersedeTime: end}
	}
	stay := func(chart uuid.UUID, version, from int, end *time.Time) Stay {
		return Stay{Chart: Chart{chart, version}, JoinTime: at(from), LeaveTime: end}
	}
	opened := Case{CreateTime: at(0)}
	for name, tc := range map[string]struct {
		stays  []Stay
		judged []Judged
		want   string
	}{
		"opened": {
			[]Stay{stay(first, 1, 0, nil)}, []Judged{judged(first, 1, 0, nil, trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST",
		},
		"a second unit": {
			[]Stay{stay(first, 1, 0, nil), stay(second, 1, 5, nil)},
			[]Judged{judged(first, 1, 0, nil, trigger.Arrest), judged(second, 1, 5, nil, trigger.Refusal)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 05 joined 2v1; 05 triggered 2v1 PRAC.REFUSAL",
		},
		"a new version fires less": {
			[]Stay{stay(first, 2, 0, nil)},
			[]Judged{judged(first, 1, 0, until(7), trigger.Arrest, trigger.Refusal), judged(first, 2, 7, nil, trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST PRAC.REFUSAL; 07 superseded 1v1 PRAC.REFUSAL; 07 triggered 1v2 CLIN.ARREST",
		},
		"a new version fires the same": {
			[]Stay{stay(first, 2, 0, nil)},
			[]Judged{judged(first, 1, 0, until(7), trigger.Arrest), judged(first, 2, 7, nil, trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 07 triggered 1v2 CLIN.ARREST",
		},
		"nothing fires during a review": {
			[]Stay{stay(first, 2, 0, nil)}, []Judged{judged(first, 1, 0, until(7), trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 07 superseded 1v1 CLIN.ARREST",
		},
		"nothing fires for a while during a review": {
			[]Stay{stay(first, 3, 0, nil)},
			[]Judged{judged(first, 1, 0, until(7), trigger.Arrest), judged(first, 3, 9, nil, trigger.Refusal)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 07 superseded 1v1 CLIN.ARREST; 09 triggered 1v3 PRAC.REFUSAL",
		},
		"withdrawn": {
			[]Stay{stay(first, 2, 0, until(8))}, []Judged{judged(first, 1, 0, until(8), trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 08 left 1v2 CLIN.ARREST; 08 withdrawn",
		},
		"withdrawn and returned": {
			[]Stay{stay(first, 3, 9, nil)},
			[]Judged{judged(first, 1, 0, until(8), trigger.Arrest), judged(first, 3, 9, nil, trigger.STEMI)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 08 left 1v1 CLIN.ARREST; 08 withdrawn; 09 joined 1v3; 09 triggered 1v3 CLIN.STEMI",
		},
		"one of two left": {
			[]Stay{stay(first, 2, 0, until(8)), stay(second, 1, 5, nil)},
			[]Judged{judged(first, 1, 0, until(8), trigger.Arrest), judged(second, 1, 5, nil, trigger.Arrest)},
			"00 opened 1v1; 00 triggered 1v1 CLIN.ARREST; 05 joined 2v1; 05 triggered 2v1 CLIN.ARREST; 08 left 1v2 CLIN.ARREST",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(History(opened, tc.stays, tc.judged)); got != tc.want {
				t.Errorf("\n got %s\nwant %s", got, tc.want)
			}
		})
	}
}

func told(changes []Change) string {
	names := map[Kind]string{
		Opened: "opened", ChartLeft: "left", Withdrawn: "withdrawn", ChartJoined: "joined", Superseded: "superseded", Triggered: "triggered",
	}
	var out []string
	for _, c := range changes {
		line := fmt.Sprintf("%02d %s", c.Time.Minute(), names[c.Kind])
		if c.Chart.ID != uuid.Nil {
			line += fmt.Sprintf(" %sv%d", c.Chart.ID.String()[:1], c.Chart.Version)
		}
		for _, code := range c.Codes {
			line += " " + string(code)
		}
		if (c.Kind == Triggered) != (c.PolicyVersion == 3) {
			line += " (policy version)"
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// A case with very many versions tells its newest changes.
func TestHistoryIsLimited(t *testing.T) {
	chart, begin := uuid.New(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var judged []Judged
	for i := range HistoryLimit {
		from, to := begin.Add(time.Duration(i)*time.Minute), begin.Add(time.Duration(i+1)*time.Minute)
		code := []trigger.Code{trigger.Arrest, trigger.STEMI}[i%2]
		judged = append(judged, Judged{Chart: Chart{chart, i + 1}, Codes: []trigger.Code{code}, Time: from, SupersedeTime: &to})
	}
	last := &judged[len(judged)-1]
	last.SupersedeTime = nil
	got := History(Case{CreateTime: begin}, []Stay{{Chart: last.Chart, JoinTime: begin}}, judged)
	if len(got) != HistoryLimit || got[len(got)-1].Chart.Version != HistoryLimit || got[len(got)-1].Kind != Triggered {
		t.Errorf("%d changes, the last of version %d", len(got), got[len(got)-1].Chart.Version)
	}
}

func TestPage(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }
	var list []Case
	for i, p := range []Priority{Low, High, Medium, High} {
		list = append(list, Case{ID: uuid.New(), Priority: p, CreateTime: at(i)})
	}
	for order, want := range map[Order][]int{Newest: {3, 2, 1, 0}, Oldest: {0, 1, 2, 3}, Urgent: {1, 3, 2, 0}} {
		q, got := Query{Order: order}, []int(nil)
		for {
			part := q.Page(list, 3)
			if len(part) == 0 {
				break
			}
			for _, c := range part {
				got = append(got, c.CreateTime.Minute())
			}
			q.After = PositionOf(part[len(part)-1])
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v, want %v", order, got, want)
		}
	}
}

func TestUrgencyIsThePriority(t *testing.T) {
	for _, p := range []Priority{Low, Medium, High} {
		if PriorityOf(p.Urgency()) != p {
			t.Errorf("%s comes back as %s", p, PriorityOf(p.Urgency()))
		}
	}
}
