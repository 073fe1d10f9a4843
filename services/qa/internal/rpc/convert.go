package rpc

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

//nolint:gosec // versions count up from 1
func caseTo(c review.Case) *qav1.Case {
	out := &qav1.Case{
		Id: c.ID.String(), AgencyId: c.AgencyID, ChartId: c.Chart.ID.String(), ChartVersion: int32(c.Chart.Version),
		IncidentNumber: c.IncidentNumber, State: stateTo(c.State), Priority: priorityTo(c.Priority), TriggerClass: classTo(c.Class),
		PolicyVersion: &commonv1.PolicyVersionRef{Key: c.Policy.Key, Version: int32(c.Policy.Version), Sha256: c.Policy.SHA256},
		CreateTime:    timestamppb.New(c.CreateTime), UpdateTime: timestamppb.New(c.UpdateTime),
	}
	for _, x := range c.Charts {
		out.ChartIds = append(out.ChartIds, x.ID.String())
	}
	for _, t := range c.Triggers {
		out.Triggers = append(out.Triggers, &qav1.Trigger{
			Code: string(t.Code), TriggerClass: classTo(t.Class), MeasuredValue: t.Measured, Threshold: t.Threshold, Unit: t.Unit,
			RuleVersion: int32(t.PolicyVersion), Explanation: t.Explanation, Elements: t.Elements, ChartId: t.Chart.ID.String(),
		})
	}
	return out
}

func casesTo(list []review.Case) []*qav1.Case {
	var out []*qav1.Case
	for _, c := range list {
		out = append(out, caseTo(c))
	}
	return out
}

// orderFrom reads order_by, which the contract restricts to the known orders; newest first is the default by its name too.
func orderFrom(orderBy string) review.Order {
	switch o := review.Order(orderBy); o {
	case review.Oldest, review.Urgent:
		return o
	case review.Newest:
	}
	return review.Newest
}

func stateTo(s review.State) qav1.Case_State {
	switch s {
	case review.Pending:
		return qav1.Case_STATE_PENDING
	case review.UnderReview:
		return qav1.Case_STATE_UNDER_REVIEW
	case review.Closed:
		return qav1.Case_STATE_CLOSED
	}
	return qav1.Case_STATE_UNSPECIFIED
}

func stateFrom(s qav1.Case_State) review.State {
	switch s {
	case qav1.Case_STATE_PENDING:
		return review.Pending
	case qav1.Case_STATE_UNDER_REVIEW:
		return review.UnderReview
	case qav1.Case_STATE_CLOSED:
		return review.Closed
	case qav1.Case_STATE_UNSPECIFIED:
	}
	return ""
}

func priorityTo(p review.Priority) qav1.Case_Priority {
	switch p {
	case review.Low:
		return qav1.Case_PRIORITY_LOW
	case review.Medium:
		return qav1.Case_PRIORITY_MEDIUM
	case review.High:
		return qav1.Case_PRIORITY_HIGH
	}
	return qav1.Case_PRIORITY_UNSPECIFIED
}

func priorityFrom(p qav1.Case_Priority) review.Priority {
	switch p {
	case qav1.Case_PRIORITY_LOW:
		return review.Low
	case qav1.Case_PRIORITY_MEDIUM:
		return review.Medium
	case qav1.Case_PRIORITY_HIGH:
		return review.High
	case qav1.Case_PRIORITY_UNSPECIFIED:
	}
	return ""
}

func classTo(c trigger.Class) qav1.TriggerClass {
	switch c {
	case trigger.Mandatory:
		return qav1.TriggerClass_TRIGGER_CLASS_MANDATORY
	case trigger.Optional:
		return qav1.TriggerClass_TRIGGER_CLASS_OPTIONAL
	}
	return qav1.TriggerClass_TRIGGER_CLASS_UNSPECIFIED
}
