package review

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

func firedCodes(codes ...trigger.Code) []trigger.Fired {
	var out []trigger.Fired
	for _, c := range codes {
		class := trigger.Mandatory
		if c == trigger.Refusal || c == trigger.NoVitals || c == trigger.ResponseHigh {
			class = trigger.Optional
		}
		out = append(out, trigger.Fired{Code: c, Class: class})
	}
	return out
}

func TestPlace(t *testing.T) {
	chart := uuid.New()
	const here, there = "incident:1", "incident:2"
	on := func(state State, key string, codes ...trigger.Code) *Case {
		c := &Case{State: state, IncidentKey: key}
		c.put(Chart{ID: chart, Version: 1}, 1, firedCodes(codes...))
		return c
	}
	withdrawn := &Case{State: Pending, IncidentKey: here, WithdrawTime: &time.Time{}}
	pending := &Case{State: Pending, IncidentKey: here}
	review := &Case{State: UnderReview, IncidentKey: here}
	closed := &Case{State: Closed, IncidentKey: here}
	some, none := firedCodes(trigger.Arrest), firedCodes()
	for name, tc := range map[string]struct {
		current, latest *Case
		fired           []trigger.Fired
		want            placement
	}{
		"first chart of the incident":          {nil, nil, some, placement{target: onNew}},
		"nothing fires on a new chart":         {nil, nil, none, placement{}},
		"nothing fires beside another's case":  {nil, pending, none, placement{}},
		"second unit joins":                    {nil, pending, some, placement{target: onLatest}},
		"second unit joins a review":           {nil, review, some, placement{target: onLatest}},
		"second unit after the review":         {nil, closed, some, placement{target: onNew}},
		"second unit revives a withdrawn case": {nil, withdrawn, some, placement{target: onLatest}},
		"new version":                          {on(Pending, here, trigger.STEMI), pending, some, placement{target: onCurrent}},
		"nothing fires any more":               {on(Pending, here, trigger.STEMI), pending, none, placement{leave: true}},
		"nothing fires any more, under review": {on(UnderReview, here, trigger.STEMI), review, none, placement{target: onCurrent}},
		"moved to another incident":            {on(Pending, there, trigger.STEMI), pending, some, placement{leave: true, target: onLatest}},
		"moved to an incident without a case":  {on(Pending, there, trigger.STEMI), nil, some, placement{leave: true, target: onNew}},
		"moved while under review":             {on(UnderReview, there, trigger.STEMI), nil, some, placement{target: onCurrent}},
		"moved, and nothing fires":             {on(Pending, there, trigger.STEMI), nil, none, placement{leave: true}},
		"closed, the same fires":               {on(Closed, here, trigger.Arrest, trigger.STEMI), closed, some, placement{}},
		"closed, something new fires":          {on(Closed, here, trigger.STEMI), closed, some, placement{target: onNew}},
		"closed, nothing fires any more":       {on(Closed, here, trigger.STEMI), closed, none, placement{}},
		"closed, something new, next is open":  {on(Closed, here, trigger.STEMI), pending, some, placement{target: onLatest}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := place(tc.current, tc.latest, here, chart, tc.fired); got != tc.want {
				t.Errorf("placement %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestPriorityAndClassOfACase(t *testing.T) {
	for name, tc := range map[string]struct {
		codes    []trigger.Code
		priority Priority
		class    trigger.Class
	}{
		"optional only":      {[]trigger.Code{trigger.Refusal, trigger.NoVitals}, Low, trigger.Optional},
		"a mandatory time":   {[]trigger.Code{trigger.Refusal, trigger.ResponseCritical}, Medium, trigger.Mandatory},
		"a clinical event":   {[]trigger.Code{trigger.ResponseCritical, trigger.Arrest}, High, trigger.Mandatory},
		"clinical comes 1st": {[]trigger.Code{trigger.Arrest, trigger.ResponseCritical, trigger.Refusal}, High, trigger.Mandatory},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Case{}
			c.put(Chart{ID: uuid.New(), Version: 1}, 1, firedCodes(tc.codes...))
			if c.Priority != tc.priority || c.Class != tc.class {
				t.Errorf("%s, %s; want %s, %s", c.Priority, c.Class, tc.priority, tc.class)
			}
		})
	}
}

func TestChartsOfACase(t *testing.T) {
	first, second := uuid.New(), uuid.New()
	c := &Case{Chart: Chart{ID: first, Version: 1}}
	if !c.put(Chart{ID: first, Version: 1}, 1, firedCodes(trigger.Arrest)) {
		t.Error("the first chart did not join")
	}
	if !c.put(Chart{ID: second, Version: 1}, 1, firedCodes(trigger.Refusal)) || c.Chart.ID != first {
		t.Errorf("the second chart took the place of the first: %v", c.Chart)
	}
	if c.put(Chart{ID: first, Version: 2}, 2, firedCodes(trigger.STEMI)) {
		t.Error("a new version joined again")
	}
	if c.Chart.Version != 2 || len(c.Triggers) != 2 {
		t.Errorf("after a new version: %v, %d triggers", c.Chart, len(c.Triggers))
	}
	c.remove(first, time.Now())
	if c.Chart.ID != second || c.WithdrawTime != nil || c.Priority != Low {
		t.Errorf("after the first left: chart %v, withdrawn %v, priority %s", c.Chart, c.WithdrawTime, c.Priority)
	}
	at := time.Now()
	c.remove(second, at)
	if c.WithdrawTime == nil || !c.WithdrawTime.Equal(at) || len(c.Triggers) != 0 {
		t.Errorf("after the last left: withdrawn %v, %d triggers", c.WithdrawTime, len(c.Triggers))
	}
}

func TestIncidentKey(t *testing.T) {
	a, b := uuid.New(), uuid.New()
	if IncidentKey("", a) == IncidentKey("", b) {
		t.Error("two charts without an incident number are one incident")
	}
	if IncidentKey("7", a) != IncidentKey("7", b) {
		t.Error("two charts of one incident are two")
	}
	if IncidentKey("chart:"+a.String(), b) == IncidentKey("", a) {
		t.Error("an incident number can pass for a chart")
	}
}
