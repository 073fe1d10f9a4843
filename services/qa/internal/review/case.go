package review

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// State of a case.
type State string

// States.
const (
	Pending     State = "pending"
	UnderReview State = "under_review"
	Closed      State = "closed"
)

// Priority says how soon a case should be reviewed.
type Priority string

// Priorities of a case: optional triggers only, a mandatory trigger, a mandatory clinical trigger.
const (
	Low    Priority = "low"
	Medium Priority = "medium"
	High   Priority = "high"
)

// PolicyVersion names the governance policy version that something was judged under.
type PolicyVersion struct {
	Key     string
	Version int
	SHA256  string
}

// Chart is one version of a chart.
type Chart struct {
	ID      uuid.UUID
	Version int
}

// Trigger is a rule that fired on a chart of the case.
type Trigger struct {
	trigger.Fired
	Chart         Chart
	PolicyVersion int
}

// Case is the quality review of one incident.
type Case struct {
	AgencyID       int64
	ID             uuid.UUID
	IncidentKey    string
	IncidentNumber string
	Cycle          int
	// Chart is the one that opened the case, or the oldest that is still on it.
	Chart    Chart
	State    State
	Priority Priority
	Class    trigger.Class
	// Policy is the version that the case was last judged under.
	Policy       PolicyVersion
	WithdrawTime *time.Time
	CreateTime   time.Time
	UpdateTime   time.Time
	// Charts are on the case now, in the order in which they came.
	Charts []Chart
	// Triggers hold on the newest versions of the charts.
	Triggers []Trigger
}

// IncidentKey says which charts are one incident.
func IncidentKey(incidentNumber string, chart uuid.UUID) string {
	if incidentNumber == "" {
		return "chart:" + chart.String()
	}
	return "incident:" + incidentNumber
}

func (c *Case) on(chart uuid.UUID) int {
	return slices.IndexFunc(c.Charts, func(x Chart) bool { return x.ID == chart })
}

// put gives the chart these triggers in place of its former ones; true when the chart is new on the case.
func (c *Case) put(chart Chart, policyVersion int, fired []trigger.Fired) (joined bool) {
	c.Triggers = slices.DeleteFunc(slices.Clone(c.Triggers), func(t Trigger) bool { return t.Chart.ID == chart.ID })
	for _, f := range fired {
		c.Triggers = append(c.Triggers, Trigger{Fired: f, Chart: chart, PolicyVersion: policyVersion})
	}
	i := c.on(chart.ID)
	if i >= 0 {
		c.Charts[i] = chart
	} else {
		c.Charts = append(slices.Clone(c.Charts), chart)
	}
	c.head()
	return i < 0
}

// remove takes the chart off the case; the case is withdrawn when it was the last.
func (c *Case) remove(chart uuid.UUID, at time.Time) {
	c.Triggers = slices.DeleteFunc(slices.Clone(c.Triggers), func(t Trigger) bool { return t.Chart.ID == chart })
	c.Charts = slices.DeleteFunc(slices.Clone(c.Charts), func(x Chart) bool { return x.ID == chart })
	if len(c.Charts) == 0 {
		c.WithdrawTime = &at
	}
	c.head()
}

// head derives what the case says of itself. A case under review on which nothing fires any more keeps what it said.
func (c *Case) head() {
	if len(c.Charts) > 0 {
		if i := c.on(c.Chart.ID); i >= 0 {
			c.Chart = c.Charts[i]
		} else {
			c.Chart = c.Charts[0]
		}
	}
	if len(c.Triggers) == 0 {
		return
	}
	c.Class, c.Priority = trigger.Optional, Low
	for _, t := range c.Triggers {
		if t.Class != trigger.Mandatory {
			continue
		}
		c.Class = trigger.Mandatory
		if t.Code.Clinical() {
			c.Priority = High
		} else if c.Priority == Low {
			c.Priority = Medium
		}
	}
}

// codesOf are the rules that fired on the chart, as the case has them.
func (c *Case) codesOf(chart uuid.UUID) []trigger.Code {
	var out []trigger.Code
	for _, t := range c.Triggers {
		if t.Chart.ID == chart {
			out = append(out, t.Code)
		}
	}
	return out
}
