package review

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// Judgement is what the rules said of one version of a chart.
type Judgement struct {
	AgencyID       int64
	Chart          Chart
	IncidentNumber string
	Policy         PolicyVersion
	Fired          []trigger.Fired
	Time           time.Time
}

// Records are the cases of one agency within one transaction.
type Records interface {
	// Advance records the judgement and keeps other judgements of the chart waiting; false when this or a newer version of
	// the chart was judged before.
	Advance(ctx context.Context, j Judgement) (newer bool, err error)
	// IncidentOfChart is the incident key of the case that the chart is on, "" when it is on none.
	IncidentOfChart(ctx context.Context, chart uuid.UUID) (string, error)
	// LockIncident keeps other judgements of the incident waiting.
	LockIncident(ctx context.Context, key string) error
	// CaseOfChart locks the case that the chart is on; nil when it is on none.
	CaseOfChart(ctx context.Context, chart uuid.UUID) (*Case, error)
	// LatestCase locks the incident's case of the highest cycle, a withdrawn one included; nil without any.
	LatestCase(ctx context.Context, key string) (*Case, error)
	// Save stores the case itself.
	Save(ctx context.Context, c *Case) error
	// PutChart puts the chart on the case and stores its triggers in place of the former ones.
	PutChart(ctx context.Context, c *Case, chart Chart, at time.Time) error
	// RemoveChart takes the chart off the case; its triggers become history.
	RemoveChart(ctx context.Context, c *Case, chart Chart, at time.Time) error
	// Opened and Withdrawn tell others who may read the chart.
	Opened(c *Case, chart uuid.UUID)
	Withdrawn(c *Case, chart uuid.UUID)
}

// NewID makes the id of a new case.
type NewID func() (uuid.UUID, error)

// File files a judgement: it opens, changes or withdraws cases. The same judgement twice, or one of an older version, changes
// nothing.
func File(ctx context.Context, r Records, j Judgement, newID NewID) error {
	newer, err := r.Advance(ctx, j)
	if err != nil || !newer {
		return err
	}
	was, err := r.IncidentOfChart(ctx, j.Chart.ID)
	if err != nil || was == "" && len(j.Fired) == 0 {
		return err
	}
	key := IncidentKey(j.IncidentNumber, j.Chart.ID)
	current, latest, err := locked(ctx, r, j.Chart.ID, was, key)
	if err != nil {
		return err
	}
	p := place(current, latest, key, j.Chart.ID, j.Fired)
	if p.leave {
		if err := leave(ctx, r, current, j); err != nil {
			return err
		}
	}
	switch p.target {
	case onCurrent:
		return put(ctx, r, current, j)
	case onLatest:
		latest.WithdrawTime = nil
		return put(ctx, r, latest, j)
	case onNew:
		c, err := opened(j, key, latest, newID)
		if err != nil {
			return err
		}
		return put(ctx, r, c, j)
	default:
		return nil
	}
}

// locked takes the locks of both incidents in one order, so that two charts that change places do not wait for each other,
// and only then reads the cases.
func locked(ctx context.Context, r Records, chart uuid.UUID, was, key string) (current, latest *Case, err error) {
	keys := []string{key}
	if was != "" && was != key {
		keys = append(keys, was)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if err := r.LockIncident(ctx, k); err != nil {
			return nil, nil, err
		}
	}
	if was != "" {
		if current, err = r.CaseOfChart(ctx, chart); err != nil {
			return nil, nil, err
		}
	}
	latest, err = r.LatestCase(ctx, key)
	return current, latest, err
}

type target uint8

const (
	onNone    target = iota
	onCurrent        // the chart stays where it is
	onLatest         // the chart joins the incident's case, withdrawn or not
	onNew            // a new case, of the next cycle
)

type placement struct {
	leave  bool // the chart leaves its current case
	target target
}

// place decides where the chart belongs. current is the case that the chart is on, latest the newest one of the incident.
func place(current, latest *Case, key string, chart uuid.UUID, fired []trigger.Fired) placement {
	if current != nil {
		switch {
		case current.State == UnderReview:
			return placement{target: onCurrent}
		case current.State == Pending && len(fired) > 0 && current.IncidentKey == key:
			return placement{target: onCurrent}
		case current.State == Pending && len(fired) == 0:
			return placement{leave: true}
		case current.State == Pending:
			return placement{leave: true, target: targetOf(latest)}
		case !news(fired, current.codesOf(chart)):
			return placement{}
		}
	}
	if len(fired) == 0 {
		return placement{}
	}
	return placement{target: targetOf(latest)}
}

func targetOf(latest *Case) target {
	if latest == nil || latest.State == Closed {
		return onNew
	}
	return onLatest
}

// news reports whether something fired that a closed review has not seen.
func news(fired []trigger.Fired, seen []trigger.Code) bool {
	return slices.ContainsFunc(fired, func(f trigger.Fired) bool { return !slices.Contains(seen, f.Code) })
}

func opened(j Judgement, key string, latest *Case, newID NewID) (*Case, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	c := &Case{
		AgencyID: j.AgencyID, ID: id, IncidentKey: key, IncidentNumber: j.IncidentNumber, Cycle: 1,
		Chart: j.Chart, State: Pending, CreateTime: j.Time,
	}
	if latest != nil {
		c.Cycle = latest.Cycle + 1
	}
	return c, nil
}

func put(ctx context.Context, r Records, c *Case, j Judgement) error {
	joined := c.put(j.Chart, j.Policy.Version, j.Fired)
	c.Policy, c.UpdateTime = j.Policy, j.Time
	if err := r.Save(ctx, c); err != nil {
		return err
	}
	if err := r.PutChart(ctx, c, j.Chart, j.Time); err != nil {
		return err
	}
	if joined {
		r.Opened(c, j.Chart.ID)
	}
	return nil
}

func leave(ctx context.Context, r Records, c *Case, j Judgement) error {
	c.remove(j.Chart.ID, j.Time)
	c.UpdateTime = j.Time
	if err := r.RemoveChart(ctx, c, j.Chart, j.Time); err != nil {
		return err
	}
	if err := r.Save(ctx, c); err != nil {
		return err
	}
	r.Withdrawn(c, j.Chart.ID)
	return nil
}
