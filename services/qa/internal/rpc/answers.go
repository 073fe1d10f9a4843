package rpc

import (
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
)

//nolint:gosec // versions count up from 1
func historyTo(changes []review.Change) *qav1.CaseHistory {
	out := &qav1.CaseHistory{}
	for _, ch := range changes {
		e := &qav1.CaseHistory_Entry{
			Time: timestamppb.New(ch.Time), Kind: kindTo(ch.Kind), ChartVersion: int32(ch.Chart.Version), PolicyVersion: int32(ch.PolicyVersion),
		}
		if ch.Chart.ID != uuid.Nil {
			e.ChartId = ch.Chart.ID.String()
		}
		for _, c := range ch.Codes {
			e.TriggerCodes = append(e.TriggerCodes, string(c))
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

func kindTo(k review.Kind) qav1.CaseHistory_Kind {
	switch k {
	case review.Opened:
		return qav1.CaseHistory_KIND_OPENED
	case review.Triggered:
		return qav1.CaseHistory_KIND_TRIGGERED
	case review.Superseded:
		return qav1.CaseHistory_KIND_SUPERSEDED
	case review.ChartJoined:
		return qav1.CaseHistory_KIND_CHART_JOINED
	case review.ChartLeft:
		return qav1.CaseHistory_KIND_CHART_LEFT
	case review.Withdrawn:
		return qav1.CaseHistory_KIND_WITHDRAWN
	}
	return qav1.CaseHistory_KIND_UNSPECIFIED
}

func summaryTo(s review.Summary) *qav1.CaseSummary {
	out := &qav1.CaseSummary{}
	for _, c := range s.Counts {
		out.Counts = append(out.Counts, &qav1.CaseSummary_Count{
			State: stateTo(c.State), Priority: priorityTo(c.Priority), Cases: c.Cases, OldestCreateTime: timestamppb.New(c.Oldest),
		})
	}
	for _, t := range s.Triggers {
		out.Triggers = append(out.Triggers, &qav1.CaseSummary_TriggerCount{Code: string(t.Code), Cases: t.Cases})
	}
	return out
}
